# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the traces of a mail of the probe say: the hops that it has passed, and what is to be done about the next."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._probe.judging import check_of, judge
from ansible_collections.account_factory.email.plugins.module_utils._probe.model import (
    HOPS,
    Traces,
    by_their_clock,
    check_record,
    probe_of,
)
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack

PROBE = Probe("mail-forwarder", "accounts.example.com")
NOW = datetime(2026, 11, 21, 9, 30, 0, 500_000, tzinfo=timezone.utc)
SECOND = int(NOW.timestamp())
FACTS = {
    "received_at": "2026-11-21T09:30:01.700Z",
    "queued_at": "2026-11-21T09:30:02.300Z",
    "verdicts": {"spf": "PASS", "dkim": "PASS", "dmarc": "PASS", "spam": "PASS"},
}
CLAIMED = {"status": "claimed", "claimed_at": SECOND + 2, "mail": json.dumps(FACTS)}
SENT = {**CLAIMED, "status": "sent", "sent_at": SECOND + 4}
DELIVERED = {**SENT, "told_by": "delivered", "told_at": "2026-11-21T09:30:05.500Z"}
BOUNCED = {**SENT, "failed_by": "bounced", "failed_at": "2026-11-21T09:30:05.500Z"}
OLD = {**DELIVERED, "mail": json.dumps({"verdicts": {}})}


@pytest.mark.parametrize(
    ("traces", "failed_at", "seconds"),
    [
        pytest.param(Traces(error="paused"), "sent", [], id="not sent"),
        pytest.param(Traces(NOW), "stored", [0], id="not stored"),
        pytest.param(Traces(NOW, waiting=3), "stored", [0], id="not stored, and others wait"),
        pytest.param(Traces(NOW, stored_at=NOW + timedelta(seconds=1)), "notified", [0, 1], id="not notified"),
        pytest.param(Traces(NOW, stored_at=NOW + timedelta(seconds=1), waiting=1), "taken", [0, 1, 0], id="not taken"),
        pytest.param(
            Traces(NOW, stored_at=NOW + timedelta(seconds=1), waiting=None), "notified", [0, 1], id="nobody may look"
        ),
        # Whoever claims it does so in whole seconds, and not before it was told.
        pytest.param(Traces(NOW, CLAIMED), "forwarded", [0, 1.2, 0.6, 0], id="not forwarded"),
        pytest.param(Traces(NOW, SENT), "delivered", [0, 1.2, 0.6, 0, 1.7], id="not delivered"),
        pytest.param(Traces(NOW, BOUNCED), "delivered", [0, 1.2, 0.6, 0, 1.7], id="bounced"),
        pytest.param(Traces(NOW, DELIVERED), None, [0, 1.2, 0.6, 0, 1.7, 1.5], id="delivered"),
        pytest.param(Traces(NOW, OLD), None, [0, 1.5, 0, 0, 2, 1.5], id="a forwarder that notes less"),
        pytest.param(Traces(NOW + timedelta(hours=1), DELIVERED), None, [0] * 6, id="a clock that is ahead"),
    ],
)
def test_which_hops_a_mail_has_passed(traces: Traces, failed_at: str | None, seconds: list[float]) -> None:
    assert [hop.name for hop in traces.hops] == [*HOPS[: len(seconds)]]
    assert [hop.seconds for hop in traces.hops] == pytest.approx(seconds)
    assert traces.failed_at == failed_at


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        pytest.param(None, NOW, id="they do not say"),
        pytest.param(NOW.replace(microsecond=0), NOW, id="the same second"),
        pytest.param(NOW + timedelta(seconds=30), NOW + timedelta(seconds=30), id="ours is behind"),
        pytest.param(NOW - timedelta(seconds=30), NOW - timedelta(seconds=30), id="ours is ahead"),
    ],
)
def test_whose_clock_counts(theirs: datetime | None, expected: datetime) -> None:
    assert by_their_clock(NOW, theirs) == expected


