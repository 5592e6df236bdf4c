# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Account Management API as local AWS gives it: rules of its API Reference and of its Reference Guide."""

from __future__ import annotations

import email
import email.policy
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws
from tests.local_aws.account import CODE_SECONDS, AccountManagement
from tests.local_aws.backend import Backend
from tests.local_aws.organizations import Organizations
from tests.local_aws.wire import Request

MASTER = "111122223333"
NEW = "vended-001@accounts.example.com"
PROPAGATION = 4 * 3600.0
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20261121/us-east-1/account/aws4_request, SignedHeaders=host, Signature=0"


class _Caller:
    """Calls operations by name, at a time that a test sets; each call is a second after the one before."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0
        self.pause = 1.0
        self.mails: list[tuple[str, str, bytes]] = []
        self.organizations = Organizations(MASTER, 0.0, lambda: self.now, PROPAGATION)
        self.account = AccountManagement(
            self.organizations, MASTER, lambda *mail: self.mails.append(mail), lambda key: key, lambda: self.now
        )

    def __call__(self, operation: str, key: str = MASTER, **given: Any) -> Any:
        """Return the answer's body, or the code of the error."""
        self.now += self.pause
        path = f"/{operation[0].lower()}{operation[1:]}"
        headers = {"authorization": SIGNED.format(key)}
        answer = self.account.handle(Request("POST", path, "", headers, json.dumps(given).encode()))
        assert answer is not None
        return json.loads(answer.body) if answer.status == 200 else answer.headers["x-amzn-ErrorType"]

    def member(self, email: str = "old@example.com") -> str:
        asked = self.organization("CreateAccount", Email=email, AccountName="a")["CreateAccountStatus"]["Id"]
        done = self.organization("DescribeCreateAccountStatus", CreateAccountRequestId=asked)
        account_id: str = done["CreateAccountStatus"]["AccountId"]
        return account_id

    def organization(self, operation: str, **given: Any) -> Any:
        headers = {"x-amz-target": f"AWSOrganizationsV20161128.{operation}"}
        answer = self.organizations.handle(Request("POST", "/", "", headers, json.dumps(given).encode()))
        assert answer is not None
        return json.loads(answer.body)

    def start(self, account_id: str, email: str = NEW) -> Any:
        return self("StartPrimaryEmailUpdate", AccountId=account_id, PrimaryEmail=email)

    def accept(self, account_id: str, code: str, email: str = NEW) -> Any:
        return self("AcceptPrimaryEmailUpdate", AccountId=account_id, PrimaryEmail=email, Otp=code)

    def email(self, account_id: str) -> Any:
        answer = self("GetPrimaryEmail", AccountId=account_id)
        return answer if isinstance(answer, str) else answer["PrimaryEmail"]

    def name(self, **given: str) -> Any:
        answer = self("GetAccountInformation", **given)
        return answer if isinstance(answer, str) else answer["AccountName"]

    def listed_name(self, account_id: str) -> str:
        name: str = self.organization("DescribeAccount", AccountId=account_id)["Account"]["Name"]
        return name

    def code(self, number: int = -1) -> str:
        return code_in(self.mails[number][2])


def code_in(message: bytes) -> str:
    (text,) = (part for part in email.message_from_bytes(message).walk() if part.get_content_type() == "text/plain")
    payload = text.get_payload(decode=True)
    assert isinstance(payload, bytes)
    (code,) = re.findall(r"^([a-zA-Z0-9]{6})\r?$", payload.decode().partition("code:")[2].partition("This")[0], re.M)
    return str(code)


@pytest.fixture
def call() -> _Caller:
    return _Caller()


def test_an_update_from_its_start_to_its_end(call: _Caller) -> None:
    account_id = call.member()
    assert call.email(account_id) == "old@example.com"
    assert call.start(account_id) == {"Status": "PENDING"}
    assert call.email(account_id) == "old@example.com"
    assert call.accept(account_id, call.code()) == {"Status": "ACCEPTED"}
    assert call.email(account_id) == NEW
    assert call.organization("DescribeAccount", AccountId=account_id)["Account"]["Email"] == NEW


