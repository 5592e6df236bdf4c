# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live probe of a deployed forwarder: a mail goes the whole way; where it is cut, that hop is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from tests.integration.forwarding import DOMAIN, STACK, Forwarding, deployed
from tests.integration.test_ad_hoc import ad_hoc
from tests.integration.test_create_account import wait_until
from tests.local_aws.playbook import run_playbook

ADMIN = "admin@example.com"
PROBE = Probe(STACK, DOMAIN)
ID = "0123456789abcdef" * 2
HOPS = ["sent", "stored", "notified", "taken", "forwarded", "delivered"]
SPAM = f"From: {PROBE.sender}\r\nTo: {PROBE.address}\r\nSubject: Win\r\n\r\nNow.\r\n".encode()


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    # Once a day: none is sent by itself while a test looks.
    with deployed(tmp_path_factory.mktemp("probe"), ADMIN, mail_forwarder_probe_rate="rate(1 day)") as one:
        yield one


def probe(forwarding: Forwarding, *flags: str, **options: Any) -> dict[str, Any]:
    """Run the module ad hoc."""
    environment: dict[str, str | None] = dict(forwarding.aws.environment)
    return ad_hoc(environment, options or {"wait_timeout": 60}, *flags, module="mail_forwarder_probe")


def put_back(forwarding: Forwarding, **fields: Any) -> None:
    """Put the probe's record into the map as it was vended, or with other fields."""
    values = {"owners": [PROBE.owner], "request_id": PROBE.request_id, "status": "vended", **fields}
    forwarding.vend(PROBE.address, account_name=PROBE.account_name, **values)


def test_it_goes_through_and_vends_nothing_more(forwarding: Forwarding) -> None:
    would = probe(forwarding, "--check")
    assert (would["changed"], would["hops"], would["check"]["status"]) == (False, [], "skipped")
    assert "In check mode no mail is sent" in would["check"]["what"]
    # The deploy has vended the address, once: the second time it changes nothing.
    assert would["vended_address"]["owners"] == [PROBE.owner]
    found = probe(forwarding)
    assert found["changed"] is False
    assert [hop["name"] for hop in found["hops"]] == HOPS
    assert all(0 <= hop["seconds"] < 60 for hop in found["hops"])
    assert [hop["at"] for hop in found["hops"]] == sorted(hop["at"] for hop in found["hops"])
    assert (found["reached"], found["failed_at"], found["check"]["status"]) == ("delivered", None, "ok")
    assert found["verdicts"] == {"spf": "PASS", "dkim": "PASS", "dmarc": "PASS"}
    forwarding.settle()
    # It reached nobody outside of SES, and no function was refused anything on its way.
    assert forwarding.aws.outbox.messages() == []
    assert forwarding.refused() == set()
    delivered = [line for line in forwarding.audit() if line.get("probe") == "delivered"]
    assert [line["mailbox"] for line in delivered] == [PROBE.owner]
    environment: dict[str, str | None] = dict(forwarding.aws.environment)
    told = ad_hoc(environment, {"address": PROBE.address}, module="deliveries_info")["deliveries"]
    assert [(one["standing"], one["became"]) for one in told] == [("probe", "delivered")]


def test_ses_own_verdicts_on_the_domain_are_told(forwarding: Forwarding) -> None:
    own_mail = forwarding.aws.own_mail
    assert own_mail is not None
    own_mail.verdicts = "dkim=FAIL dmarc=FAIL;reject"
    try:
        found = probe(forwarding)
    finally:
        own_mail.verdicts = None
    assert found["reached"] == "delivered"
    assert found["verdicts"] == {"spf": "PASS", "dkim": "FAIL", "dmarc": "FAIL"}
    assert found["check"]["status"] == "warn"
    assert "found DKIM FAIL, DMARC FAIL" in found["check"]["what"]


@contextmanager
def paused(forwarding: Forwarding) -> Iterator[None]:
    forwarding.aws.sending.enabled = False
    yield
    forwarding.aws.sending.enabled = True


@contextmanager
def other_rules(forwarding: Forwarding) -> Iterator[None]:
    ses = forwarding.client("ses")
    ours = ses.describe_active_receipt_rule_set()["Metadata"]["Name"]
    ses.create_receipt_rule_set(RuleSetName="theirs")
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    yield
    ses.set_active_receipt_rule_set(RuleSetName=ours)


@contextmanager
def lost(forwarding: Forwarding) -> Iterator[None]:
    assert forwarding.aws.own_mail is not None
    forwarding.aws.own_mail.lost = True
    yield
    forwarding.aws.own_mail.lost = False


@contextmanager
def unheard(forwarding: Forwarding) -> Iterator[None]:
    sns = forwarding.client("sns")
    topic = f"arn:aws:sns:eu-west-1:{forwarding.aws.account_id}:{STACK}-received"
    [one] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    which = {"SubscriptionArn": one["SubscriptionArn"], "AttributeName": "FilterPolicy"}
    sns.set_subscription_attributes(**which, AttributeValue=json.dumps({"nobody": ["sends this"]}))
    yield
    sns.set_subscription_attributes(**which, AttributeValue="{}")


@contextmanager
def uncalled(forwarding: Forwarding) -> Iterator[None]:
    functions = forwarding.client("lambda")
    [source] = functions.list_event_source_mappings(FunctionName=STACK)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


@contextmanager
def set_paused(forwarding: Forwarding) -> Iterator[None]:
    sesv2 = forwarding.client("sesv2")
    sesv2.put_configuration_set_sending_options(ConfigurationSetName=STACK, SendingEnabled=False)
    yield
    sesv2.put_configuration_set_sending_options(ConfigurationSetName=STACK, SendingEnabled=True)


