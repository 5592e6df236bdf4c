# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ses_owner_identity: its real main() against SES of local AWS, where owners follow links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._owner_identities.model import SENT_TAG
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from ansible_collections.account_factory.email.plugins.modules import ses_owner_identity
from tests.aws_errors import noted_calls, refuse
from tests.local_aws.gateway import Gateway
from tests.local_aws.sending import Sending
from tests.local_aws.ses_account import SesAccount
from tests.local_aws.ses_identities import SesIdentities, Verification, Verifications
from tests.local_aws.wire import Request, Response, json_result, query_result

OWNERS = ses_owner_identity.main
JANE, JOE = "Jane@example.org", "joe@example.org"
ACCOUNT = "111122223333"
PREFIX = f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/"
RESENDS = ["GetEmailIdentity", "GetCallerIdentity", "TagResource", "VerifyEmailIdentity"]
LOOKS = ["GetAccount", "ListEmailIdentities"]


@dataclass
class Ses:
    """SES with the identities that it has, their tags, and a switch for the sandbox."""

    sandbox: bool = True
    verifications: Verifications = field(default_factory=lambda: Verifications(by_link=True))
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def create(self, given: dict[str, Any]) -> None:
        self.tags[given["EmailIdentity"]] = {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}

    def add(self, name: str, status: str, age: timedelta | None = None) -> None:
        """Add an identity as SES has it, and as this module made it so long ago, or as a hand did."""
        sent = {SENT_TAG: utc_text(datetime.now(timezone.utc) - age)} if age is not None else {}
        self.tags[name] = {"team": "blue", **sent}
        self.verifications.set(name, Verification(status))

    def handle(self, request: Request) -> Response | None:
        account = SesAccount(Sending(), lambda: {"ProductionAccessEnabled": not self.sandbox})
        identities = SesIdentities(
            self.verifications, lambda: [*self.tags], lambda name: {"Tags": self._tags(name)}, create=self.create
        )
        if request.path == "/v2/email/tags":
            given = json.loads(request.body)
            self.tags[given["ResourceArn"].removeprefix(PREFIX)] |= {tag["Key"]: tag["Value"] for tag in given["Tags"]}
            return json_result({}, "application/json")
        if request.path.startswith("/v2/"):
            return account.handle(request) or identities.handle(request)
        return identities.handle_v1(request)

    def _tags(self, name: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags[name].items()]


def _sts(_request: Request) -> Response:
    return query_result("GetCallerIdentity", {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/jane"})


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ses]:
    made = Ses()
    gateway = Gateway({"ses": made.handle, "sts": _sts})
    gateway.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gateway.port}")
    yield made
    gateway.stop()


def told(result: dict[str, Any]) -> dict[str, str]:
    return {one["email"]: one["status"] for one in result["owner_identities"]}


def compared(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("invocation", "warnings")}


def test_owners_from_unknown_to_verified(run_module: Any, ses: Ses) -> None:
    ses.add("example.net", "SUCCESS")
    emails = [JANE, JOE, "ann@corp.example.net", "success@simulator.amazonses.com", JANE.replace("org", "ORG")]
    planned = run_module(OWNERS, emails=emails, check_mode=True)
    assert ses.verifications.links == []
    done = run_module(OWNERS, emails=emails)
    assert compared(planned) == compared(done)
    assert (done["changed"], done["sandbox"], done["pending"]) == (True, True, [JANE, JOE])
    assert [one["status"] for one in done["owner_identities"]] == ["sent", "sent", "verified", "verified"]
    sent = {"verification_status": "PENDING", "link_sent": "now"}
    assert done["diff"] == {"before": {}, "after": {JANE: sent, JOE: sent}}
    assert ses.verifications.links == [JANE, JOE]

    ses.verifications.follow_link(JANE)
    for check_mode in (True, False):
        again = run_module(OWNERS, emails=emails, check_mode=check_mode)
        assert (again["changed"], again["pending"]) == (False, [JOE])
        assert again["owner_identities"][1]["since"] == ses.tags[JOE][SENT_TAG]
    assert ses.verifications.links == [JANE, JOE]
    assert "warnings" not in again