def test_the_code_is_mailed_to_the_new_address(call: _Caller) -> None:
    """AWS Account Management Reference Guide, "Update the root user email address": from no-reply@verify.signin.aws."""
    call.start(call.member())
    ((sender, recipient, data),) = call.mails
    assert (sender.rpartition("@")[2], recipient) == ("verify.signin.aws", NEW)
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert (message["From"], message["To"]) == ("Amazon Web Services <no-reply@verify.signin.aws>", NEW)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all(call.code() in part.get_content() for part in message.iter_parts())


def test_codes_are_not_guessed(call: _Caller) -> None:
    """API Reference, AcceptPrimaryEmailUpdate, parameter Otp: ^[a-zA-Z0-9]{6}$."""
    account_id = call.member()
    codes = set()
    for _unused in range(20):
        call.now += 30
        call.start(account_id)
        codes.add(call.code())
    assert len(codes) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda call, one: call.accept(one, call.code().swapcase() + "x"), id="seven characters"),
        pytest.param(lambda call, one: call.accept(one, "-" * 6), id="characters that no code has"),
        pytest.param(lambda call, one: call.accept(one, "".join(reversed(call.code())) or "-"), id="another code"),
        pytest.param(lambda call, one: call.accept(one, call.code(), "other@example.com"), id="another address"),
        pytest.param(lambda call, _one: call.accept(call.member("b@example.com"), call.code()), id="another account"),
    ],
)
def test_what_is_wrong_is_not_accepted(call: _Caller, wrong: Callable[[_Caller, str], Any]) -> None:
    """API Reference, AcceptPrimaryEmailUpdate: ValidationException, "one of the input parameters was invalid"."""
    account_id = call.member()
    while not call.mails or call.code() == call.code()[::-1]:
        call.start(account_id)
    assert wrong(call, account_id) == "ValidationException"
    assert call.email(account_id) == "old@example.com"
    assert call.accept(account_id, call.code()) == {"Status": "ACCEPTED"}


def test_a_code_is_good_once_and_for_a_while(call: _Caller) -> None:
    account_id = call.member()
    call.start(account_id)
    call.accept(account_id, call.code())
    assert call.accept(account_id, call.code()) == "ValidationException"
    call.start(account_id, "another@example.com")
    call.now += CODE_SECONDS
    assert call.accept(account_id, call.code(), "another@example.com") == "ValidationException"
    assert call.email(account_id) == NEW


def test_a_new_start_makes_the_old_code_worthless(call: _Caller) -> None:
    account_id = call.member()
    call.start(account_id)
    call.start(account_id)
    assert call.accept(account_id, call.code(0)) == "ValidationException"
    assert call.accept(account_id, call.code(1)) == {"Status": "ACCEPTED"}


@pytest.mark.parametrize("taken", ["old@example.com", "B@Example.com", "management@example.com"])
def test_an_address_that_an_account_has(call: _Caller, taken: str) -> None:
    """API Reference, ConflictException: "to an email address which is already in use"."""
    account_id = call.member()
    call.member("b@example.com")
    assert call.start(account_id, taken) == "ConflictException"
    assert call.mails == []


def test_an_address_that_an_account_got_meanwhile(call: _Caller) -> None:
    account_id = call.member()
    call.start(account_id)
    call.member(NEW)
    assert call.accept(account_id, call.code()) == "ConflictException"


def test_what_became_of_an_update(call: _Caller) -> None:
    account_id = call.member()
    assert call("GetPrimaryEmailUpdateStatus", AccountId=account_id) == "ResourceNotFoundException"
    call.start(account_id)
    assert call("GetPrimaryEmailUpdateStatus", AccountId=account_id)["Status"] == "PENDING"
    call.accept(account_id, call.code())
    assert call("GetPrimaryEmailUpdateStatus", AccountId=account_id)["Status"] == "COMPLETED"


