# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_forwarder_check: its real main() against answers of AWS, each held against botocore's model of the call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from ansible_collections.account_factory.email.plugins.modules import mail_forwarder_check
from tests.local_aws.name_server import name_server
from tests.unit.module_utils._checks.forwarder_well import WELL

MAIN = mail_forwarder_check.main
DOMAIN = "accounts.example.com"
DOMAINS = {"pk": {"S": "DOMAINS"}, DOMAIN: {"M": {"forwarder_address": {"S": f"aws-accounts@{DOMAIN}"}}}}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
ROLE = "arn:aws:iam::111122223333:role/deployer"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:mail-forwarder-alarms"
MOMENT = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
# The outputs of a stack that forwards.
QUEUES = (
    "QueueUrl",
    "DeadLetterQueueUrl",
    "UndeliveredQueueUrl",
    "EventsDeadLetterQueueUrl",
    "EventsUndeliveredQueueUrl",
)
DIGEST = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
SESSION = "arn:aws:sts::111122223333:assumed-role/deployer/jane"
BUCKETS = ("mail-forwarder-mail-111122223333-eu-west-1", "mail-forwarder-code-111122223333-eu-west-1")
# What makes all checks look at something.
OPTIONS = {"kms_key": KEY, "access_log_bucket": "create"}
# SES takes each of these once a second.
OF_SES = ("GetAccount", "GetEmailIdentity", "ListEmailIdentities", "DescribeActiveReceiptRuleSet")


RECORDS = {
    (DOMAIN, "NS"): ["ns.example.net."],
    (DOMAIN, "MX"): ["10 inbound-smtp.eu-west-1.amazonaws.com."],
    (f"t1._domainkey.{DOMAIN}", "CNAME"): ["t1.dkim.example.net."],
    (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"'],
}


def refusal(code: str, message: str = "no", status: int = 400, **headers: str) -> ClientError:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers}
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(answer, "Operation")


def _simulated(parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "EvaluationResults": [
            {"EvalActionName": action, "EvalDecision": "allowed"} for action in parameters["ActionNames"]
        ]
    }


def well() -> dict[str, Any]:
    """Return what AWS answers where nothing is deployed and all is well, by operation."""
    return {
        "DescribeActiveReceiptRuleSet": {},
        "DescribeReceiptRuleSet": refusal("RuleSetDoesNotExist"),
        "DescribeKey": {"KeyMetadata": {"KeyId": "1", "KeyState": "Enabled"}},
        "DescribeStacks": refusal("ValidationError", "Stack with id mail-forwarder does not exist"),
        "DescribeTable": refusal("ResourceNotFoundException"),
        "GetAccount": {
            "ProductionAccessEnabled": True,
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "SendQuota": {"Max24HourSend": -1.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0},
        },
        "GetCallerIdentity": {"Account": "111122223333", "Arn": SESSION, "UserId": "A"},
        "GetEmailIdentity": {
            "VerifiedForSendingStatus": True,
            "VerificationStatus": "SUCCESS",
            "DkimAttributes": {
                "SigningEnabled": True,
                "Status": "SUCCESS",
                "Tokens": ["t1"],
                "SigningHostedZone": "dkim.example.net",
            },
        },
        "GetKeyPolicy": {"Policy": '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}]}'},
        "HeadBucket": refusal("404", status=404),
        "ListBuckets": {"Buckets": []},
        "ListEmailIdentities": {"EmailIdentities": [{"IdentityName": DOMAIN, "VerificationStatus": "SUCCESS"}]},
        "SimulatePrincipalPolicy": _simulated,
    }


