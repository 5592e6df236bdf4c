# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a mail after SES took it: whatever SES tells of a copy, somebody gets the mail, and nobody twice.

Each case is one mail to an address of its own, and all mails of a table are on their way together.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._deliveries.api import find_deliveries
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.model import check_query
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._stack import delivery_table
from tests.integration.forwarding import ATTACHED, COPY, DOMAIN, LETTER, MAP, STACK, Forwarding, deployed
from tests.integration.test_ad_hoc import ad_hoc
from tests.integration.test_create_account import wait_until
from tests.local_aws.playbook import PlaybookFailedError, run_playbook
from tests.local_aws.received_mail import EICAR

ADMIN, DESK = "admin@example.com", "desk@example.com"
BODY = b"Your password reset link is here.\r\n"
MAIL = b"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: Reset\r\n\r\n" + BODY
FORGED = "spam=PASS virus=PASS dmarc=FAIL;reject"
# The forms in which a mail leaves that comes to a word of an audit line.
FORMS = {"sent": COPY, "sent-to-fallback": ATTACHED, "sent-to-admin": ATTACHED, "quarantined": LETTER, "kept": LETTER}
# What a later step of a case does: it gets the forwarder, the case and the id of its mail.
Step = Callable[[Forwarding, "Case", str], Any]


@dataclass(frozen=True)
class Case:
    """One mail: whose it is, what the mailboxes do with it, what is done ``then``, and what must come of it.

    Mailboxes are names; those other than "admin" and "desk" are the case's own. ``does`` calls a method of local AWS's
    mailboxes. ``story`` is what the audit lines say became of the mail, by mailbox; ``failing`` who is marked, and why.
    """

    id: str
    story: Mapping[str, str]
    owners: tuple[str, ...] = ("ann",)
    fallbacks: tuple[str, ...] = ()
    does: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failing: Mapping[str, str] = field(default_factory=dict)
    then: Step | None = None
    suppressed: Mapping[str, str] = field(default_factory=dict)
    data: bytes = MAIL
    verdicts: str | None = None

    @property
    def address(self) -> str:
        return f"{self.id}@{DOMAIN}"

    def mailbox(self, name: str) -> str:
        return {"admin": ADMIN, "desk": DESK}.get(name, f"{name}.{self.id}@example.org")

    def mailboxes(self, names: tuple[str, ...]) -> list[str]:
        return [self.mailbox(name) for name in names]


def later(name: str, *does: str) -> Step:
    """Return the step that lets a mailbox do something else."""
    return lambda forwarding, case, _id: getattr(forwarding.aws.mailboxes, does[0])(case.mailbox(name), *does[1:])


def removed(forwarding: Forwarding, case: Case, _id: str) -> None:
    """Give the address to somebody else, and only then let the mail to its owner bounce."""
    forwarding.vend(case.address, [case.mailbox("bob")])
    later("ann", "bounces")(forwarding, case, "")


def retired(forwarding: Forwarding, case: Case, _id: str) -> None:
    forwarding.vend(case.address, [case.mailbox("ann")], status="retired")
    later("ann", "bounces")(forwarding, case, "")


def released(forwarding: Forwarding, case: Case, message_id: str) -> None:
    later("ann", "bounces")(forwarding, case, "")
    assert forwarding.release(message_id)["deliveries"] == {"sent": 1}