@pytest.mark.parametrize(
    ("status", "age"),
    [
        pytest.param("PENDING", timedelta(days=1), id="a link that is no longer good"),
        pytest.param("FAILED", timedelta(days=3), id="failed"),
        pytest.param("FAILED", None, id="made by hand, and failed"),
    ],
)
def test_a_link_is_sent_again(run_module: Any, ses: Ses, status: str, age: timedelta | None) -> None:
    ses.add(JANE, status, age)
    planned = run_module(OWNERS, emails=[JANE], check_mode=True)
    done = run_module(OWNERS, emails=[JANE])
    assert compared(planned) == compared(done)
    assert (done["changed"], told(done)) == (True, {JANE: "sent"})
    assert done["diff"]["before"][JANE]["verification_status"] == status
    assert ses.verifications.links == [JANE]
    assert ses.tags[JANE].keys() == {"team", SENT_TAG}
    again = run_module(OWNERS, emails=[JANE])
    assert (again["changed"], told(again)) == (False, {JANE: "pending"})
    assert ses.verifications.links == [JANE]


def test_after_a_day_in_which_nobody_follows_the_link(run_module: Any, ses: Ses) -> None:
    run_module(OWNERS, emails=[JANE])
    ses.verifications.elapse(86_400)
    ses.tags[JANE][SENT_TAG] = utc_text(datetime.now(timezone.utc) - timedelta(days=1))
    assert told(run_module(OWNERS, emails=[JANE])) == {JANE: "sent"}
    ses.verifications.follow_link(JANE)
    assert told(run_module(OWNERS, emails=[JANE])) == {JANE: "verified"}


def test_the_case_of_a_local_part_counts(run_module: Any, ses: Ses) -> None:
    ses.add(JANE.lower(), "SUCCESS")
    assert told(run_module(OWNERS, emails=[JANE, JANE.lower()])) == {JANE: "sent", JANE.lower(): "verified"}


@pytest.mark.parametrize(
    ("sandbox", "emails", "calls"),
    [
        pytest.param(True, [], [], id="nobody"),
        pytest.param(False, [JANE], LOOKS[:1], id="outside the sandbox"),
        pytest.param(True, ["a@verified.example", "b@verified.example"], LOOKS, id="a verified domain"),
        pytest.param(True, [f"{number}@wait.example" for number in range(3)], [*LOOKS, *["GetEmailIdentity"] * 3],
                     id="pending"),
        pytest.param(True, ["new@wait.example"], [*LOOKS, "CreateEmailIdentity"], id="new"),
        pytest.param(True, ["late@wait.example"], [*LOOKS, *RESENDS], id="late"),
    ],
)  # fmt: skip
def test_how_much_is_asked(
    run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch, sandbox: bool, emails: list[str], calls: list[str]
) -> None:
    ses.sandbox = sandbox
    ses.add("verified.example", "SUCCESS")
    ses.add("late@wait.example", "FAILED")
    for number in range(3):
        ses.add(f"{number}@wait.example", "PENDING", timedelta(hours=2))
    noted = noted_calls(monkeypatch)
    result = run_module(OWNERS, emails=emails)
    assert noted == calls
    assert result["sandbox"] == (sandbox if emails else None)
    if not emails or not sandbox:
        assert (result["changed"], result["owner_identities"], result["pending"]) == (False, [], [])


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
@pytest.mark.parametrize("operation", LOOKS)
def test_what_ses_does_not_say_is_told_once(
    run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch, operation: str, code: str
) -> None:
    refuse(monkeypatch, operation, code)
    result = run_module(OWNERS, emails=[JANE, JOE])
    assert ses.verifications.links == []
    assert (result["failed"], result["changed"], told(result)) == (False, False, {JANE: "failed", JOE: "failed"})
    assert result["sandbox"] == (None if operation == "GetAccount" else True)
    (warning,) = map(str, result["warnings"])
    assert f"{JANE}, {JOE}" in warning
    assert code in warning