@dataclass
class Aws:
    """AWS as the module sees it: what each operation is answered with, and the calls that were made."""

    answers: dict[str, Any] = field(default_factory=well)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        self.calls.append((operation, parameters))
        model = client.meta.service_model.operation_model(operation)
        answer = self.answers[operation]
        answer = answer(parameters) if callable(answer) else answer
        checked = [(parameters, model.input_shape)]
        if isinstance(answer, dict):
            checked.append((answer, model.output_shape))
        for value, shape in checked:
            report = ParamValidator().validate(value, shape) if shape else None
            assert report is None or not report.has_errors(), (operation, report.generate_report())
        if isinstance(answer, Exception):
            raise answer
        headers = {"date": format_datetime(datetime.now(timezone.utc), usegmt=True)}
        return {**answer, "ResponseMetadata": {"HTTPHeaders": headers}}

    def names(self) -> list[str]:
        return [name for name, _parameters in self.calls]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    aws = Aws()

    def make_api_call(client: BaseClient, *call: Any) -> Any:
        return aws.call(client, *call)

    monkeypatch.setattr(BaseClient, "_make_api_call", make_api_call)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return aws


@pytest.fixture(scope="module")
def nameservers() -> Iterator[list[str]]:
    with name_server(lambda: RECORDS) as address:
        yield [address]


@pytest.fixture
def check(run_module: Any, aws: Aws, nameservers: list[str]) -> Callable[..., dict[str, Any]]:
    def run(**options: Any) -> dict[str, Any]:
        aws.calls.clear()
        result: dict[str, Any] = run_module(MAIN, **{"domains": [DOMAIN], "nameservers": nameservers, **options})
        return result

    return run


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["status"] for one in result["checks"]}


def of(result: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [one for one in result["checks"] if one["id"] == name]
    return dict(found)


def test_all_is_well_the_same_in_check_mode_and_no_call_to_ses_is_made_twice(check: Any, aws: Aws) -> None:
    result = check(**OPTIONS)
    assert (result["changed"], result["counts"]) == (False, {"fail": 0, "warn": 0, "skipped": 0, "ok": 26})
    assert {name: aws.names().count(name) for name in OF_SES} == dict.fromkeys(OF_SES, 1)
    assert check(check_mode=True, **OPTIONS) == result


@pytest.mark.parametrize("kms_key", ["", "create"])
def test_without_a_key_of_ones_own_kms_is_not_asked(check: Any, aws: Aws, kms_key: str) -> None:
    assert statuses(check(kms_key=kms_key, only=["key"])) == {"kms_key": "ok", "kms_key_policy": "ok"}
    assert aws.names() == ["GetCallerIdentity", "DescribeActiveReceiptRuleSet", "DescribeReceiptRuleSet"]


def test_a_key_that_is_not_there_is_told(check: Any, aws: Aws) -> None:
    aws.answers |= {name: refusal("NotFoundException") for name in ("DescribeKey", "GetKeyPolicy")}
    assert statuses(check(kms_key=KEY, only=["key"])) == {"kms_key": "fail", "kms_key_policy": "skipped"}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        pytest.param("", [], id="none"),
        pytest.param("create", ["mail-forwarder-logs-111122223333-eu-west-1"], id="the stack's"),
        pytest.param("logs-example", ["logs-example"], id="another"),
    ],
)
def test_which_bucket_access_logs_go_to(check: Any, aws: Aws, given: str, asked: list[str]) -> None:
    check(access_log_bucket=given, only=["access_log_bucket"])
    assert [parameters["Bucket"] for name, parameters in aws.calls if name == "HeadBucket"] == asked


DENIED = {
    "DescribeActiveReceiptRuleSet": {"receiving_region", "rule_name", "other_rules", "rules_ahead", "replaced_rule"},
    "DescribeKey": {"kms_key"},
    "DescribeStacks": {"stack", "map_table", "delivery_table", "mail_bucket", "access_log_bucket"},
    "DescribeTable": {"map_table", "delivery_table"},
    "GetAccount": {"sending", "sandbox", "quota"},
    "GetCallerIdentity": {
        *("rule_name", "other_rules", "mail_bucket", "code_bucket", "access_log_bucket", "kms_key_policy", "rights"),
    },
    "GetEmailIdentity": {"identity", "dkim", "dkim_records"},
    "GetKeyPolicy": {"kms_key_policy"},
    "ListEmailIdentities": {"from_address", "receiving_domains", "dkim_records"},
    "SimulatePrincipalPolicy": {"rights"},
}


