# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queue may hand to the function, what SES may answer it, and what becomes of the deliveries then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from botocore.exceptions import ClientError

from forwarder.aws.clients import Clients
from forwarder.core.forms import Kind
from forwarder.core.outcomes import Outcome
from forwarder.handler import handle, handle_release
from forwarder.services import Forwarder, build
from tests.faulty_clients import REFUSALS
from tests.forwarder_environment import environment

from .conftest import ADMIN, FROM, MAILS, VENDED, Context, Deployed, batch, refusal, ses_event
from .plays import Refuse, RefusingSes
from .sent_forms import KINDS, kind_of, read_request

RAW = (MAILS / "root-password-reset.eml").read_bytes()
OTHER = "aws-sandbox-0002@accounts.example.com"
NONE_FAILED: dict[str, Any] = {"batchItemFailures": []}
DMARC_FAILED: dict[str, Any] = {"dmarcVerdict": {"status": "FAIL"}, "dmarcPolicy": "reject"}


def in_sns_envelope(event: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "n1", "TopicArn": "arn", "Message": json.dumps(event)}


def outcomes(deployed: Deployed) -> dict[str, str]:
    """Return what each delivery that is done came to, by its mailbox."""
    done = {key: item for key, item in deployed.deliveries().items() if item["status"] == "sent"}
    return {key.rpartition("#")[2]: str(item["outcome"]) for key, item in done.items()}


def test_a_mail_comes_the_same_by_raw_delivery_and_in_an_sns_envelope(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    for message_id in ("m1", "m2"):
        deployed.store(RAW, message_id)
    assert deployed.handle(ses_event("m1"), in_sns_envelope(ses_event("m2"))) == NONE_FAILED
    by_raw, by_sns = (request["Content"]["Raw"]["Data"] for request in deployed.ses.sent)
    assert by_sns == by_raw.replace(b"\r\nX-Forwarder-Message-ID: m1\r\n", b"\r\nX-Forwarder-Message-ID: m2\r\n")


def test_what_came_in_an_sns_envelope_is_released_from_the_quarantine_as_any_other(deployed: Deployed) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    assert deployed.handle(in_sns_envelope(ses_event(**DMARC_FAILED))) == NONE_FAILED
    answer = handle_release({"message_id": "m1"}, Context(clock=deployed.clock), deployed.forwarder)
    assert answer == {"message_id": "m1", "deliveries": {Outcome.SENT: 1}}


def test_the_header_of_the_notice_counts_for_nothing(deployed: Deployed) -> None:
    """SES leaves out what is beyond 10 KB, and gives in ``destination`` what the mail says of itself."""
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    deployed.store(RAW, "m2")
    whole, cut = ses_event("m1"), ses_event("m2")
    cut["mail"].update(headersTruncated=True, headers=[], commonHeaders={}, destination=["stranger@example.net"])
    assert deployed.handle(whole, cut) == NONE_FAILED
    first, second = (read_request(request) for request in deployed.ses.sent)
    assert second.data == first.data.replace(b"Message-ID: m1\r\n", b"Message-ID: m2\r\n")
    assert (first.mailbox, second.mailbox) == ("owner@example.com", "owner@example.com")


@pytest.mark.parametrize(
    ("policy", "written"),
    [
        pytest.param({"dmarcPolicy": "reject"}, b" dmarc_policy=reject", id="word"),
        pytest.param({"dmarcPolicy": "REJECT"}, b" dmarc_policy=reject", id="capitals"),
        pytest.param({"dmarcPolicy": {"status": "Reject"}}, b" dmarc_policy=reject", id="object"),
        pytest.param({"dmarcPolicy": "none"}, b" dmarc_policy=none", id="none"),
        pytest.param({"dmarcPolicy": {}}, b"", id="empty object"),
        pytest.param({"dmarcPolicy": None}, b"", id="null"),
        pytest.param({"dmarcPolicy": ["reject", 5]}, b" dmarc_policy=__reject___5_", id="unknown shape"),
        pytest.param({}, b"", id="not there"),
    ],
)
def test_the_policy_of_the_domain_is_told_and_changes_nothing(
    deploy: Callable[..., Deployed], policy: dict[str, Any], written: bytes
) -> None:
    """The verdict decides: a domain that asks for nothing can be forged as well as any other."""
    deployed = deploy(dmarc_failure="tag")
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    assert deployed.handle(ses_event(dmarcVerdict={"status": "FAIL"}, **policy)) == NONE_FAILED
    (sent,) = (read_request(request) for request in deployed.ses.sent)
    assert b" dmarc=FAIL" + written + b"\r\n" in sent.header
    assert outcomes(deployed) == {"owner@example.com": Outcome.SENT}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("null", id="null"),
        pytest.param("5", id="number"),
        pytest.param('"Successfully validated"', id="text"),
        pytest.param("[" * 100_000, id="nested beyond what can be read"),
        pytest.param('{"notificationType": "Received"', id="cut off"),
        pytest.param(json.dumps(in_sns_envelope(in_sns_envelope(ses_event()))), id="two SNS envelopes"),
        pytest.param(json.dumps({**in_sns_envelope({}), "Message": ses_event()}), id="SNS envelope of an object"),
        pytest.param(json.dumps({**ses_event(), "notificationType": "received"}), id="another case"),
        pytest.param(
            json.dumps({"Records": [{"eventSource": "aws:ses", "ses": ses_event()}]}), id="event of the Lambda action"
        ),
        pytest.param(
            json.dumps({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "mail/m1"}}}]}), id="S3 event"
        ),
        pytest.param(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}), id="S3 test event"),
        pytest.param(json.dumps(ses_event(action={"type": "Bounce"})), id="bounce action"),
        pytest.param(json.dumps(ses_event(recipients=[VENDED, "\ud800@example.com"])), id="half a character"),
    ],
)
def test_what_nobody_understands_is_given_back_and_spares_the_rest_of_the_batch(deployed: Deployed, body: str) -> None:
    deployed.vend(VENDED, "owner@example.com")
    deployed.store(RAW)
    deployed.store(RAW, "m2")
    for _try in range(2):
        assert deployed.handle(body, ses_event("m2")) == {"batchItemFailures": [{"itemIdentifier": "q1"}]}
    assert [sent.mailbox for sent in map(read_request, deployed.ses.sent) if sent.message_id == "m2"] == [
        "owner@example.com"
    ]