OPERATIONS: dict[str, dict[str, str]] = {
    "GetPrimaryEmail": {},
    "GetPrimaryEmailUpdateStatus": {},
    "StartPrimaryEmailUpdate": {"PrimaryEmail": NEW},
    "AcceptPrimaryEmailUpdate": {"PrimaryEmail": NEW, "Otp": "abc123"},
}
NAME_OPERATIONS: dict[str, dict[str, str]] = {"GetAccountInformation": {}, "PutAccountName": {"AccountName": "b"}}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whose_email_it_may_be(call: _Caller, operation: str) -> None:
    """API Reference, parameter AccountId of all three: a member account's, and not the management account's own."""
    member = call.member()
    given = OPERATIONS[operation]
    assert call(operation, AccountId=MASTER, **given) == "AccessDeniedException"
    assert call(operation, AccountId="999999999999", **given) == "ResourceNotFoundException"
    assert call(operation, AccountId="12345", **given) == "ValidationException"
    # From a member account, of whichever account.
    assert call(operation, key=member, AccountId=member, **given) == "AccessDeniedException"
    assert call.mails == []


@pytest.mark.parametrize("address", ["a@b.", "no-at-sign", "a" * 53 + "@example.com", "a b@example.com"])
def test_addresses_that_are_none(call: _Caller, address: str) -> None:
    """API Reference, parameter PrimaryEmail: 5 to 64 characters."""
    assert call.start(call.member(), address) == "ValidationException"


def test_three_starts_in_thirty_seconds(call: _Caller) -> None:
    """Reference Guide, "Quotas": 3 StartPrimaryEmailUpdate requests per 30 seconds for a target account."""
    account_id, other = call.member(), call.member("b@example.com")
    assert [call.start(account_id) for _unused in range(3)] == [{"Status": "PENDING"}] * 3
    assert call.start(account_id) == "TooManyRequestsException"
    assert len(call.mails) == 3
    assert call.start(other) == {"Status": "PENDING"}
    call.now += 30
    assert call.start(account_id) == {"Status": "PENDING"}


@pytest.mark.parametrize(
    ("operation", "rate"),
    [*zip(OPERATIONS, (3, 3, 1, 1), strict=True), ("GetAccountInformation", 3), ("PutAccountName", 1)],
)
def test_rates_of_a_caller(call: _Caller, operation: str, rate: int) -> None:
    """Reference Guide, "Quotas": so many a second for each caller account."""
    call.pause = 0.0
    accounts = [call.member(f"a{number}@example.com") for number in range(rate + 1)]
    given = {**OPERATIONS, **NAME_OPERATIONS}[operation]
    answers = [call(operation, AccountId=account, **given) for account in accounts]
    assert "TooManyRequestsException" not in answers[:rate]
    assert answers[rate] == "TooManyRequestsException"


def test_a_name_is_new_at_once_here_and_later_in_organizations(call: _Caller) -> None:
    """API Reference, PutAccountName and GetAccountInformation.

    Reference Guide, "Update your AWS account name": changes can take up to four hours to propagate everywhere.
    """
    account_id = call.member()
    joined = call.organization("DescribeAccount", AccountId=account_id)["Account"]["JoinedTimestamp"]
    assert call("PutAccountName", AccountId=account_id, AccountName="payments") == {}
    assert call("GetAccountInformation", AccountId=account_id) == {
        "AccountId": account_id,
        "AccountName": "payments",
        "AccountCreatedDate": datetime.fromtimestamp(joined, UTC).isoformat(),
        "AccountState": "ACTIVE",
    }
    assert call.listed_name(account_id) == "a"
    call("PutAccountName", AccountId=account_id, AccountName="billing")
    call.now += PROPAGATION - 10
    assert (call.name(AccountId=account_id), call.listed_name(account_id)) == ("billing", "a")
    call.now += 10
    assert (call.name(AccountId=account_id), call.listed_name(account_id)) == ("billing", "billing")


@pytest.mark.parametrize("key", ["management", "member"])
def test_the_callers_own_name(call: _Caller, key: str) -> None:
    """API Reference, PutAccountName, AccountId: without it, the account of the identity that calls."""
    caller = MASTER if key == "management" else call.member()
    assert call("PutAccountName", key=caller, AccountName="mine") == {}
    assert call("GetAccountInformation", key=caller)["AccountId"] == caller
    assert call("GetAccountInformation", key=caller)["AccountName"] == "mine"