@pytest.mark.parametrize("operation", DENIED)
def test_a_call_that_is_denied_makes_its_checks_skipped_and_the_others_are_made(
    check: Any, aws: Aws, operation: str
) -> None:
    aws.answers[operation] = refusal("AccessDenied", "User: joe is not authorized to perform that")
    result = check(**OPTIONS)
    expected = dict.fromkeys(DENIED[operation], "skipped")
    assert {name: status for name, status in statuses(result).items() if status != "ok"} == expected
    for name in DENIED[operation]:
        assert "joe is not authorized" in of(result, name)["what"]


def test_nothing_can_be_read_and_that_is_no_crash_and_nothing_is_ok(check: Any, aws: Aws) -> None:
    aws.answers = {name: refusal("AccessDenied", status=403) for name in aws.answers}
    result = check(**OPTIONS)
    # DNS is not AWS.
    assert {one["topic"] for one in result["checks"] if one["status"] == "ok"} == {"dns"}
    assert result["counts"] == {"fail": 0, "warn": 0, "skipped": 22, "ok": 4}


def test_what_is_throttled_is_waited_out(check: Any, aws: Aws) -> None:
    answers = iter([refusal("TooManyRequestsException"), aws.answers["GetAccount"]])
    aws.answers["GetAccount"] = lambda _parameters: next(answers)
    assert statuses(check(only=["account"])) == {"sending": "ok", "sandbox": "ok", "quota": "ok"}


@pytest.mark.parametrize("region", ["eu-central-2", "eu-west-1"])
def test_a_region_without_receiving_is_told_by_what_ses_says(check: Any, aws: Aws, region: str) -> None:
    aws.answers["DescribeActiveReceiptRuleSet"] = refusal("InvalidAction", "Unavailable Operation")
    result = check(only=["receiving"], region=region)
    assert "Unavailable Operation" in of(result, "receiving_region")["what"]
    others = {"rule_name": "skipped", "other_rules": "skipped", "rules_ahead": "skipped", "replaced_rule": "skipped"}
    assert statuses(result) == {"receiving_region": "fail", **others}


@pytest.mark.parametrize(
    ("head", "listed", "expected", "lists"),
    [
        pytest.param(refusal("404", status=404), [], "ok", 0, id="free"),
        pytest.param({}, [], "ok", 0, id="ours"),
        pytest.param(refusal("403", status=403), BUCKETS[1:], "ok", 1, id="ours, which must not be looked at"),
        pytest.param(refusal("403", status=403, **{"x-amz-bucket-region": "eu-west-1"}), [], "fail", 1, id="theirs"),
        pytest.param(refusal("403", status=403), [], "skipped", 1, id="not told"),
        pytest.param(refusal("400", status=400), [], "skipped", 0, id="another refusal"),
    ],
)
def test_whose_a_bucket_is(check: Any, aws: Aws, head: Any, listed: list[str], expected: str, lists: int) -> None:
    aws.answers["HeadBucket"] = head
    aws.answers["ListBuckets"] = {"Buckets": [{"Name": name} for name in listed]}
    assert statuses(check(only=["code_bucket"])) == {"code_bucket": expected}
    assert aws.names().count("ListBuckets") == lists
    [asked] = [parameters for name, parameters in aws.calls if name == "HeadBucket"]
    assert asked == {"Bucket": BUCKETS[1], "ExpectedBucketOwner": "111122223333"}


def test_a_bucket_of_others_and_no_list_of_ours_is_not_told(check: Any, aws: Aws) -> None:
    aws.answers["HeadBucket"] = refusal("403", status=403, **{"x-amz-bucket-region": "eu-west-1"})
    aws.answers["ListBuckets"] = refusal("AccessDenied", status=403)
    assert statuses(check(only=["mail_bucket"])) == {"mail_bucket": "skipped"}