@pytest.mark.parametrize(
    ("traces", "status", "said"),
    [
        pytest.param(Traces(NOW, DELIVERED), "ok", "went the whole way in 5.0 s", id="delivered"),
        pytest.param(
            Traces(NOW, {**DELIVERED, "mail": json.dumps({"verdicts": {"spf": "FAIL", "dkim": "GRAY"}})}),
            "warn",
            "as a mail from doctor@accounts.example.com, found SPF FAIL",
            id="delivered, and SES finds fault",
        ),
        pytest.param(Traces(error="Failed to send: paused"), "fail", "paused", id="sent"),
        pytest.param(Traces(NOW), "fail", "has not stored it in 120 s", id="stored"),
        pytest.param(Traces(NOW, error="Denied"), "fail", "could not be looked up whether it was: Denied", id="unseen"),
        pytest.param(Traces(NOW, stored_at=NOW), "fail", "no notice of it came", id="notified"),
        pytest.param(Traces(NOW, stored_at=NOW, waiting=1), "fail", "has not taken it in 120 s", id="taken"),
        pytest.param(Traces(NOW, CLAIMED, error="Paused (SendEmail)"), "fail", "send it on: Paused", id="forwarded"),
        pytest.param(Traces(NOW, CLAIMED), "fail", "could not send it on in 120 s", id="forwarded, no error"),
        pytest.param(Traces(NOW, SENT), "fail", "has not told in 120 s that it arrived", id="delivered, untold"),
        pytest.param(Traces(NOW, BOUNCED), "fail", "has bounced", id="delivered, bounced"),
    ],
)
def test_what_is_said_of_it(traces: Traces, status: str, said: str) -> None:
    check = check_of(judge(PROBE, traces, 120))
    assert (check["id"], check["topic"], check["status"]) == ("probe", "mail", status)
    assert said in check["what"]
    assert bool(check["why"]) is bool(check["remedy"]) is (status != "ok")
    # A remedy ends with a command, which people copy.
    assert status == "ok" or re.search(r"(aws|ansible-playbook) [a-z._0-9-]+ [^.]*[a-z=@,-]", check["remedy"])
    assert not check["remedy"].endswith(".")
    assert [hop["name"] for hop in check["evidence"]["hops"]] == [hop.name for hop in traces.hops]


RECORD = AddressRecord(PROBE.address, PROBE.account_name, PROBE.domain, (PROBE.owner,), request_id=PROBE.request_id)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, None, id="as it is vended"),
        pytest.param({"owners": ("bounce@simulator.amazonses.com",)}, None, id="another simulator"),
        pytest.param({"owners": (PROBE.owner, "ann@example.com")}, "has the owner ann@example.com", id="a person"),
        pytest.param({"account_id": "111122223333"}, "the account 111122223333 has", id="an account"),
        pytest.param({"status": RETIRED}, "is retired", id="retired"),
        pytest.param({"forwarding": False}, "is suspended", id="suspended"),
        pytest.param({"request_id": "CHG-1"}, "vended under the request 'CHG-1'", id="another request"),
    ],
)
def test_when_no_mail_is_sent(changes: dict[str, Any], said: str | None) -> None:
    record = replace(RECORD, **changes)
    if said is None:
        check_record(PROBE, record)
        return
    with pytest.raises(InputError, match=re.escape(said)) as error:
        check_record(PROBE, record)
    assert not str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("parameters", "domains", "said"),
    [
        pytest.param({}, {"a.example": {}}, "was torn down", id="no forwarder any more"),
        pytest.param({"FromAddress": "a@a.example"}, {}, "vends in no domain", id="no domain"),
    ],
)
def test_which_forwarder_cannot_be_probed(parameters: dict[str, str], domains: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        probe_of(ForwarderStack("mail-forwarder", parameters, {}), domains)