def test_of_several_messages_those_that_failed_in_part_come_again_and_nobody_gets_two(deployed: Deployed) -> None:
    deployed.vend(VENDED, "ann@example.com", "bob@example.com")
    deployed.vend(OTHER, "eve@example.com")
    events = [ses_event("m1", [OTHER]), ses_event("m2", [OTHER, VENDED]), ses_event("m3", [VENDED, OTHER])]
    for message_id in ("m1", "m2", "m3"):
        deployed.store(RAW, message_id)
    deployed.ses.failures = {"bob@example.com": refusal("TooManyRequestsException", 429)}
    failed = {"batchItemFailures": [{"itemIdentifier": "q2"}, {"itemIdentifier": "q3"}]}
    assert deployed.handle(*events) == failed
    assert Counter(deployed.ses.mailboxes()) == {"ann@example.com": 2, "eve@example.com": 3}
    deployed.ses.failures = {}
    assert deployed.handle(*events) == NONE_FAILED
    assert Counter(deployed.ses.mailboxes()) == {"ann@example.com": 2, "eve@example.com": 3, "bob@example.com": 2}


def with_ses(deployed: Deployed, refuse: Refuse) -> tuple[Forwarder, RefusingSes]:
    """Return a forwarder like the one that is deployed, and its SES, which has reasons to refuse."""
    ses = RefusingSes(refuse=refuse)
    clients = Clients(deployed.clients.s3, deployed.clients.dynamodb, ses)
    return build(environment(), clients, deployed.clock, deployed.clock.sleep), ses