BOUNCES = {"ann": ("bounces",)}
TO_DESK = {"desk": "sent-to-fallback delivered"}
CASES = (
    Case("delivered", {"ann": "sent delivered"}),
    Case("bounced", {"ann": "sent bounced", **TO_DESK}, does=BOUNCES, failing={"ann": "bounced"}),
    Case(
        "transient",
        {"ann": "sent transient", **TO_DESK},
        does={"ann": ("bounces", "Transient")},
        failing={"ann": "transient"},
    ),
    Case(
        "mailbox-full",
        {"ann": "sent transient", **TO_DESK},
        does={"ann": ("bounces", "Transient", "MailboxFull")},
        failing={"ann": "transient"},
    ),
    Case(
        "undetermined",
        {"ann": "sent transient", **TO_DESK},
        does={"ann": ("bounces", "Undetermined")},
        failing={"ann": "transient"},
    ),
    Case(
        "complained",
        {"ann": "sent delivered complained", **TO_DESK},
        does={"ann": ("complains",)},
        failing={"ann": "complained"},
    ),
    Case(
        "suppressed",
        {"ann": "sent suppressed", **TO_DESK},
        suppressed={"ann": "BOUNCE"},
        failing={"ann": "suppressed"},
    ),
    Case(
        "suppressed-for-a-complaint",
        {"ann": "sent suppressed", **TO_DESK},
        suppressed={"ann": "COMPLAINT"},
        failing={"ann": "suppressed"},
    ),
    Case("delayed", {"ann": "sent delayed delivered"}, does={"ann": ("delays",)}, then=later("ann", "works")),
    Case(
        "given-up",
        {"ann": "sent delayed transient", **TO_DESK},
        does={"ann": ("delays",)},
        then=later("ann", "bounces", "Transient"),
        failing={"ann": "transient"},
    ),
    Case(
        "rejected",
        {"ann": "sent rejected kept delivered"},
        data=MAIL + EICAR + b"\r\n",
        verdicts="virus=PASS",
    ),
    Case("rejected-whatever-it-is", {"ann": "sent rejected kept"}, does={"ann": ("rejects",)}),
    Case(
        "one-of-two",
        {"bob": "sent delivered", "ann": "sent bounced", **TO_DESK},
        owners=("bob", "ann"),
        does=BOUNCES,
        failing={"ann": "bounced"},
    ),
    Case(
        "both",
        {"bob": "sent bounced", "ann": "sent bounced", **TO_DESK},
        owners=("bob", "ann"),
        does={**BOUNCES, "bob": ("bounces",)},
        failing={"ann": "bounced", "bob": "bounced"},
    ),
    Case(
        "fallback-of-the-address",
        {"ann": "sent bounced", "sub": "sent-to-fallback delivered"},
        fallbacks=("sub",),
        does=BOUNCES,
        failing={"ann": "bounced"},
    ),
    Case(
        "two-fallbacks",
        {"ann": "sent bounced", "sub": "sent-to-fallback delivered", "sue": "sent-to-fallback delivered"},
        fallbacks=("sub", "sue"),
        does=BOUNCES,
        failing={"ann": "bounced"},
    ),
    Case(
        "fallback-bounces-too",
        {"ann": "sent bounced", "sub": "sent-to-fallback bounced", **TO_DESK},
        fallbacks=("sub",),
        does={**BOUNCES, "sub": ("bounces",)},
        failing={"ann": "bounced", "sub": "bounced"},
    ),
    Case(
        "removed",
        {"ann": "sent delayed bounced", "bob": "sent-to-fallback delivered"},
        does={"ann": ("delays",)},
        then=removed,
    ),
    Case(
        "retired",
        {"ann": "sent delayed bounced", "admin": "sent-to-fallback delivered"},
        does={"ann": ("delays",)},
        then=retired,
        failing={"ann": "bounced"},
    ),
    Case(
        "quarantined",
        {"ann": "quarantined bounced", "desk": "quarantined delivered"},
        does=BOUNCES,
        verdicts=FORGED,
        failing={"ann": "bounced"},
    ),
    Case(
        "released",
        {"ann": "quarantined delivered sent bounced", **TO_DESK},
        verdicts=FORGED,
        then=released,
        failing={"ann": "bounced"},
    ),
)
NIGHT, CHIEF = "night@example.com", "chief@example.com"
# Of a forwarder without fallback owners of its own.
ADMIN_ALONE = (
    Case("nobody-else", {"ann": "sent bounced", "admin": "sent-to-fallback delivered"}, does=BOUNCES),
    Case(
        "nobody-else-but-the-fallback-of-the-address",
        {"ann": "sent bounced", "sub": "sent-to-fallback transient", "admin": "sent-to-fallback delivered"},
        fallbacks=("sub",),
        does={**BOUNCES, "sub": ("bounces", "Transient")},
    ),
)


