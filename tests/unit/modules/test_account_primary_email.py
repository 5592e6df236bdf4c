# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_primary_email: its real main(), botocore and all, against local AWS's accounts and moto's S3."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._account import api
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from ansible_collections.account_factory.email.plugins.modules import account_primary_email
from forwarder.aws.deliveries import DeliveryTable
from forwarder.core.recipients import Delivery, Standing
from tests.aws_errors import aws_error
from tests.local_aws.account import CODE_SECONDS, AccountManagement
from tests.local_aws.organizations import Organizations
from tests.local_aws.received_mail import Envelope, arrive
from tests.local_aws.wire import AwsError, Request, json_result, rest_json_error
from tests.map_table import create_delivery_table, create_table

EMAIL = account_primary_email.main
MASTER = "111122223333"
OLD, NEW = "old@example.com", "vended-001@accounts.example.com"
BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
DELIVERY_TABLE = "mail-forwarder-deliveries"


@dataclass
class World:
    """An organization with a member account, and a bucket that its mail comes into after some seconds.

    The clock is the test's own: sleeping moves it on.
    """

    now: float = 1_790_000_000.0
    mail_seconds: float = 20.0
    verdict: str = ""
    calls: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    said: list[bytes] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    on: dict[str, Callable[[dict[str, Any]], Any]] = field(default_factory=dict)
    # Whether the forwarder takes up what comes in, and how often all mail in the bucket was listed.
    takes_up: bool = False
    listings: int = 0

    def __post_init__(self) -> None:
        self._coming: list[tuple[float, bytes]] = []
        organizations = Organizations(MASTER, 0.0, lambda: self.now)
        self.account = AccountManagement(organizations, MASTER, self._mail, lambda _key: MASTER, lambda: self.now)
        self.organizations = organizations
        self.id = self.member(OLD)

    def organization(self, name: str, **parameters: Any) -> Any:
        headers = {"x-amz-target": f"AWSOrganizationsV20161128.{name}"}
        answer = self.organizations.handle(Request("POST", "/", "", headers, json.dumps(parameters).encode()))
        assert answer is not None
        return json.loads(answer.body)

    def member(self, email: str) -> str:
        request = self.organization("CreateAccount", Email=email, AccountName="a")["CreateAccountStatus"]["Id"]
        done = self.organization("DescribeCreateAccountStatus", CreateAccountRequestId=request)
        return str(done["CreateAccountStatus"]["AccountId"])

    def email(self) -> str:
        return str(self.organization("DescribeAccount", AccountId=self.id)["Account"]["Email"])

    def _mail(self, sender: str, recipient: str, data: bytes) -> None:
        self.codes.append(self.account._updates[self.id].code)
        self._coming.append((self.now + self.mail_seconds, self.stored(sender, recipient, data)))

    def stored(self, sender: str, recipient: str, data: bytes) -> bytes:
        if self.verdict:
            data = f"X-Local-Verdicts: {self.verdict}\r\n".encode() + data
        envelope = Envelope("mx", "192.0.2.1", sender, (recipient,))
        return arrive("id", envelope, data, "eu-west-1", datetime.now(UTC)).data

    def put(self, data: bytes, prefix: str = "mail/") -> str:
        key = f"{prefix}{uuid4().hex}"
        boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=data)
        return key

    def call(self, name: str, **parameters: Any) -> Any:
        """Call an operation as another job would: not noted, nothing happens before it."""
        path = name[0].lower() + name[1:]
        answer = self.account.handle(Request("POST", f"/{path}", "", {}, json.dumps(parameters).encode()))
        assert answer is not None
        return json.loads(answer.body)

    def send(self, request: Any) -> AWSResponse:
        path = urlsplit(request.url).path
        name = path[1].upper() + path[2:]
        self.calls.append(name)
        self.hosts.add(urlsplit(request.url).hostname or "")
        headers = {"authorization": request.headers["Authorization"].decode()}
        try:
            before = self.on.get(name)
            instead = before(json.loads(request.body or b"{}")) if before else None
            sent = Request("POST", path, "", headers, request.body)
            answer = json_result(instead, "application/json") if instead else self.account.handle(sent)
        except AwsError as error:
            answer = rest_json_error(error)
        assert answer is not None, name
        response = AWSResponse(request.url, answer.status, dict(answer.headers), None)
        response._content = answer.body
        return response

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        due = [data for when, data in self._coming if when <= self.now]
        self._coming = [(when, data) for when, data in self._coming if when > self.now]
        for data in due:
            key = self.put(data)
            if self.takes_up:
                self.take_up(key)

    def take_up(self, key: str, *owners: str) -> None:
        """Let the forwarder send the copies of a mail to the new email to its owners."""
        table = DeliveryTable(boto3.client("dynamodb", region_name="eu-west-1"), DELIVERY_TABLE, lambda: self.now, 365)
        for owner in owners or ("jane@example.org", "joe@example.org"):
            notice = Notice(key.removeprefix("mail/"), "a@example.org", (NEW,), Verdicts(), "bucket", key)
            assert table.claim(notice, Delivery(NEW, NEW, owner, Standing.OWNER), 60)

    def refuse(self, operation: str, code: str, times: int = 10**6, text: str = "no") -> None:
        """Let AWS refuse the operation so many times."""
        count = self.calls.count(operation)

        def refusal(_parameters: dict[str, Any]) -> None:
            if self.calls.count(operation) <= count + times:
                raise AwsError(code, text, 400)

        self.on[operation] = refusal


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws(config={"core": {"passthrough": {"services": ["account"]}}}):
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        create_delivery_table(boto3.client("dynamodb", region_name="eu-west-1"), DELIVERY_TABLE)
        world = World()
        make_api_call = BaseClient._make_api_call

        def counted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
            world.listings += operation == "ListObjectsV2" and "MaxKeys" not in parameters
            return make_api_call(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", counted)
        monkeypatch.setattr("time.sleep", world.sleep)
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _session, request: world.send(request))
        yield world