def test_when_time_runs_out_the_next_try_goes_on_from_there(deployed: Deployed) -> None:
    owners = [f"owner-{number}@example.com" for number in range(5)]
    deployed.vend(VENDED, *owners)
    deployed.store(RAW)
    deployed.store(RAW, "m2")
    context = Context(remaining=45_000)

    def slowly(_request: dict[str, Any], _before: int) -> None:
        context.remaining -= 15_000

    forwarder, ses = with_ses(deployed, slowly)
    with pytest.raises(BatchProcessingError, match="message m1: 2 failed") as raised:
        handle(batch(ses_event(), ses_event("m2")), context, forwarder)
    assert "message m2: 5 failed" in str(raised.value)
    assert "too few to begin a copy" in str(raised.value)
    assert ses.mailboxes() == owners[:3]
    # What was not begun is not claimed either, so that nobody has to wait for it.
    assert set(outcomes(deployed)) == set(owners[:3])
    assert len(deployed.deliveries()) == 3

    for failed in ([{"itemIdentifier": "q2"}], []):
        context.remaining = 60_000
        assert handle(batch(ses_event(), ses_event("m2")), context, forwarder) == {"batchItemFailures": failed}
    assert Counter(map(read_request, ses.sent)).most_common(1)[0][1] == 1
    assert Counter(ses.mailboxes()) == dict.fromkeys(owners, 2)


ANN, BOB = "ann@example.com", "bob@example.com"
MALFORMED = refusal("BadRequestException", 400, "Duplicate header 'Subject'.")
REJECTED = refusal("MessageRejected", 400, "Illegal filename 'run.exe'.")
TOO_LARGE = refusal("BadRequestException", 400, "Message length is more than 41943040 bytes long: '41943041'.")
ENTITY_TOO_LARGE = refusal("RequestEntityTooLarge", 413, "")


def not_verified(address: str) -> ClientError:
    words = "Email address is not verified. The following identities failed the check in region EU-WEST-1: "
    return refusal("MessageRejected", 400, words + address)


BOB_UNVERIFIED = {(BOB, kind): not_verified(BOB) for kind in Kind}
# What SES refuses by mailbox and form; what that comes to, and who gets it, in which form: None where it is raised.
ANSWERS: dict[str, tuple[dict[tuple[str, Kind], ClientError], str | None, str]] = {
    "malformed": ({(BOB, Kind.COPY): MALFORMED}, Outcome.SENT_ATTACHED, BOB),
    "content rejected": ({(BOB, Kind.COPY): REJECTED}, Outcome.SENT_ATTACHED, BOB),
    "malformed, attached too": ({(BOB, Kind.COPY): MALFORMED, (BOB, Kind.ATTACHED): REJECTED}, Outcome.KEPT, BOB),
    "malformed, attached too large": (
        {(BOB, Kind.COPY): MALFORMED, (BOB, Kind.ATTACHED): TOO_LARGE},
        Outcome.KEPT,
        BOB,
    ),
    "malformed in every form": ({(BOB, kind): MALFORMED for kind in Kind}, None, BOB),
    "too large": ({(BOB, Kind.COPY): TOO_LARGE}, Outcome.KEPT, BOB),
    "too large for the service": ({(BOB, Kind.COPY): ENTITY_TOO_LARGE}, Outcome.KEPT, BOB),
    "too large in every form": ({(BOB, kind): TOO_LARGE for kind in Kind}, None, BOB),
    "not verified": (BOB_UNVERIFIED, Outcome.SENT_TO_ADMIN, ADMIN),
    "not verified, said in other letters": (
        {(BOB, kind): not_verified(BOB.upper()) for kind in Kind},
        Outcome.SENT_TO_ADMIN,
        ADMIN,
    ),
    "malformed, then not verified": ({**BOB_UNVERIFIED, (BOB, Kind.COPY): MALFORMED}, Outcome.SENT_TO_ADMIN, ADMIN),
    "too large, then not verified": ({**BOB_UNVERIFIED, (BOB, Kind.COPY): TOO_LARGE}, Outcome.KEPT, ADMIN),
    "not verified, malformed for the admin": (
        {**BOB_UNVERIFIED, (ADMIN, Kind.ATTACHED): MALFORMED},
        Outcome.KEPT,
        ADMIN,
    ),
    "not verified, too large for the admin": (
        {**BOB_UNVERIFIED, (ADMIN, Kind.ATTACHED): TOO_LARGE},
        Outcome.KEPT,
        ADMIN,
    ),
    "nor is the admin verified": (
        {**BOB_UNVERIFIED, **{(ADMIN, kind): not_verified(ADMIN) for kind in Kind}},
        None,
        BOB,
    ),
    "our own address is not verified": ({(BOB, kind): not_verified(FROM) for kind in Kind}, None, BOB),
    **{
        code: ({(BOB, kind): refusal(code, status, words) for kind in Kind}, None, BOB)
        for code, status, words in REFUSALS["send_email"]
    },
}