def test_a_role_is_asked_for_with_its_path(check: Any, aws: Aws) -> None:
    arn = ROLE.replace("role/", "role/aws-reserved/sso.amazonaws.com/")

    def simulate(parameters: dict[str, Any]) -> Any:
        return _simulated(parameters) if parameters["PolicySourceArn"] == arn else refusal("NoSuchEntity", status=404)

    aws.answers |= {"SimulatePrincipalPolicy": simulate}
    aws.answers["GetRole"] = {
        "Role": {
            "Arn": arn,
            "Path": "/",
            "RoleName": "deployer",
            "RoleId": "AROA0123456789ABCDEF",
            "CreateDate": "2026-11-21T09:30:00Z",
        }
    }
    assert arn in of(check(only=["rights"]), "rights")["what"]
    aws.answers["GetRole"] = refusal("AccessDenied", status=403)
    assert statuses(check(only=["rights"])) == {"rights": "skipped"}


def test_rights_that_are_missing_and_those_that_need_more_of_the_call(check: Any, aws: Aws) -> None:
    def simulate(parameters: dict[str, Any]) -> Any:
        answer = _simulated(parameters)
        for result in answer["EvaluationResults"]:
            if result["EvalActionName"] == "s3:PutObject":
                result["EvalDecision"] = "explicitDeny"
            if result["EvalActionName"] == "s3:GetObject":
                result |= {"EvalDecision": "implicitDeny", "MissingContextValues": ["aws:PrincipalOrgID"]}
        return answer

    aws.answers["SimulatePrincipalPolicy"] = simulate
    found = of(check(only=["rights"]), "rights")
    assert (found["status"], found["evidence"]["denied"], found["evidence"]["untold"]) == (
        "warn",
        ["s3:PutObject"],
        ["s3:GetObject"],
    )


def test_the_root_user_is_not_asked_for(check: Any, aws: Aws) -> None:
    aws.answers["GetCallerIdentity"]["Arn"] = "arn:aws:iam::111122223333:root"
    assert statuses(check(only=["rights"])) == {"rights": "skipped"}
    assert "SimulatePrincipalPolicy" not in aws.names()


def test_only_what_the_chosen_checks_rest_on_is_read(check: Any, aws: Aws) -> None:
    assert statuses(check(only=["identity"], skip=["dkim", "receiving_domains", "from_address"])) == {"identity": "ok"}
    assert aws.names() == ["GetEmailIdentity", "ListEmailIdentities"]


def test_what_is_looked_at_follows_from_the_options_as_in_the_role(check: Any, aws: Aws) -> None:
    check(domains=["Accounts.Example.com", "second.example.org"], stack_name="second", region="us-east-1")
    asked = dict(aws.calls)
    assert asked["GetEmailIdentity"] == {"EmailIdentity": DOMAIN}
    assert asked["DescribeStacks"] == {"StackName": "second"}
    tables = [parameters["TableName"] for name, parameters in aws.calls if name == "DescribeTable"]
    buckets = [parameters["Bucket"] for name, parameters in aws.calls if name == "HeadBucket"]
    assert sorted(tables) == ["second-deliveries", "second-map"]
    assert sorted(buckets) == [f"second-{kind}-111122223333-us-east-1" for kind in ("code", "mail")]


def test_a_list_of_identities_is_read_to_its_end(check: Any, aws: Aws) -> None:
    pages = [{"EmailIdentities": [], "NextToken": "more"}, aws.answers["ListEmailIdentities"]]
    aws.answers["ListEmailIdentities"] = lambda parameters: pages["NextToken" in parameters]
    assert statuses(check(only=["receiving_domains"])) == {"receiving_domains": "ok"}