@contextmanager
def untold(forwarding: Forwarding) -> Iterator[None]:
    sesv2 = forwarding.client("sesv2")
    [one] = sesv2.get_configuration_set_event_destinations(ConfigurationSetName=STACK)["EventDestinations"]
    which = {"ConfigurationSetName": STACK, "EventDestinationName": one["Name"]}
    told = {name: one[name] for name in ("MatchingEventTypes", "SnsDestination")}
    sesv2.update_configuration_set_event_destination(**which, EventDestination={**told, "Enabled": False})
    yield
    sesv2.update_configuration_set_event_destination(**which, EventDestination={**told, "Enabled": True})


# What is done to the forwarder, at which hop the mail is lost then, and what is said of it.
CUT = {
    "the account may not send": (paused, "sent", "SES does not take a mail from doctor@accounts.example.com."),
    "the rule set of another team": (other_rules, "stored", "has not stored it in 3 s."),
    "the MX is another": (lost, "stored", "has not stored it in 3 s."),
    "the topic tells nobody": (unheard, "notified", "no notice of it came into the queue"),
    "the queue calls nobody": (uncalled, "taken", f"the function {STACK} has not taken it in 3 s."),
    "the configuration set may not send": (set_paused, "forwarded", "SendingPausedException"),
    "no events": (untold, "delivered", "has not told in 3 s that it arrived."),
}


@pytest.mark.parametrize("what", CUT)
def test_where_the_way_is_cut_is_told(forwarding: Forwarding, what: str) -> None:
    cut, hop, said = CUT[what]
    put_back(forwarding)
    with closing(cut(forwarding)):
        found = probe(forwarding, wait_timeout=3, must_arrive=False)
    check = found["check"]
    assert (found["failed_at"], check["status"]) == (hop, "fail"), found
    assert [one["name"] for one in found["hops"]] == HOPS[: HOPS.index(hop)]
    assert said in check["what"]
    assert check["why"]
    assert not check["remedy"].endswith(".")
    forwarding.settle()
    # Nothing of it goes on to a person, comes again or lies about for one.
    assert [mail for mail in forwarding.aws.outbox.messages() if mail.sender != PROBE.sender] == []
    assert forwarding.left() == {}


@contextmanager
def closing(cut: AbstractContextManager[None]) -> Iterator[None]:
    """Undo what was cut, whatever happens meanwhile."""
    cut.__enter__()
    try:
        yield
    finally:
        cut.__exit__(None, None, None)


def test_a_task_fails_where_its_mail_does_not_arrive(forwarding: Forwarding) -> None:
    put_back(forwarding)
    with closing(lost(forwarding)):
        failed = probe(forwarding, wait_timeout=1)
    assert "has not stored it in 1 s." in failed["msg"]
    assert failed["failed_at"] == "stored"


def test_nothing_is_sent_where_a_person_would_be_an_owner(forwarding: Forwarding) -> None:
    put_back(forwarding, owners=["ann@example.org"])
    before = len(forwarding.audit())
    refused = probe(forwarding)
    assert "has the owner ann@example.org, who is to get no probe" in refused["msg"]
    assert refused["msg"].endswith(f"-e account_factory_owners={PROBE.owner}")
    found = probe(forwarding, must_arrive=False)
    assert (found["check"]["status"], found["hops"], found["failed_at"]) == ("skipped", [], None)
    forwarding.settle()
    assert len(forwarding.audit()) == before
    put_back(forwarding)


def test_spam_to_the_address_does_nothing(forwarding: Forwarding) -> None:
    put_back(forwarding)
    raised, sent = forwarding.raised(), len(forwarding.aws.outbox.messages())
    for recipient in (PROBE.address, PROBE.recipient(ID)):
        forwarding.receive(recipient, SPAM.replace(b"doctor@", b"spammer@"), "spam=FAIL virus=FAIL dmarc=FAIL;reject")
    forwarding.receive(PROBE.address, SPAM)
    forwarding.settle()
    dropped = [line for line in forwarding.audit() if line.get("probe") == "dropped"]
    assert len(dropped) == 3
    assert len(forwarding.aws.outbox.messages()) == sent
    assert forwarding.raised() == raised


def test_the_doctor_counts_it_among_its_checks(forwarding: Forwarding) -> None:
    put_back(forwarding)
    log = forwarding.folder / "doctor.log"
    given = {"mail_forwarder_fail_on": "never", "mail_forwarder_skipped_checks": "dns"}
    with closing(lost(forwarding)):
        run_playbook("doctor", {**given, "mail_forwarder_probe_timeout": "1"}, forwarding.aws.environment, log)
    printed = log.read_text(encoding="utf-8")
    assert f"FAIL probe: SES took a mail to {PROBE.address} and has not stored it in 1 s." in printed
    assert re.search(r"checks: 1 failed, ", printed), printed


def test_a_heartbeat_is_sent_at_its_rate_and_ends_the_alarm(forwarding: Forwarding) -> None:
    put_back(forwarding)
    name = f"{STACK}-probe"
    assert forwarding.client("events").describe_rule(Name=name)["ScheduleExpression"] == "rate(1 day)"
    before = _delivered(forwarding)
    # As it is due by now, the rule calls its function at once.
    forwarding.client("events").put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    wait_until(lambda: _delivered(forwarding) > before, 120)
    assert "probe" not in forwarding.raised()
    [alarm] = forwarding.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "OK"


def _delivered(forwarding: Forwarding) -> int:
    return len([line for line in forwarding.audit() if line.get("probe") == "delivered"])