@dataclass(frozen=True)
class Ended:
    """What became of cases once nothing was on its way any more."""

    ids: Mapping[str, str]
    stories: Mapping[str, Mapping[str, list[str]]]
    got: Mapping[str, Mapping[str, list[str]]]

    def check(self, case: Case) -> None:
        """Check that the story of a case is the expected one, and that each mailbox got what it says and no more."""
        mail = self.ids[case.id]
        expected = {case.mailbox(name): sorted(words.split()) for name, words in case.story.items()}
        assert self.stories[mail] == expected
        arrived = {case.mailbox(name): forms_that_arrived(words) for name, words in case.story.items()}
        assert self.got.get(mail, {}) == {mailbox: forms for mailbox, forms in arrived.items() if forms}


def forms_that_arrived(story: str) -> list[str]:
    """Return the forms of the mails that a mailbox got: what is followed by "delivered", whatever was told between."""
    forms, waiting = [], ""
    for word in story.split():
        if word == "delivered":
            forms.append(waiting)
        waiting = FORMS.get(word, waiting)
    return forms


def run(forwarding: Forwarding, cases: tuple[Case, ...]) -> dict[str, str]:
    """Send the mails of all cases and return their ids once nothing is on its way."""
    for case in cases:
        forwarding.vend(case.address, case.mailboxes(case.owners), case.mailboxes(case.fallbacks))
        for name, (does, *given) in case.does.items():
            getattr(forwarding.aws.mailboxes, does)(case.mailbox(name), *given)
        for name, reason in case.suppressed.items():
            forwarding.aws.suppression.put(case.mailbox(name), reason)
    ids = {case.id: forwarding.receive(case.address, case.data, case.verdicts) for case in cases}
    forwarding.settle()
    for case in cases:
        if case.then:
            case.then(forwarding, case, ids[case.id])
    forwarding.settle()
    return ids


def ended(forwarding: Forwarding, ids: Mapping[str, str]) -> Ended:
    return Ended(ids, forwarding.stories(), forwarding.got())


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    folder = tmp_path_factory.mktemp("after-sending")
    with deployed(folder, ADMIN, mail_forwarder_fallback_owners=[DESK]) as found:
        yield found


@pytest.fixture(scope="module")
def table(forwarding: Forwarding) -> Ended:
    """Run the cases of the table, all of them together."""
    return ended(forwarding, run(forwarding, CASES))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_whatever_ses_tells_somebody_gets_the_mail_and_nobody_twice(table: Ended, case: Case) -> None:
    table.check(case)


@pytest.mark.usefixtures("table")
def test_whose_mailbox_fails_is_told_with_the_address(forwarding: Forwarding) -> None:
    environment: dict[str, str | None] = {**forwarding.aws.environment, "ANSIBLE_HOME": str(forwarding.folder)}
    told = ad_hoc(environment, {"table": MAP}, module="vended_address_info")["vended_addresses"]
    failing = {
        one["address"]: {mailbox["mailbox"]: mailbox["reason"] for mailbox in one["owners_failing"]} for one in told
    }
    assert {case.id: failing[case.address] for case in CASES} == {
        case.id: {case.mailbox(name): reason for name, reason in case.failing.items()} for case in CASES
    }


def test_a_letter_says_whose_mailbox_refused_it_and_in_what_words(forwarding: Forwarding, table: Ended) -> None:
    (mail,) = [one for one in forwarding.aws.outbox.messages() if one.tags["message_id"] == table.ids["bounced"]]
    text = " ".join(mail.data.decode().split())
    assert "You get this in place of ann.bounced@example.org. That mailbox refuses mail for good." in text
    assert "Its mail server says: smtp; 550 5.1.1 user unknown" in text


# Who received what in some cases, by their ids: mailbox, form, what became of it, in whose place, and whether it was
# sent for a release.
RECEIVED: dict[str, set[tuple[str, str, str, str | None, bool]]] = {
    "delivered": {("ann", "sent", "delivered", None, False)},
    "bounced": {("ann", "sent", "bounced", None, False), ("desk", "sent-to-fallback", "delivered", "ann", False)},
    "complained": {("ann", "sent", "complained", None, False), ("desk", "sent-to-fallback", "delivered", "ann", False)},
    "delayed": {("ann", "sent", "delivered", None, False)},
    "rejected": {("ann", "sent", "rejected", None, False), ("ann", "kept", "delivered", None, False)},
    "released": {
        ("ann", "quarantined", "delivered", None, False),
        ("ann", "sent", "bounced", None, True),
        ("desk", "sent-to-fallback", "delivered", "ann", True),
    },
}