@pytest.mark.parametrize(
    ("fail_on", "broken", "failed"),
    [
        ("never", "fail", False),
        ("fail", "fail", True),
        ("fail", "warn", False),
        ("warn", "warn", True),
        ("warn", "skipped", False),
    ],
)
def test_when_the_module_fails(check: Any, aws: Aws, fail_on: str, broken: str, failed: bool) -> None:
    account = {**aws.answers["GetAccount"], "SendingEnabled": broken != "fail", "ProductionAccessEnabled": False}
    aws.answers["GetAccount"] = refusal("AccessDenied") if broken == "skipped" else account
    result = check(only=["sending", "sandbox"], fail_on=fail_on)
    assert result["failed"] == failed
    assert result["counts"][broken] >= 1
    if failed:
        named = "1 of 2 checks are not well: sandbox: The account is in the SES sandbox"
        assert result["msg"].startswith({"fail": "1 of 2 checks are not well: sending: ", "warn": named}[broken])


def test_what_strangers_wrote_is_fit_to_be_shown(check: Any, aws: Aws) -> None:
    soa = {"PrimaryNameServer": "ns\x1b[31m\u202e.example\n", "AdminEmail": "x", "SerialNumber": 1}
    aws.answers["GetEmailIdentity"] |= {"VerifiedForSendingStatus": False, "VerificationInfo": {"SOARecord": soa}}
    what = of(check(), "identity")["what"]
    assert what.isprintable()
    assert "ns [31m .example" in what