def wanted(world: World, **options: Any) -> dict[str, Any]:
    return {"account_id": world.id, "email": NEW, "mail_bucket": BUCKET, **options}


def test_an_email_is_changed_once(run_module: Any, world: World) -> None:
    predicted = run_module(EMAIL, check_mode=True, **wanted(world))
    assert world.calls == ["GetPrimaryEmail"]
    assert world.email() == OLD
    changed = run_module(EMAIL, **wanted(world))
    assert world.email() == NEW
    assert predicted == changed
    assert changed["changed"]
    assert changed["account_primary_email"] == {"account_id": world.id, "email": NEW, "status": "ACCEPTED"}
    before = {"account_id": world.id, "email": OLD, "status": None}
    assert changed["diff"] == {"before": before, "after": changed["account_primary_email"]}
    calls = len(world.calls)
    for check_mode in (True, False):
        again = run_module(EMAIL, check_mode=check_mode, **wanted(world, email=NEW.upper()))
        assert not again["changed"]
        assert again["account_primary_email"] == changed["account_primary_email"]
    assert world.calls[calls:] == ["GetPrimaryEmail"] * 2


def test_the_email_in_another_case_is_the_email(run_module: Any, world: World) -> None:
    same = run_module(EMAIL, **wanted(world, email=OLD.upper()))
    assert not same["changed"]
    assert world.calls == ["GetPrimaryEmail"]


def test_started_by_one_run_and_ended_with_a_code(run_module: Any, world: World) -> None:
    predicted = run_module(EMAIL, check_mode=True, account_id=world.id, email=NEW)
    started = run_module(EMAIL, account_id=world.id, email=NEW)
    assert started == predicted
    assert started["changed"]
    assert started["account_primary_email"] == {"account_id": world.id, "email": OLD, "status": "PENDING"}
    assert started["msg"].startswith(f"AWS mails a code to {NEW}. Run again with it as otp")
    assert world.email() == OLD
    predicted = run_module(EMAIL, check_mode=True, **wanted(world, otp=world.codes[0]))
    ended = run_module(EMAIL, **wanted(world, otp=world.codes[0]))
    assert ended == predicted
    assert ended["changed"]
    assert world.email() == NEW
    assert world.calls.count("StartPrimaryEmailUpdate") == 1
    again = run_module(EMAIL, **wanted(world, otp=world.codes[0]))
    assert not again["changed"]