@pytest.mark.parametrize(("refused", "outcome", "mailbox"), ANSWERS.values(), ids=ANSWERS.keys())
def test_one_owner_is_refused_and_another_fine(
    deployed: Deployed, refused: dict[tuple[str, Kind], ClientError], outcome: str | None, mailbox: str
) -> None:
    deployed.vend(VENDED, BOB, ANN)
    deployed.store(RAW)

    def refuse(request: dict[str, Any], _before: int) -> ClientError | None:
        sent = read_request(request)
        return refused.get((sent.mailbox, kind_of(sent, RAW)))

    forwarder, ses = with_ses(deployed, refuse)
    if outcome is None:
        with pytest.raises(BatchProcessingError, match="message m1: 1 failed"):
            handle(batch(ses_event()), Context(clock=deployed.clock), forwarder)
        assert (ses.mailboxes(), outcomes(deployed)) == ([ANN], {ANN: Outcome.SENT})
        # What SES refused was certainly not sent: nobody has to wait for the claim to it.
        refused.clear()
        assert handle(batch(ses_event()), Context(clock=deployed.clock), forwarder) == NONE_FAILED
        assert (ses.mailboxes(), outcomes(deployed)) == ([ANN, BOB], {ANN: Outcome.SENT, BOB: Outcome.SENT})
        return
    assert handle(batch(ses_event()), Context(clock=deployed.clock), forwarder) == NONE_FAILED
    assert outcomes(deployed) == {BOB: outcome, ANN: Outcome.SENT}
    kinds = {sent.mailbox: kind_of(sent, RAW) for sent in map(read_request, ses.sent)}
    assert kinds == {mailbox: KINDS[Outcome(outcome)], ANN: Kind.COPY}
    assert handle(batch(ses_event()), Context(clock=deployed.clock), forwarder) == NONE_FAILED
    assert len(ses.sent) == 2


def test_the_admin_gets_what_each_of_several_unverified_owners_should_have_had(deployed: Deployed) -> None:
    owners = (ANN, BOB, ADMIN)
    deployed.vend(VENDED, *owners)
    deployed.store(RAW)

    def refuse(request: dict[str, Any], _before: int) -> ClientError | None:
        mailbox = read_request(request).mailbox
        return None if mailbox == ADMIN else not_verified(mailbox)

    forwarder, ses = with_ses(deployed, refuse)
    assert handle(batch(ses_event()), Context(clock=deployed.clock), forwarder) == NONE_FAILED
    assert ses.mailboxes() == [ADMIN] * 3
    assert [kind_of(read_request(request), RAW) for request in ses.sent] == [Kind.ATTACHED, Kind.ATTACHED, Kind.COPY]
    assert outcomes(deployed) == {ANN: Outcome.SENT_TO_ADMIN, BOB: Outcome.SENT_TO_ADMIN, ADMIN: Outcome.SENT}


def test_what_is_held_back_is_told_to_the_admin_where_the_owner_is_not_verified(deployed: Deployed) -> None:
    deployed.vend(VENDED, BOB)
    deployed.store(RAW)
    forwarder, ses = with_ses(
        deployed, lambda request, _before: BOB_UNVERIFIED.get((read_request(request).mailbox, Kind.COPY))
    )
    assert handle(batch(ses_event(**DMARC_FAILED)), Context(clock=deployed.clock), forwarder) == NONE_FAILED
    assert ses.mailboxes() == [ADMIN]
    assert kind_of(read_request(ses.sent[0]), RAW) is Kind.LETTER
    assert outcomes(deployed) == {BOB: Outcome.QUARANTINED}