def deployed() -> dict[str, Any]:
    """Return what AWS answers of a forwarder that is deployed and well, beside what it answers of none."""
    alarm = {"LogicalResourceId": "Late", "ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "late"}
    done = {"LastUpdatedTimestamp": MOMENT, "ResourceStatus": "CREATE_COMPLETE"}
    table = {"Table": {"TableStatus": "ACTIVE", "DeletionProtectionEnabled": True}}
    recovery = {"PointInTimeRecoveryStatus": "ENABLED"}
    backups = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
    rule = {
        "Name": "mail-forwarder",
        "Enabled": True,
        "Recipients": [DOMAIN],
        "Actions": [{"S3Action": {"BucketName": BUCKETS[0]}}],
    }
    parameters = {"MailBucket": BUCKETS[0], "MapTable": "mail-forwarder-map", "MailDays": "365", "AlarmTopicArn": TOPIC}
    parameters |= {"KeepMap": "true", "KeepMail": "true", "Tries": "48", "SuppressedReasons": "BOUNCE,COMPLAINT"}
    stack = {
        "StackName": "mail-forwarder",
        "StackStatus": "UPDATE_COMPLETE",
        "CreationTime": MOMENT,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Outputs": [{"OutputKey": name, "OutputValue": f"https://sqs/{name}"} for name in QUEUES],
    }
    return {
        "DescribeActiveReceiptRuleSet": {"Metadata": {"Name": "inbound"}, "Rules": [rule]},
        "DescribeAlarms": {"MetricAlarms": [{"AlarmName": "late", "StateValue": "OK", "ActionsEnabled": True}]},
        "DescribeContinuousBackups": {"ContinuousBackupsDescription": backups},
        "DescribeStacks": {"Stacks": [stack]},
        "DescribeTable": table,
        "GetItem": lambda of: {"Item": DOMAINS} if of["Key"]["pk"] == DOMAINS["pk"] else {},
        "GetFunctionConcurrency": {},
        "GetFunctionConfiguration": {"State": "Active", "CodeSha256": DIGEST},
        "GetBucketPolicy": {"Policy": json.dumps(WELL["mail_policy"])},
        "GetConfigurationSet": WELL["configuration_set"],
        "GetConfigurationSetEventDestinations": {"EventDestinations": WELL["event_destinations"]},
        "GetMetricData": {"MetricDataResults": [{"Id": "age0", "Values": [4.0]}, {"Id": "age1", "Values": []}]},
        "GetQueueAttributes": queue_attributes,
        "GetSubscriptionAttributes": subscription_attributes,
        "GetTopicAttributes": lambda of: {"Attributes": {"Policy": json.dumps(WELL["topic_policies"][of["TopicArn"]])}},
        "HeadBucket": {},
        "ListEventSourceMappings": {"EventSourceMappings": [{"UUID": "7a1b" * 9, "State": "Enabled"}]},
        "ListObjectsV2": {"KeyCount": 0, "IsTruncated": False},
        "ListReceiptFilters": {"Filters": []},
        "ListStackResources": {"StackResourceSummaries": [{**alarm, **done}]},
        "ListSubscriptionsByTopic": subscriptions,
        "ListSuppressedDestinations": {"SuppressedDestinationSummaries": []},
        "Scan": {"Items": []},
    }


def queue_attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    found = WELL["queues"].get(of["QueueUrl"].rpartition("/")[2], {})
    return {"Attributes": {**dict.fromkeys(COUNTS, "0"), **{name: found[name] for name in found if name != "QueueUrl"}}}


def subscriptions(of: Mapping[str, Any]) -> dict[str, Any]:
    of_queue = WELL["subscriptions"].get(of["TopicArn"])
    to_mailbox = {"Endpoint": "a@example.org", "SubscriptionArn": f"{TOPIC}:1", "Protocol": "email"}
    shown = ("Endpoint", "Protocol", "SubscriptionArn")
    return {"Subscriptions": [{name: one[name] for name in shown} for one in of_queue or [to_mailbox]]}


def subscription_attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    listed = [one for found in WELL["subscriptions"].values() for one in found]
    [found] = [one for one in listed if one["SubscriptionArn"] == of["SubscriptionArn"]]
    return {"Attributes": {name: found[name] for name in ("RawMessageDelivery", "RedrivePolicy")}}


@pytest.mark.parametrize("asked", [pytest.param({}, id="domains"), pytest.param({"domains": None}, id="of the map")])
def test_a_deployed_forwarder_is_looked_at_where_that_is_asked_for(check: Any, aws: Aws, asked: Any) -> None:
    aws.answers |= deployed()
    result = check(deployed=True, code_sha256=DIGEST, **asked)
    assert {name: one for name, one in statuses(result).items() if one != "ok"} == {}
    assert {"forwarder", "active_rule", "event_sources", "held_mail", "function_code"} <= statuses(result).keys()
    once = (*OF_SES, *(name for name in deployed() if name.startswith(("GetConfiguration", "ListSuppressed"))))
    assert {name: aws.names().count(name) for name in once} == dict.fromkeys(once, 1)
    # Of the map and of the deliveries.
    assert aws.names().count("DescribeTable") == 2
    assert check(deployed=True, code_sha256=DIGEST, check_mode=True, **asked) == result


def test_filters_that_cannot_be_listed_are_never_taken_for_none(check: Any, aws: Aws) -> None:
    aws.answers |= {**deployed(), "ListReceiptFilters": refusal("InvalidAction", "Unavailable Operation")}
    assert statuses(check(deployed=True, only=["ip_filters"])) == {"ip_filters": "skipped"}


def test_where_no_forwarder_is_deployed_what_belongs_to_one_is_not_looked_for(check: Any, aws: Aws) -> None:
    missing = refusal("ResourceNotFoundException", status=404)
    aws.answers |= {**deployed(), **{name: answer for name, answer in well().items() if name.startswith("Describe")}}
    aws.answers |= {"GetFunctionConfiguration": missing, "GetFunctionConcurrency": missing}
    aws.answers |= {"ListEventSourceMappings": {"EventSourceMappings": []}, "DescribeContinuousBackups": missing}
    found = statuses(check(deployed=True, only=["forwarder", "active_rule", "functions", "queues", "alarms", "data"]))
    assert {name for name, status in found.items() if status == "skipped"} == {
        "held_mail",
        "queues",
        "alarms",
        "alarm_subscriptions",
    }
    assert set(found.values()) == {"fail", "skipped"}


@pytest.mark.parametrize(
    ("answer", "expected", "word"),
    [
        pytest.param({"CodeSha256": DIGEST}, "ok", "All 4 functions", id="the package"),
        pytest.param({"CodeSha256": DIGEST.lower()}, "fail", "runs code with", id="other code"),
        pytest.param(refusal("ResourceNotFoundException", status=404), "fail", "no function mail-", id="deleted"),
        pytest.param(refusal("AccessDeniedException", status=403), "skipped", "AccessDenied", id="not allowed to look"),
    ],
)
def test_the_code_of_the_functions_is_looked_at_where_it_is_known(
    check: Any, aws: Aws, answer: Any, expected: str, word: str
) -> None:
    aws.answers["GetFunctionConfiguration"] = answer
    [found] = check(only=["functions"], code_sha256=DIGEST)["checks"]
    assert (found["id"], found["status"]) == ("function_code", expected)
    assert word in found["what"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"code_sha256": "abc"}, "code_sha256: is not a SHA-256 digest in Base64"),
        ({"code_sha256": "YWJj"}, "code_sha256: is not a SHA-256 digest in Base64"),
        ({"only": ["function_code"]}, "only: there is no check function_code"),
        ({"domains": []}, "domains: is empty"),
        ({"domains": None}, "domains: is empty; give the domains"),
        ({"domains": ["example"]}, "domains: "),
        ({"from_address": "aws"}, "from_address: "),
        ({"only": ["all"]}, "only: there is no check all"),
        ({"nameservers": ["https://dns.example"]}, "nameservers: "),
    ],
)
def test_bad_options_are_refused_before_any_call(check: Any, aws: Aws, options: dict[str, Any], said: str) -> None:
    result = check(**options)
    assert result["failed"]
    assert result["msg"].startswith(said)
    assert aws.calls == []