def test_other_mail_is_left_alone(run_module: Any, world: World) -> None:
    """Codes of earlier starts, mail to others, forged mail, large mail, mail under other prefixes."""
    run_module(EMAIL, account_id=world.id, email=NEW)
    world.sleep(30)
    known = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert len(known) == 1
    earlier = boto3.client("s3").get_object(Bucket=BUCKET, Key=known[0]["Key"])["Body"].read()
    from_aws = "x@verify.signin.aws"

    def others(_parameters: dict[str, Any]) -> None:
        world.put(earlier.replace(NEW.encode(), b"vended-002@accounts.example.com"))
        world.put(earlier.replace(b"dmarc=pass", b"dmarc=fail"))
        world.put(earlier + b"x" * 1_000_000)
        world.put(earlier, prefix="other/")
        world.put(
            world.stored(from_aws, NEW, b"From: a@verify.signin.aws\r\nTo: b@example.org\r\n\r\nCode: abc123\r\n")
        )
        world.put(b"")

    world.on["StartPrimaryEmailUpdate"] = others
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert world.calls.count("AcceptPrimaryEmailUpdate") == 1


def test_mail_that_the_forwarder_has_taken_up_is_found_without_a_list_of_all(run_module: Any, world: World) -> None:
    world.takes_up = True
    # Of an earlier start, and of another message to this address.
    run_module(EMAIL, account_id=world.id, email=NEW)
    world.sleep(30)
    world.take_up(world.put(b"From: friend@example.net\r\nTo: " + NEW.encode() + b"\r\n\r\nCode: abc123\r\n"))
    for check_mode in (True, False):
        assert run_module(EMAIL, check_mode=check_mode, **wanted(world, delivery_table=DELIVERY_TABLE))["changed"]
    assert world.email() == NEW
    assert world.calls.count("AcceptPrimaryEmailUpdate") == 1
    assert world.listings == 0


def test_mail_that_the_forwarder_has_not_taken_up_is_found_in_the_bucket(run_module: Any, world: World) -> None:
    """A forwarder that fails, or that drops mail to suspended addresses."""
    before = world.now
    assert run_module(EMAIL, **wanted(world, delivery_table=DELIVERY_TABLE))["changed"]
    assert world.now - before < 75
    assert world.listings == 1


def test_mail_that_is_noted_and_gone_is_no_mail(run_module: Any, world: World) -> None:
    world.on["StartPrimaryEmailUpdate"] = lambda _parameters: world.take_up("mail/gone")
    answer = refused(
        run_module, world, **wanted(world, mail_bucket=BUCKET, delivery_table=DELIVERY_TABLE, wait_timeout=5)
    )
    assert answer["msg"].startswith("wait_timeout: no mail of AWS's")