def received(forwarding: Forwarding, **asked: str) -> list[dict[str, Any]]:
    """Return what the record has of who received what, as the module finds it."""
    query = check_query(*(asked.get(name) for name in ("message_id", "address", "start_date", "end_date")))
    found = find_deliveries(forwarding.client("dynamodb"), delivery_table(STACK), query)
    return [one.to_dict() for one in found]


@pytest.mark.parametrize("name", RECEIVED)
def test_the_record_says_who_received_a_mail(forwarding: Forwarding, table: Ended, name: str) -> None:
    (case,) = [one for one in CASES if one.id == name]
    by_id = received(forwarding, message_id=table.ids[name])
    expected = {
        (case.mailbox(to), form, became, case.mailbox(instead) if instead else None, released)
        for to, form, became, instead, released in RECEIVED[name]
    }
    shown = ("sent_to", "form", "became", "instead_of", "released")
    assert {tuple(one[field] for field in shown) for one in by_id} == expected
    assert {one["address"] for one in by_id} == {case.address}
    assert {one["sender"] for one in by_id} == {"bounce@example.org"}
    # The same by the address, of which there is one mail, and within a period.
    today = datetime.now(UTC).date()
    period = {"start_date": str(today - timedelta(days=1)), "end_date": str(today + timedelta(days=1))}
    assert received(forwarding, address=case.address.upper(), **period) == by_id
    assert received(forwarding, address=case.address, end_date=period["start_date"]) == []


def test_the_record_is_shown_to_people(forwarding: Forwarding, table: Ended) -> None:
    log = forwarding.folder / "list_deliveries.log"

    def listed(**variables: str) -> str:
        log.unlink(missing_ok=True)
        given = {f"mail_forwarder_{name}": value for name, value in variables.items()}
        assert run_playbook("list_deliveries", given, forwarding.aws.environment, log).changed == 0
        return log.read_text()

    (case,) = [one for one in CASES if one.id == "bounced"]
    environment: dict[str, str | None] = {**forwarding.aws.environment, "ANSIBLE_HOME": str(forwarding.folder)}
    by_module = ad_hoc(environment, {"address": case.address}, module="deliveries_info")["deliveries"]
    assert by_module == received(forwarding, address=case.address)
    text = listed(address=case.address)
    assert table.ids["bounced"] in text
    assert re.search(f"{case.mailbox('ann')} .* sent .* bounced", text)
    assert "smtp; 550 5.1.1 user unknown" in text
    assert re.search(f"{DESK} .* sent-to-fallback .* delivered", text)
    assert f"in place of {case.mailbox('ann')}" in text
    assert "none: the record of the forwarder mail-forwarder has no copy of such mail." in listed(message_id="no-such")
    with pytest.raises(PlaybookFailedError, match="mail_forwarder_message_id, mail_forwarder_address: give exactly"):
        listed()