ZONE = {
    "GetHostedZone": {"HostedZone": {"Id": "/hostedzone/Z1", "Name": f"{DOMAIN}.", "CallerReference": "1"}},
    "ListResourceRecordSets": {
        "ResourceRecordSets": [
            {"Name": f"{DOMAIN}.", "Type": "NS", "TTL": 300, "ResourceRecords": [{"Value": "ns-1.awsdns-1.example."}]}
        ],
        "IsTruncated": False,
        "MaxItems": "300",
    },
}


ZONE_ROLE = "arn:aws:iam::222222222222:role/dns"
GIVEN = {"hosted_zone_id": "/hostedzone/Z1"}


@pytest.mark.parametrize(
    ("given", "role"),
    [
        pytest.param(GIVEN, None, id="own account"),
        pytest.param({**GIVEN, "hosted_zone_role_arn": ZONE_ROLE}, ZONE_ROLE, id="another account"),
        pytest.param({"deployed": True}, ZONE_ROLE, id="noted by the stack"),
        pytest.param({**GIVEN, "deployed": True}, None, id="another than noted"),
    ],
)
def test_a_hosted_zone_that_is_not_delegated_is_told_whosever_it_is(
    check: Any, aws: Aws, given: dict[str, Any], role: str | None
) -> None:
    keys = {
        "AccessKeyId": "ASIA0123456789ABCDEF",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": "2026-11-21",
    }
    aws.answers |= {**deployed(), **ZONE, "AssumeRole": {"Credentials": keys}}
    noted = {"HostedZoneId": "Z1", "HostedZoneRoleArn": ZONE_ROLE}
    aws.answers["DescribeStacks"]["Stacks"][0]["Outputs"] += [
        {"OutputKey": name, "OutputValue": value} for name, value in noted.items()
    ]
    found = of(check(only=["delegation"], **given), "delegation")
    assert (found["status"], found["evidence"][DOMAIN]["of_the_zone"]) == ("warn", ["ns-1.awsdns-1.example"])
    assert [of["RoleArn"] for name, of in aws.calls if name == "AssumeRole"] == ([role] if role else [])


def test_an_emulator_on_this_machine_is_not_looked_up_in_the_dns_of_the_system(
    check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    result = check(only=["dns"], nameservers=[])
    assert {*statuses(result).values()} == {"skipped"}
    assert "127.0.0.1:4566, is on this machine" in of(result, "mx")["what"]
    assert {*statuses(check(only=["dns"])).values()} == {"ok"}