@pytest.mark.parametrize("lacks", ["the table", "the index", "the permission"])
def test_without_what_the_forwarder_knows_the_bucket_is_listed(
    run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    """A forwarder of an earlier release, a name that is wrong, a policy of an earlier release."""
    table = {"the table": "no-such-table", "the index": "without-index"}.get(lacks, DELIVERY_TABLE)
    create_table(boto3.client("dynamodb", region_name="eu-west-1"), "without-index")
    make_api_call = BaseClient._make_api_call

    def refused_query(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "Query" and lacks == "the permission":
            raise aws_error("AccessDeniedException", operation)
        return make_api_call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", refused_query)
    done = run_module(EMAIL, **wanted(world, delivery_table=table))
    assert done["changed"]
    assert len(done["warnings"]) == 1
    assert f"delivery_table: the index by-address of {table} cannot be used (" in str(done["warnings"])
    assert world.listings > 1


def test_a_busy_table_of_deliveries_is_asked_again(
    run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.takes_up = True
    make_api_call = BaseClient._make_api_call
    refusals = iter(["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"])

    def busy(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        code = next(refusals, None) if operation == "Query" else None
        if code:
            raise aws_error(code, operation)
        return make_api_call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", busy)
    assert run_module(EMAIL, **wanted(world, delivery_table=DELIVERY_TABLE))["changed"]
    assert next(refusals, None) is None
    assert world.listings == 0


def test_a_code_that_comes_late_is_not_the_end(run_module: Any, world: World) -> None:
    """A run was cut off after its start; its mail comes after the start of the next run."""
    world.mail_seconds = 10
    world.call("StartPrimaryEmailUpdate", AccountId=world.id, PrimaryEmail=NEW)
    world.now += 9
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert world.calls.count("AcceptPrimaryEmailUpdate") == 2
    assert world.calls.count("StartPrimaryEmailUpdate") == 1
    assert world.email() == NEW


def test_two_jobs_at_once(run_module: Any, world: World) -> None:
    """Another job starts after us, which makes our code worthless, and is through before we are."""

    def theirs(_parameters: dict[str, Any]) -> None:
        if world.email() == OLD:
            world.now += 2
            world.call("StartPrimaryEmailUpdate", AccountId=world.id, PrimaryEmail=NEW)
            world.now += 2
            world.call("AcceptPrimaryEmailUpdate", AccountId=world.id, PrimaryEmail=NEW, Otp=world.codes[-1])
            world.now += 2

    world.on["AcceptPrimaryEmailUpdate"] = theirs
    found = run_module(EMAIL, **wanted(world))
    assert not found["changed"]
    assert found["account_primary_email"] == {"account_id": world.id, "email": NEW, "status": "ACCEPTED"}
    assert world.calls.count("AcceptPrimaryEmailUpdate") == 1


def test_another_job_is_through_before_we_start(run_module: Any, world: World) -> None:
    def theirs(_parameters: dict[str, Any]) -> None:
        world.organizations.set_primary_email(world.id, NEW)

    world.on["StartPrimaryEmailUpdate"] = theirs
    found = run_module(EMAIL, **wanted(world))
    assert not found["changed"]
    assert found["account_primary_email"]["email"] == NEW


def test_the_change_may_not_be_seen_at_once(run_module: Any, world: World) -> None:
    def shown(_parameters: dict[str, Any]) -> Any:
        return {"PrimaryEmail": OLD} if world.calls.count("GetPrimaryEmail") < 5 else None

    world.on["GetPrimaryEmail"] = shown
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert world.calls.count("GetPrimaryEmail") == 5


def test_the_change_is_not_seen_in_time(run_module: Any, world: World) -> None:
    world.on["GetPrimaryEmail"] = lambda _parameters: {"PrimaryEmail": OLD}
    before = world.now
    late = run_module(EMAIL, **wanted(world, wait_timeout=60))
    assert late["failed"]
    assert f"Timeout trying to see the account {world.id} with the email {NEW}" in late["msg"]
    assert "AWS has accepted the code" in late["msg"]
    assert world.now - before < 120


def accepted(world: World, looks: int, became: str) -> None:
    """Let an earlier run's change be accepted, and be settled after so many looks."""

    def status(_parameters: dict[str, Any]) -> Any:
        if world.calls.count("GetPrimaryEmailUpdateStatus") <= looks:
            return {"Status": "ACCEPTED"}
        if became == "COMPLETED" and world.email() == OLD:
            world.organizations.set_primary_email(world.id, NEW)
        return {"Status": became}

    world.on["GetPrimaryEmailUpdateStatus"] = status


def test_a_change_that_was_accepted_before_is_waited_for_and_not_started_again(run_module: Any, world: World) -> None:
    accepted(world, 4, "COMPLETED")
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert "StartPrimaryEmailUpdate" not in world.calls
    assert world.email() == NEW


def test_a_change_that_was_accepted_and_failed_is_started_again(run_module: Any, world: World) -> None:
    accepted(world, 2, "FAILED")
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert world.calls.count("StartPrimaryEmailUpdate") == 1
    assert world.email() == NEW


def test_a_change_that_stays_accepted_is_told(run_module: Any, world: World) -> None:
    accepted(world, 10**6, "")
    late = run_module(EMAIL, **wanted(world, wait_timeout=60))
    assert f"Timeout trying to see the change of the email of account {world.id} take effect" in late["msg"]
    assert "AWS has accepted the code" in late["msg"]
    assert "StartPrimaryEmailUpdate" not in world.calls


def test_a_change_that_fails_after_the_code_was_accepted_is_told(run_module: Any, world: World) -> None:
    world.on["GetPrimaryEmail"] = lambda _parameters: {"PrimaryEmail": OLD}
    world.on["GetPrimaryEmailUpdateStatus"] = lambda _parameters: {"Status": "FAILED"}
    late = run_module(EMAIL, **wanted(world, wait_timeout=60))
    assert "then failed to change the email. Run again: AWS then mails a new code" in late["msg"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_what_aws_does_not_tell_of_an_earlier_change_is_in_nobodys_way(
    run_module: Any, world: World, code: str
) -> None:
    world.refuse("GetPrimaryEmailUpdateStatus", code)
    assert run_module(EMAIL, **wanted(world))["changed"]


def test_a_botocore_that_cannot_ask_for_the_status(
    run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = api.update_status
    monkeypatch.setattr(api, "update_status", lambda _client, account_id: real(object(), account_id))
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert "GetPrimaryEmailUpdateStatus" not in world.calls


def test_any_region_will_do(run_module: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run_module(EMAIL, **wanted(world, region="ap-southeast-2"))
    monkeypatch.delenv("AWS_REGION")
    run_module(EMAIL, account_id=world.id, email=NEW)
    assert world.hosts == {"account.us-east-1.amazonaws.com"}


# What goes wrong. No answer shows a code.


def refused(run_module: Any, world: World, **options: Any) -> Any:
    result = run_module(EMAIL, **options)
    assert result["failed"]
    assert not [code for code in world.codes if code in json.dumps(result)]
    return result


def test_no_mail_comes(run_module: Any, world: World) -> None:
    world.mail_seconds = 10**6
    before = world.now
    late = refused(run_module, world, **wanted(world, wait_timeout=60))
    assert late["msg"].startswith(
        f"wait_timeout: no mail of AWS's to {NEW} came into s3://{BUCKET}/mail/ within 60 sec"
    )
    assert "then run again" in late["msg"]
    assert 60 <= world.now - before < 75


def test_a_mail_that_ses_does_not_vouch_for(run_module: Any, world: World) -> None:
    world.verdict = "dmarc=FAIL"
    assert refused(run_module, world, **wanted(world, wait_timeout=30))["msg"].startswith("wait_timeout: no mail")
    assert "AcceptPrimaryEmailUpdate" not in world.calls


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(b"Welcome\r\n", "it holds no word that could be the code", id="none"),
        pytest.param(b"Code: a1b2c3\r\nCode: d4e5f6\r\n", "it holds more than one word", id="two"),
    ],
)
def test_a_mail_without_one_code(run_module: Any, world: World, body: bytes, says: str) -> None:
    keys: list[str] = []
    mail = b"From: a@verify.signin.aws\r\nTo: " + NEW.encode() + b"\r\n\r\n" + body

    def start(_parameters: dict[str, Any]) -> None:
        keys.append(world.put(world.stored("a@verify.signin.aws", NEW, mail)))

    world.on["StartPrimaryEmailUpdate"] = start
    answer = refused(run_module, world, **wanted(world))
    assert f"the code out of the message s3://{BUCKET}/{keys[0]}: {says}" in answer["msg"]
    assert answer["msg"].endswith("run again with otp=that code.")
    assert "a1b2c3" not in json.dumps(answer)


def test_a_wrong_code(run_module: Any, world: World) -> None:
    run_module(EMAIL, account_id=world.id, email=NEW)
    wrong = world.codes[0][::-1] if world.codes[0] != world.codes[0][::-1] else "000000"
    answer = refused(run_module, world, account_id=world.id, email=NEW, otp=wrong)
    assert answer["error"]["code"] == "ValidationException"
    assert "Run again without otp: AWS then mails a new code" in answer["msg"]
    assert wrong not in json.dumps(answer)
    assert world.email() == OLD


def test_a_code_that_has_expired(run_module: Any, world: World) -> None:
    world.mail_seconds = CODE_SECONDS
    answer = refused(run_module, world, **wanted(world, wait_timeout=1200))
    assert "The code is wrong or has expired" in answer["msg"]
    world.mail_seconds = 5
    assert run_module(EMAIL, **wanted(world))["changed"]


def test_an_answer_that_repeats_the_code(run_module: Any, world: World) -> None:
    def refusal(parameters: dict[str, Any]) -> None:
        raise AwsError("ValidationException", f"Value '{parameters['Otp']}' at 'otp' is not valid", 400)

    world.on["AcceptPrimaryEmailUpdate"] = refusal
    answer = refused(run_module, world, **wanted(world))
    assert "Value '(the code)' at 'otp' is not valid" in answer["msg"]
    run_module(EMAIL, account_id=world.id, email=NEW)
    refused(run_module, world, account_id=world.id, email=NEW, otp=world.codes[-1])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"account_id": "12345"}, "account_id: '12345' is not an AWS account id", id="account id"),
        pytest.param({"email": "a b@example.com"}, "email: AWS does not accept ' '", id="email"),
        pytest.param({"email": "abuse@example.com"}, "email: 'abuse' belongs", id="reserved"),
        pytest.param({"otp": "abc-12"}, "otp: is not a code of AWS's", id="code"),
        pytest.param({"mail_bucket": " "}, "mail_bucket: is empty", id="bucket"),
        pytest.param(
            {"mail_bucket": None, "delivery_table": "t"}, "delivery_table: has no place without mail_bucket", id="table"
        ),
        pytest.param({"wait_timeout": 0}, "wait_timeout: must be at least 1", id="timeout"),
    ],
)
def test_what_cannot_work(run_module: Any, world: World, options: dict[str, Any], says: str) -> None:
    for check_mode in (True, False):
        answer = run_module(EMAIL, check_mode=check_mode, **wanted(world, **options))
        assert answer["failed"]
        assert answer["msg"].startswith(says)
        assert "abc-12" not in answer["msg"]
    assert world.calls == []


@pytest.mark.parametrize(
    ("operation", "code", "says"),
    [
        pytest.param(
            "GetPrimaryEmail", "AccessDeniedException", "trusted access for AWS Account Management", id="look"
        ),
        pytest.param("StartPrimaryEmailUpdate", "AccessDeniedException", "management account", id="start"),
        pytest.param("AcceptPrimaryEmailUpdate", "AccessDeniedException", "management account", id="accept"),
        pytest.param("StartPrimaryEmailUpdate", "ConflictException", "use another address", id="taken"),
        pytest.param("StartPrimaryEmailUpdate", "TooManyRequestsException", "run again in a minute", id="too many"),
    ],
)
def test_what_aws_refuses(run_module: Any, world: World, operation: str, code: str, says: str) -> None:
    world.refuse(operation, code)
    answer = refused(run_module, world, **wanted(world))
    assert answer["msg"].startswith("Failed to ")
    assert answer["error"]["code"] == code
    assert says in answer["msg"]
    assert world.email() == OLD


@pytest.mark.parametrize("account", ["999999999999", MASTER])
def test_whose_email_it_cannot_be(run_module: Any, world: World, account: str) -> None:
    answer = refused(run_module, world, **wanted(world, account_id=account))
    expected = "AccessDeniedException" if account == MASTER else "ResourceNotFoundException"
    assert answer["error"]["code"] == expected
    assert re.search("for a member account|account of this organization", answer["msg"])


def test_a_bucket_that_there_is_not(run_module: Any, world: World) -> None:
    for check_mode in (True, False):
        answer = refused(run_module, world, **wanted(world, mail_bucket="no-such-bucket-here"), check_mode=check_mode)
        assert "Failed to list the mail in s3://no-such-bucket-here/mail/" in answer["msg"]
        assert "Give mail_bucket the name" in answer["msg"]
    assert "StartPrimaryEmailUpdate" not in world.calls


@pytest.mark.parametrize("operation", ["GetPrimaryEmail", "StartPrimaryEmailUpdate", "AcceptPrimaryEmailUpdate"])
@pytest.mark.parametrize("code", ["TooManyRequestsException", "ThrottlingException", "InternalServerException"])
def test_throttled_then_fine(run_module: Any, world: World, operation: str, code: str) -> None:
    world.refuse(operation, code, times=6)
    assert run_module(EMAIL, **wanted(world))["changed"]
    assert world.email() == NEW