def again(event: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return an event with its recipients written in another way."""
    found: dict[str, Any] = json.loads(json.dumps(event))
    for part, recipients in (("bounce", "bouncedRecipients"), ("complaint", "complainedRecipients")):
        for one in found.get(part, {}).get(recipients, []):
            one["emailAddress"] = change(one["emailAddress"])
    return found


@pytest.mark.usefixtures("table")
def test_events_that_come_again_change_nothing(forwarding: Forwarding) -> None:
    """SNS and SQS may hand over whatever they have more than once, in any order."""
    events = [event for _topic, event in forwarding.aws.events.published if event["eventType"] != "Delivery"]
    before = len(forwarding.aws.outbox.messages())
    failing = forwarding.marks()
    for change in (str, lambda mailbox: f'"Ann, of all" <{mailbox.upper()}>'):
        for event in reversed(events):
            forwarding.tell(again(event, change))
    forwarding.settle()
    assert len(forwarding.aws.outbox.messages()) == before
    assert {name: mark.reason for name, mark in forwarding.marks().items()} == {
        name: mark.reason for name, mark in failing.items()
    }


def test_the_first_of_two_owners_bounces_while_the_other_is_sent_his(forwarding: Forwarding) -> None:
    """The event may come before the other's copy is sent, who then gets it in the first one's place; or after it."""
    case = Case("first-of-two", {}, owners=("ann", "bob"), does=BOUNCES)
    mail = run(forwarding, (case,))[case.id]
    bob = case.mailbox("bob")
    assert forwarding.got()[mail] in ({bob: [COPY], DESK: [ATTACHED]}, {bob: [ATTACHED]})


@pytest.mark.parametrize(
    "reported",
    ["ANN.CAPITALS@EXAMPLE.ORG", '"Ann <at home>" <Ann.Named@Example.org>', "somebody.else@example.org"],
    ids=["capitals", "named", "forwarded"],
)
def test_a_mailbox_is_known_however_its_mail_server_writes_it(
    forwarding: Forwarding, reported: str, request: pytest.FixtureRequest
) -> None:
    """A notification names the mailbox as the server that gives up knows it, which may be where it was forwarded to."""
    name = request.node.callspec.id
    case = Case(name, {"ann": "sent bounced", **TO_DESK})
    forwarding.aws.mailboxes.bounces(case.mailbox("ann"), reported=reported)
    mail = run(forwarding, (case,))[case.id]
    assert forwarding.got()[mail] == {DESK: [ATTACHED]}
    assert case.mailbox("ann") in forwarding.marks()


def test_without_fallback_owners_the_admin_gets_it(forwarding: Forwarding) -> None:
    with forwarding.configured(fallback_owners=[]):
        found = ended(forwarding, run(forwarding, ADMIN_ALONE))
    for case in ADMIN_ALONE:
        found.check(case)


def test_where_everybody_bounces_there_is_an_alarm_and_nothing_goes_round(forwarding: Forwarding) -> None:
    case = Case("everybody", {}, fallbacks=("sub",), does={**BOUNCES, "sub": ("bounces",)})
    for mailbox in (NIGHT, CHIEF):
        forwarding.aws.mailboxes.bounces(mailbox)
    nobodys = f"nobody@{DOMAIN}"
    with forwarding.configured(fallback_owners=[NIGHT], admin_address=CHIEF):
        mail = run(forwarding, (case,))[case.id]
        other = forwarding.receive(nobodys, MAIL)
        forwarding.settle()
    stories = forwarding.stories()
    assert stories[mail] == {
        case.mailbox("ann"): ["bounced", "sent"],
        case.mailbox("sub"): ["bounced", "sent-to-fallback"],
        NIGHT: ["bounced", "sent-to-fallback"],
        CHIEF: ["bounced", "sent-to-fallback", "undeliverable"],
    }
    # Since it bounced it is on the suppression list.
    assert stories[other] == {CHIEF: ["sent", "suppressed", "undeliverable"]}
    assert not {mail, other} & forwarding.got().keys()
    assert {"undeliverable", "owner-bounced"} <= forwarding.raised()
    for event in [event for _topic, event in forwarding.aws.events.published if event["eventType"] == "Bounce"][-5:]:
        forwarding.tell(event)
    forwarding.settle()
    assert Counter(forwarding.stories()[mail][CHIEF])["sent-to-fallback"] == 1


def test_a_failing_owner_is_tried_once_a_day_and_believed_once_it_works(forwarding: Forwarding) -> None:
    case = Case("tried", {})
    ann, days = case.mailbox("ann"), timedelta(days=1)
    forwarding.aws.mailboxes.bounces(ann)
    mark = FailingMailbox.found(ann, FailingReason.BOUNCED, datetime.now(UTC) - 3 * days, "550 gone")
    forwarding.mark(mark)
    first, second, third = (run(forwarding, (case,))[case.id] for _mail in range(3))
    stories, got = forwarding.stories(), forwarding.got()
    assert stories[first] == {ann: ["bounced", "sent"], DESK: ["delivered", "sent-to-fallback"]}
    for mail in (second, third):
        assert stories[mail] == {ann: ["not-tried"], DESK: ["delivered", "sent-to-fallback"]}
    assert [got[mail] for mail in (first, second, third)] == [{DESK: [ATTACHED]}] * 3

    forwarding.aws.mailboxes.works(ann)
    # With mail_forwarder_suppression as it is by default somebody has to take it off the list.
    forwarding.aws.suppression.remove(ann)
    forwarding.mark(FailingMailbox(**{**vars(mark), "tried_at": (datetime.now(UTC) - 2 * days).isoformat()[:19] + "Z"}))
    fourth, fifth = (run(forwarding, (case,))[case.id] for _mail in range(2))
    got = forwarding.got()
    assert got[fourth] == {ann: [COPY], DESK: [ATTACHED]}
    assert got[fifth] == {ann: [COPY]}
    assert ann not in forwarding.marks()


def test_a_release_tries_a_failing_owner_as_any_mail_does(forwarding: Forwarding) -> None:
    case = Case("release-tries", {}, verdicts=FORGED)
    ann = case.mailbox("ann")
    forwarding.mark(FailingMailbox.found(ann, FailingReason.BOUNCED, datetime.now(UTC) - timedelta(hours=1), "550"))
    mail = run(forwarding, (case,))[case.id]
    assert forwarding.got()[mail] == {DESK: [LETTER]}
    forwarding.mark(FailingMailbox.found(ann, FailingReason.BOUNCED, datetime.now(UTC) - timedelta(days=2), "550"))
    assert forwarding.release(mail)["deliveries"] == {"sent": 1, "sent-to-fallback": 1}
    forwarding.settle()
    assert forwarding.got()[mail] == {DESK: [LETTER, ATTACHED], ann: [COPY]}
    assert ann not in forwarding.marks()


def test_what_ses_does_not_take_for_a_while_waits_and_arrives(forwarding: Forwarding) -> None:
    """A mail that came meanwhile, and one whose owner bounced meanwhile; each comes back after some seconds."""
    new, bounced = Case("new", {}), Case("while-paused", {}, does={"ann": ("delays",)})
    ids = run(forwarding, (bounced,))
    forwarding.aws.sending.enabled = False
    try:
        later("ann", "bounces")(forwarding, bounced, "")
        forwarding.vend(new.address, [new.mailbox("ann")])
        ids["new"] = forwarding.receive(new.address, MAIL)
        wait_until(lambda: all("waiting" in str(forwarding.stories().get(mail)) for mail in ids.values()))
        assert not {*ids.values()} & forwarding.got().keys()
        assert "waiting" in forwarding.raised()
    finally:
        forwarding.aws.sending.enabled = True
    forwarding.settle()
    got = forwarding.got()
    assert got[ids["new"]] == {new.mailbox("ann"): [COPY]}
    assert got[ids[bounced.id]] == {DESK: [ATTACHED]}


def test_in_the_sandbox_the_admin_gets_what_ses_does_not_send_to_an_owner(forwarding: Forwarding) -> None:
    """With the function's own role: SES asks IAM about the recipient's identity, too (aws/aws-sdk-js#3641)."""
    case = Case("sandbox", {"ann": "sent-to-admin", "bob": "sent delivered"}, owners=("ann", "bob"))
    for mailbox in (ADMIN, case.mailbox("bob")):
        forwarding.client("sesv2").create_email_identity(EmailIdentity=mailbox)
    with forwarding.aws.sandbox(rate=20):
        mail = run(forwarding, (case,))[case.id]
    stories = forwarding.stories()[mail]
    assert stories.pop(ADMIN) == ["delivered"]
    assert stories == {case.mailbox(name): sorted(words.split()) for name, words in case.story.items()}
    assert forwarding.got()[mail] == {ADMIN: [ATTACHED], case.mailbox("bob"): [COPY]}


@pytest.mark.usefixtures("table")
def test_nothing_is_refused_to_the_functions(forwarding: Forwarding) -> None:
    assert forwarding.refused() == set()
    assert forwarding.left() == {}


@pytest.mark.usefixtures("table")
def test_each_alarm_about_mailboxes_is_raised(forwarding: Forwarding) -> None:
    assert {"owner-bounced", "owner-complained", "owner-suppressed", "copy-rejected"} <= forwarding.raised()