@pytest.mark.parametrize(("operation", "given"), NAME_OPERATIONS.items())
def test_whose_name_it_may_be(call: _Caller, operation: str, given: dict[str, str]) -> None:
    """API Reference, parameter AccountId: a member account's from the management account, and not that account's own.

    Neither operation has a ResourceNotFoundException.
    """
    member, other = call.member(), call.member("b@example.com")
    assert call(operation, AccountId=MASTER, **given) == "AccessDeniedException"
    assert call(operation, AccountId="999999999999", **given) == "AccessDeniedException"
    assert call(operation, AccountId="12345", **given) == "ValidationException"
    for account_id in (member, other):
        assert call(operation, key=member, AccountId=account_id, **given) == "AccessDeniedException"
    assert call.name(AccountId=member) == call.name(AccountId=other) == "a"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("n" * 51, id="51 characters"),
        pytest.param("Zürich", id="not ASCII"),
        pytest.param("a<b", id="less-than sign, which CreateAccount takes"),
        pytest.param("a>b", id="greater-than sign"),
        pytest.param(None, id="none"),
    ],
)
def test_names_that_are_none(call: _Caller, name: str | None) -> None:
    """API Reference, PutAccountName, AccountName: 1 to 50 characters, [ -;=?-~]+."""
    account_id = call.member()
    assert call("PutAccountName", AccountId=account_id, AccountName=name) == "ValidationException"
    assert call.name(AccountId=account_id) == "a"


@pytest.mark.parametrize("name", ["n" * 50, " a;=?~ "])
def test_names_that_are_fine(call: _Caller, name: str) -> None:
    """API Reference, PutAccountName, AccountName."""
    account_id = call.member()
    assert call("PutAccountName", AccountId=account_id, AccountName=name) == {}
    assert call.name(AccountId=account_id) == name


def test_other_operations_are_not_answered_here(call: _Caller) -> None:
    assert call.account.handle(Request("POST", "/listRegions", "", {}, b"")) is None


# Behind the gateway: signed by botocore, mailed by SMTP, authorised by IAM.


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with LocalAws(tmp_path_factory.mktemp("account"), enforce_iam=True, account_creation_seconds=0) as running:
        yield running


def _member(aws: LocalAws) -> str:
    organizations = aws.client("organizations")
    asked = organizations.create_account(Email=f"{uuid4().hex[:8]}@example.com", AccountName="a")
    request_id = asked["CreateAccountStatus"]["Id"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=request_id)["CreateAccountStatus"]
    account_id: str = status["AccountId"]
    return account_id


def test_the_mail_comes_in_by_the_receipt_rules(aws: LocalAws) -> None:
    received = aws.client("ses")
    received.verify_domain_identity(Domain="accounts.example.com")
    topic = aws.client("sns").create_topic(Name="mail")["TopicArn"]
    queue_arn = f"arn:aws:sqs:{aws.region}:{aws.account_id}:mail"
    principal = {"Service": "sns.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queue_arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = aws.client("sqs").create_queue(QueueName="mail", Attributes={"Policy": policy})["QueueUrl"]
    aws.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"}
    )
    # AWS takes one start a second of a caller.
    patient = Config(retries={"mode": "standard", "total_max_attempts": 10})
    account_id, client = _member(aws), aws.client("account", config=patient)
    # No rule takes it: it is lost.
    assert client.start_primary_email_update(AccountId=account_id, PrimaryEmail=NEW)["Status"] == "PENDING"
    _wait_until(lambda: f"a mail of AWS's to {NEW} is lost" in (aws._directory / "gateway.log").read_text())
    rule = {"Name": "mail", "Enabled": True, "Actions": [{"SNSAction": {"TopicArn": topic}}]}
    received.create_receipt_rule_set(RuleSetName="mail")
    received.create_receipt_rule(RuleSetName="mail", Rule=rule)
    received.set_active_receipt_rule_set(RuleSetName="mail")
    client.start_primary_email_update(AccountId=account_id, PrimaryEmail=NEW)
    (message,) = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    notice = json.loads(message["Body"])
    assert notice["receipt"]["dmarcVerdict"] == {"status": "PASS"}
    assert "dmarc=pass header.from=verify.signin.aws" in notice["content"]
    accepted = client.accept_primary_email_update(
        AccountId=account_id, PrimaryEmail=NEW, Otp=code_in(notice["content"].encode())
    )
    assert accepted["Status"] == "ACCEPTED"
    assert client.get_primary_email(AccountId=account_id)["PrimaryEmail"] == NEW