@pytest.mark.parametrize(
    ("operation", "code", "called"),
    [
        # Where one is denied, another may be allowed; and whoever has an identity needs no new one.
        pytest.param("CreateEmailIdentity", "AccessDeniedException", 2, id="denied"),
        pytest.param("CreateEmailIdentity", "LimitExceededException", 2, id="10,000 identities"),
        pytest.param("CreateEmailIdentity", "TooManyRequestsException", 8, id="throttled to the end"),
        pytest.param("GetEmailIdentity", "AccessDeniedException", 1, id="the right to look is missing"),
        pytest.param("TagResource", "AccessDeniedException", 1, id="the right to tag is missing"),
    ],
)
def test_a_mailbox_that_fails_is_told_and_stops_nothing(
    run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch, operation: str, code: str, called: int
) -> None:
    ses.add("late@wait.example", "FAILED", timedelta(days=2))
    emails = ["late@wait.example"] if operation != "CreateEmailIdentity" else [JANE, JOE]
    noted = refuse(monkeypatch, operation, code)
    result = run_module(OWNERS, emails=emails)
    assert noted.count(operation) == called
    assert (result["failed"], result["changed"]) == (False, False)
    assert told(result) == dict.fromkeys(emails, "failed")
    assert code in result["owner_identities"][0]["reason"]
    assert len(result["warnings"]) == 1
    assert ses.verifications.links == []


def test_throttling_is_waited_out(run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "CreateEmailIdentity", "TooManyRequestsException", times=3)
    assert told(run_module(OWNERS, emails=[JANE, JOE])) == {JANE: "sent", JOE: "sent"}
    assert ses.verifications.links == [JANE, JOE]


@pytest.mark.parametrize("age", [timedelta(days=2), None], ids=["sent before", "made by hand"])
def test_a_link_that_could_not_be_sent_is_sent_by_the_next_run(
    run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch, age: timedelta | None
) -> None:
    ses.add(JANE, "FAILED", age)
    with monkeypatch.context() as patch:
        refuse(patch, "VerifyEmailIdentity", "AccessDenied")
        failed = run_module(OWNERS, emails=[JANE])
    assert (told(failed), failed["changed"]) == ({JANE: "failed"}, False)
    assert "Failed to send Jane@example.org the link of SES" in failed["owner_identities"][0]["reason"]
    assert told(run_module(OWNERS, emails=[JANE])) == {JANE: "sent"}


def test_two_runs_at_once_send_one_link(run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch) -> None:
    v2 = boto3.client("sesv2", "eu-west-1")
    real = SesIdentities.handle

    def handle(self: SesIdentities, request: Request) -> Response | None:
        answer = real(self, request)
        if request.path.endswith("list-identities"):
            monkeypatch.setattr(SesIdentities, "handle", real)
            v2.create_email_identity(EmailIdentity=JANE)
        return answer

    monkeypatch.setattr(SesIdentities, "handle", handle)
    result = run_module(OWNERS, emails=[JANE])
    assert (told(result), result["changed"]) == ({JANE: "pending"}, False)
    assert ses.verifications.links == [JANE]


def test_an_owner_who_follows_the_link_meanwhile_is_left_alone(
    run_module: Any, ses: Ses, monkeypatch: pytest.MonkeyPatch
) -> None:
    ses.add(JANE, "PENDING", timedelta(days=2))
    real = SesIdentities.handle

    def handle(self: SesIdentities, request: Request) -> Response | None:
        answer = real(self, request)
        if request.path.endswith("list-identities"):
            ses.verifications.set(JANE)
        return answer

    monkeypatch.setattr(SesIdentities, "handle", handle)
    assert told(run_module(OWNERS, emails=[JANE])) == {JANE: "verified"}
    assert ses.verifications.links == []


def test_an_endpoint_that_is_not_there_fails_nothing(run_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    result = run_module(OWNERS, emails=[JANE])
    assert (result["failed"], told(result), len(result["warnings"])) == (False, {JANE: "failed"}, 1)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"emails": [JANE, "joe"]}, "emails[1]: 'joe' is not an email address", id="email"),
        pytest.param({"forwarder_role_arn": "admin"}, "forwarder_role_arn: 'admin' is not the ARN", id="role"),
    ],
)
def test_bad_input_is_refused(run_module: Any, ses: Ses, options: dict[str, Any], says: str) -> None:
    result = run_module(OWNERS, **{"emails": [JANE], **options})
    assert result["failed"]
    assert says in result["msg"]
    assert ses.verifications.links == []
