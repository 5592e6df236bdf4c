# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's saved queries over what the function really logs: each finds what it is for, and its fields are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from forwarder.handler import handle_release
from tests.logs_insights import LogLine, run
from tests.unit.roles.mail_forwarder.test_stack import parsed

from .conftest import VENDED, Context, Deployed, refusal, ses_event

RAW = (Path(__file__).parents[4] / "mail" / "root-password-reset.eml").read_bytes()
OTHER = "aws-sandbox-0002@accounts.example.com"
UNKNOWN = "nobody@accounts.example.com"
RELEASED_BY = "arn:aws:iam::111122223333:user/jane"
QUERIES = {
    str(item["Properties"]["Name"]["Fn::Sub"]).removeprefix("${AWS::StackName}/"): item["Properties"]
    for item in parsed()["Resources"].values()
    if str(item["Type"]) == "AWS::Logs::QueryDefinition"
}


@pytest.fixture
def lines(deploy: Callable[..., Deployed], capsys: pytest.CaptureFixture[str]) -> list[LogLine]:
    """Return the log of a function that sent, quarantined, released, dropped, and failed twice."""
    deployed = deploy(catch_all=False)
    deployed.vend(VENDED, "ann@example.com", "bob@example.com")
    deployed.vend(OTHER, "eve@example.com")
    deployed.ses.failures["eve@example.com"] = refusal("MailFromDomainNotVerifiedException")
    for message_id in ("m1", "m2", "m3"):
        deployed.store(RAW, message_id)
    deployed.handle(ses_event("m1", [VENDED, UNKNOWN]))
    deployed.handle(ses_event("m2", [VENDED], dmarcVerdict={"status": "FAIL"}, dmarcPolicy="reject"))
    handle_release({"message_id": "m2", "released_by": RELEASED_BY}, Context(), deployed.forwarder)
    for _try in range(2):
        with pytest.raises(BatchProcessingError):
            deployed.handle(ses_event("m3", [OTHER]))
    written = [*capsys.readouterr().out.splitlines(), "END RequestId: r1"]
    return [LogLine(number, line) for number, line in enumerate(written)]


def ask(name: str, lines: list[LogLine], **words: str) -> list[dict[str, Any]]:
    query = str(QUERIES[name]["QueryString"])
    for word, value in words.items():
        assert word in query
        query = query.replace(word, value)
    return run(query, lines)


def shown(rows: list[dict[str, Any]], *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(field) for field in fields) for row in rows]


def test_by_address(lines: list[LogLine]) -> None:
    rows = ask("by-address", lines, ADDRESS=VENDED)
    # The newest first.
    assert shown(rows, "ses_message_id", "action", "mailbox", "reason") == [
        ("m2", "sent", "bob@example.com", "owner"),
        ("m2", "sent", "ann@example.com", "owner"),
        ("m2", "quarantined", "bob@example.com", "owner"),
        ("m2", "quarantined", "ann@example.com", "owner"),
        ("m1", "sent", "bob@example.com", "owner"),
        ("m1", "sent", "ann@example.com", "owner"),
    ]
    assert shown(ask("by-address", lines, ADDRESS=UNKNOWN), "action", "reason") == [("dropped", "unknown")]
    (failed, *_again) = ask("by-address", lines, ADDRESS=OTHER)
    assert "MailFromDomainNotVerifiedException" in failed["error"]


def test_by_message(lines: list[LogLine]) -> None:
    rows = ask("by-message", lines, ID="m2")
    assert shown(rows, "action", "address", "mailbox", "released_by") == [
        ("quarantined", VENDED, "ann@example.com", None),
        ("quarantined", VENDED, "bob@example.com", None),
        ("release", None, None, RELEASED_BY),
        ("sent", VENDED, "ann@example.com", None),
        ("sent", VENDED, "bob@example.com", None),
    ]
    # What SES calls the copy finds it, too.
    (copy,) = ask("by-message", lines, ID=rows[-1]["sent_message_id"])
    assert (copy["action"], copy["mailbox"]) == ("sent", "bob@example.com")


def test_quarantined(lines: list[LogLine]) -> None:
    rows = ask("quarantined", lines)
    assert shown(rows, "ses_message_id", "address", "mailbox", "verdicts.spam", "verdicts.virus", "verdicts.dmarc") == [
        ("m2", VENDED, "bob@example.com", "PASS", "PASS", "FAIL"),
        ("m2", VENDED, "ann@example.com", "PASS", "PASS", "FAIL"),
    ]
    assert all(row["why"] for row in rows)


def test_failed(lines: list[LogLine]) -> None:
    (row,) = ask("failed", lines)
    assert row.items() >= {"action": "failed", "ses_message_id": "m3", "address": OTHER, "tries": 2}.items()
    assert "MailFromDomainNotVerifiedException" in row["error"]
    assert row["latest"] > 0


def test_released(lines: list[LogLine]) -> None:
    assert shown(ask("released", lines), "ses_message_id", "released_by") == [("m2", RELEASED_BY)]


def test_by_action(lines: list[LogLine]) -> None:
    found = shown(ask("by-action", lines), "action", "reason", "lines")
    assert found[0] == ("sent", "owner", 4)
    assert set(found) == {
        ("sent", "owner", 4),
        ("quarantined", "owner", 2),
        ("failed", "owner", 2),
        ("dropped", "unknown", 1),
        ("release", None, 1),
    }


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_over_the_logs_of_all_functions(name: str) -> None:
    groups = [str(group["Fn::Sub"]) for group in QUERIES[name]["LogGroupNames"]]
    assert groups == [f"/aws/lambda/${{AWS::StackName}}{which}" for which in ("", "-events", "-release", "-replay")]
    # Amazon CloudWatch Logs API Reference, PutQueryDefinition.
    assert len(str(QUERIES[name]["QueryString"])) <= 10_000


def test_these_are_all(lines: list[LogLine]) -> None:
    assert sorted(QUERIES) == ["by-action", "by-address", "by-message", "failed", "quarantined", "released"]
    assert len(lines) > 10