def test_whose_credentials_they_are(aws: LocalAws) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": aws.account_id}, "Action": "sts:AssumeRole"}
    role = _allowed(aws, "role", "account:*", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    session = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    account_id = _member(aws)
    client = _client(aws, session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert client.get_primary_email(AccountId=account_id)["PrimaryEmail"].endswith("@example.com")
    assert Backend("111122223333", "eu-west-1", "test", "test").account_of("444455556666") == "444455556666"


def test_iam_has_a_say(aws: LocalAws) -> None:
    account_id = _member(aws)
    user = _allowed(aws, "user", "account:GetPrimaryEmail")
    key = aws.client("iam").create_access_key(UserName=user["UserName"])["AccessKey"]
    reader = _client(aws, key["AccessKeyId"], key["SecretAccessKey"])
    assert reader.get_primary_email(AccountId=account_id)["PrimaryEmail"].endswith("@example.com")
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.start_primary_email_update(AccountId=account_id, PrimaryEmail=NEW)


def test_iam_has_a_say_about_names(aws: LocalAws) -> None:
    """Service Authorization Reference, "AWS Account Management": resource types account and accountInOrganization."""
    account_id = _member(aws)
    organization = aws.client("organizations").describe_organization()["Organization"]["Id"]
    members = f"arn:aws:account::{aws.account_id}:account/{organization}/*"
    of_members = _session(aws, "account:*AccountName", members)
    of_members.put_account_name(AccountId=account_id, AccountName="payments")
    with pytest.raises(ClientError, match="AccessDenied"):
        of_members.put_account_name(AccountName="management")
    with pytest.raises(ClientError, match="AccessDenied"):
        of_members.get_account_information(AccountId=account_id)
    own = _session(aws, "account:*Account*", f"arn:aws:account::{aws.account_id}:account")
    assert own.get_account_information()["AccountId"] == aws.account_id
    with pytest.raises(ClientError, match="AccessDenied"):
        own.get_account_information(AccountId=account_id)
    found = aws.client("account").get_account_information(AccountId=account_id)
    assert (found["AccountName"], found["AccountState"]) == ("payments", "ACTIVE")
    assert found["AccountCreatedDate"].tzinfo is not None


def _session(aws: LocalAws, action: str, resource: str) -> Any:
    user = _allowed(aws, "user", action, resource)
    key = aws.client("iam").create_access_key(UserName=user["UserName"])["AccessKey"]
    return _client(aws, key["AccessKeyId"], key["SecretAccessKey"])


def _allowed(aws: LocalAws, kind: str, action: str, resource: str = "*", **options: str) -> Any:
    """Make a user or a role that may do one thing."""
    iam, name = aws.client("iam"), {f"{kind.capitalize()}Name": f"{kind}-{uuid4().hex[:8]}"}
    made = getattr(iam, f"create_{kind}")(**name, **options)[kind.capitalize()]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    getattr(iam, f"put_{kind}_policy")(**name, PolicyName="allowed", PolicyDocument=json.dumps(policy))
    return made


def _client(aws: LocalAws, *keys: str) -> Any:
    return boto3.session.Session(*keys, region_name="us-east-1").client("account", endpoint_url=aws.endpoint_url)


def _wait_until(holds: Callable[[], bool], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_delegated_administrator_does_what_the_management_account_does(call: _Caller) -> None:
    """Reference Guide, "Understanding API modes of operation": the management account, or a delegated administrator."""
    administrator, member = call.member(), call.member("b@example.com")
    given = {"AccountId": member, "PrimaryEmail": NEW}
    assert call("StartPrimaryEmailUpdate", key=administrator, **given) == "AccessDeniedException"
    call.organizations.delegate(administrator)
    assert call("StartPrimaryEmailUpdate", key=administrator, **given) == {"Status": "PENDING"}
    assert call("GetPrimaryEmail", key=administrator, AccountId=MASTER) == "AccessDeniedException"
