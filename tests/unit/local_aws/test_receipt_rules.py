# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipt rule sets as boto3 sees them, through a gateway; what lies outside of SES is a table here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.gateway import Gateway
from tests.local_aws.receipt_rules import ReceiptRules

TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"
RULE_ARN = "arn:aws:ses:eu-west-1:111122223333:receipt-rule-set/s:receipt-rule/"


class _Resources:
    """A bucket 'mail', a topic, a function and a role that exist; everything else does not."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def may_write(self, bucket: str, key: str, source_arn: str) -> bool:
        self.asked.append(source_arn)
        return bucket == "mail" and key.startswith("mail/")

    def may_invoke(self, function_arn: str, source_arn: str) -> bool:
        self.asked.append(source_arn)
        return function_arn == FUNCTION

    def may_publish(self, topic_arn: str, source_arn: str) -> bool:
        self.asked.append(source_arn)
        return topic_arn == TOPIC

    def role_exists(self, role_arn: str) -> bool:
        return role_arn.endswith(":role/r")

    def put_object(self, bucket: str, key: str, data: bytes) -> None:
        assert data
        self.written.append((bucket, key))


@pytest.fixture
def resources() -> _Resources:
    return _Resources()


@pytest.fixture
def rules(resources: _Resources) -> ReceiptRules:
    return ReceiptRules("111122223333", "eu-west-1", resources)


@pytest.fixture
def ses(rules: ReceiptRules) -> Iterator[Any]:
    gateway = Gateway({"ses": rules.handle})
    gateway.start()
    url = f"http://127.0.0.1:{gateway.port}"
    yield boto3.client(
        "ses", endpoint_url=url, region_name="eu-west-1", config=Config(retries={"total_max_attempts": 1})
    )
    gateway.stop()


@pytest.fixture
def in_set(ses: Any) -> Any:
    """Return the client, with an empty rule set s."""
    ses.create_receipt_rule_set(RuleSetName="s")
    return ses


def _rule(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Enabled": True, "Actions": [], **more}


def _s3(**more: Any) -> dict[str, Any]:
    return {"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "mail/", **more}}


def _names(ses: Any) -> list[str]:
    return [rule["Name"] for rule in ses.describe_receipt_rule_set(RuleSetName="s").get("Rules", [])]


def _refused(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    code: str = caught.value.response["Error"]["Code"]
    return code


def test_a_rule_comes_back_as_it_was_made(in_set: Any, resources: _Resources) -> None:
    rule = _rule(
        "r",
        TlsPolicy="Require",
        ScanEnabled=True,
        Recipients=["b.example.com", "A@example.com"],
        Actions=[
            {"AddHeaderAction": {"HeaderName": "X-A", "HeaderValue": "a b"}},
            _s3(TopicArn=TOPIC),
            {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse"}},
            {"SNSAction": {"TopicArn": TOPIC, "Encoding": "Base64"}},
            {"StopAction": {"Scope": "RuleSet"}},
        ],
    )
    in_set.create_receipt_rule(RuleSetName="s", Rule=rule)
    expected = {**rule, "Recipients": ["a@example.com", "b.example.com"]}
    assert in_set.describe_receipt_rule(RuleSetName="s", RuleName="r")["Rule"] == expected
    assert resources.written == [("mail", "mail/AMAZON_SES_SETUP_NOTIFICATION")]
    assert set(resources.asked) == {RULE_ARN + "r"}


def test_what_is_not_given_has_its_default(in_set: Any) -> None:
    in_set.create_receipt_rule(RuleSetName="s", Rule={"Name": "r"})
    rule = in_set.describe_receipt_rule(RuleSetName="s", RuleName="r")["Rule"]
    assert {"Name": "r", "Enabled": False, "TlsPolicy": "Optional", "ScanEnabled": False}.items() <= rule.items()
    assert not rule.get("Recipients")


def test_a_new_rule_is_first_or_after_another(in_set: Any) -> None:
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("b"))
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("a"))
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("c"), After="b")
    assert _names(in_set) == ["a", "b", "c"]
    assert _refused(in_set.create_receipt_rule, RuleSetName="s", Rule=_rule("d"), After="none") == "RuleDoesNotExist"
    assert _refused(in_set.create_receipt_rule, RuleSetName="s", Rule=_rule("a")) == "AlreadyExists"
    assert _names(in_set) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("moved", "after", "expected"),
    [
        pytest.param("c", None, ["c", "a", "b"], id="first"),
        pytest.param("a", "c", ["b", "c", "a"], id="last"),
        pytest.param("c", "a", ["a", "c", "b"], id="between"),
        pytest.param("b", "a", ["a", "b", "c"], id="where it is"),
    ],
)
def test_a_rule_moves(in_set: Any, moved: str, after: str | None, expected: list[str]) -> None:
    for name in "cba":
        in_set.create_receipt_rule(RuleSetName="s", Rule=_rule(name))
    in_set.set_receipt_rule_position(RuleSetName="s", RuleName=moved, **({"After": after} if after else {}))
    assert _names(in_set) == expected


def test_reordering_names_every_rule(in_set: Any) -> None:
    for name in "ab":
        in_set.create_receipt_rule(RuleSetName="s", Rule=_rule(name))
    in_set.reorder_receipt_rule_set(RuleSetName="s", RuleNames=["a", "b"])
    assert _names(in_set) == ["a", "b"]
    assert _refused(in_set.reorder_receipt_rule_set, RuleSetName="s", RuleNames=["a"]) == "InvalidParameterValue"
    assert _refused(in_set.reorder_receipt_rule_set, RuleSetName="s", RuleNames=["a", "a"]) == "InvalidParameterValue"
    assert _refused(in_set.reorder_receipt_rule_set, RuleSetName="s", RuleNames=["a", "c"]) == "RuleDoesNotExist"


def test_an_update_replaces_the_whole_rule_in_its_place(in_set: Any) -> None:
    for name in "cba":
        in_set.create_receipt_rule(RuleSetName="s", Rule=_rule(name, Recipients=["example.com"]))
    in_set.update_receipt_rule(RuleSetName="s", Rule=_rule("b", ScanEnabled=True))
    rule = in_set.describe_receipt_rule(RuleSetName="s", RuleName="b")["Rule"]
    assert (rule["ScanEnabled"], rule.get("Recipients")) == (True, None)
    assert _names(in_set) == ["a", "b", "c"]
    assert _refused(in_set.update_receipt_rule, RuleSetName="s", Rule=_rule("z")) == "RuleDoesNotExist"


def test_deleting_is_idempotent_but_not_for_the_active_set(in_set: Any, rules: ReceiptRules) -> None:
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("r"))
    in_set.set_active_receipt_rule_set(RuleSetName="s")
    assert in_set.describe_active_receipt_rule_set()["Metadata"]["Name"] == "s"
    assert rules.active_rules()[0] == "s"
    assert _refused(in_set.delete_receipt_rule_set, RuleSetName="s") == "CannotDelete"
    in_set.delete_receipt_rule(RuleSetName="s", RuleName="r")
    in_set.delete_receipt_rule(RuleSetName="s", RuleName="r")
    in_set.set_active_receipt_rule_set()
    assert "Metadata" not in in_set.describe_active_receipt_rule_set()
    assert rules.active_rules() == ("", [])
    in_set.delete_receipt_rule_set(RuleSetName="s")
    in_set.delete_receipt_rule_set(RuleSetName="s")
    assert in_set.list_receipt_rule_sets()["RuleSets"] == []


def test_a_clone_is_independent(in_set: Any) -> None:
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("r"))
    in_set.clone_receipt_rule_set(OriginalRuleSetName="s", RuleSetName="t")
    in_set.delete_receipt_rule(RuleSetName="t", RuleName="r")
    assert _names(in_set) == ["r"]
    assert _refused(in_set.clone_receipt_rule_set, OriginalRuleSetName="no", RuleSetName="u") == "RuleSetDoesNotExist"
    assert _refused(in_set.clone_receipt_rule_set, OriginalRuleSetName="s", RuleSetName="t") == "AlreadyExists"


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("describe_receipt_rule_set", {"RuleSetName": "no"}, "RuleSetDoesNotExist"),
        ("set_active_receipt_rule_set", {"RuleSetName": "no"}, "RuleSetDoesNotExist"),
        ("describe_receipt_rule", {"RuleSetName": "no", "RuleName": "r"}, "RuleSetDoesNotExist"),
        ("describe_receipt_rule", {"RuleSetName": "s", "RuleName": "r"}, "RuleDoesNotExist"),
        ("create_receipt_rule", {"RuleSetName": "no", "Rule": _rule("r")}, "RuleSetDoesNotExist"),
        ("delete_receipt_rule", {"RuleSetName": "no", "RuleName": "r"}, "RuleSetDoesNotExist"),
        ("set_receipt_rule_position", {"RuleSetName": "s", "RuleName": "r"}, "RuleDoesNotExist"),
        ("create_receipt_rule_set", {"RuleSetName": "s"}, "AlreadyExists"),
        ("create_receipt_rule_set", {"RuleSetName": "-s"}, "InvalidParameterValue"),
        ("create_receipt_rule_set", {"RuleSetName": "s" * 65}, "InvalidParameterValue"),
    ],
)
def test_errors_of_names(in_set: Any, operation: str, given: dict[str, Any], code: str) -> None:
    assert _refused(getattr(in_set, operation), **given) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"Actions": [_s3(BucketName="no")]}, "InvalidS3Configuration", id="no such bucket"),
        pytest.param({"Actions": [_s3(ObjectKeyPrefix="other/")]}, "InvalidS3Configuration", id="policy for elsewhere"),
        pytest.param(
            {"Actions": [_s3(IamRoleArn="arn:aws:iam::1:role/no")]}, "InvalidS3Configuration", id="no such role"
        ),
        pytest.param({"Actions": [_s3(TopicArn=TOPIC + "2")]}, "InvalidSnsTopic", id="no such topic"),
        pytest.param(
            {"Actions": [{"SNSAction": {"TopicArn": TOPIC + "2"}}]}, "InvalidSnsTopic", id="no such topic, SNS"
        ),
        pytest.param(
            {"Actions": [{"LambdaAction": {"FunctionArn": FUNCTION + "2"}}]},
            "InvalidLambdaFunction",
            id="no such function",
        ),
        pytest.param(
            {"Actions": [{"StopAction": {"Scope": "RuleSet"}}, _s3()]}, "InvalidParameterValue", id="stop is not last"
        ),
        pytest.param(
            {"Actions": [{**_s3(), "StopAction": {"Scope": "RuleSet"}}]}, "InvalidParameterValue", id="two in one"
        ),
        pytest.param({"Actions": [_s3()] * 11}, "LimitExceeded", id="11 actions"),
        pytest.param({"Recipients": [f"a{n}@example.com" for n in range(101)]}, "LimitExceeded", id="101 recipients"),
        pytest.param({"Recipients": ["not a domain"]}, "InvalidParameterValue", id="bad recipient"),
        pytest.param(
            {"Actions": [{"AddHeaderAction": {"HeaderName": "X A", "HeaderValue": "b"}}]},
            "InvalidParameterValue",
            id="bad header",
        ),
        pytest.param(
            {"Actions": [{"AddHeaderAction": {"HeaderName": "X-A", "HeaderValue": "b\nc"}}]},
            "InvalidParameterValue",
            id="header injection",
        ),
        pytest.param({"Name": "r r"}, "InvalidParameterValue", id="bad name"),
        pytest.param({"TlsPolicy": "Never"}, "ValidationError", id="bad TLS policy"),
        pytest.param(
            {"Actions": [{"WorkmailAction": {"OrganizationArn": "arn"}}]},
            "InvalidParameterValue",
            id="not carried out here",
        ),
    ],
)
def test_a_rule_that_ses_would_not_take(in_set: Any, resources: _Resources, changes: dict[str, Any], code: str) -> None:
    assert _refused(in_set.create_receipt_rule, RuleSetName="s", Rule=_rule("r", **changes)) == code
    assert (_names(in_set), resources.written) == ([], [])


def test_a_role_stands_in_for_the_bucket_policy(in_set: Any) -> None:
    action = _s3(BucketName="elsewhere", IamRoleArn="arn:aws:iam::111122223333:role/r")
    in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("r", Actions=[action]))
    assert _names(in_set) == ["r"]


def test_errors_name_the_thing_as_aws_does(in_set: Any) -> None:
    with pytest.raises(in_set.exceptions.InvalidS3ConfigurationException) as caught:
        in_set.create_receipt_rule(RuleSetName="s", Rule=_rule("r", Actions=[_s3(BucketName="no")]))
    assert caught.value.response["Error"]["Message"] == "Could not write to bucket: no"
    assert caught.value.response["Bucket"] == "no"


def test_a_set_holds_200_rules_and_an_account_40_sets(in_set: Any) -> None:
    for number in range(200):
        in_set.create_receipt_rule(RuleSetName="s", Rule=_rule(f"r{number}"))
    assert _refused(in_set.create_receipt_rule, RuleSetName="s", Rule=_rule("more")) == "LimitExceeded"
    for number in range(39):
        in_set.create_receipt_rule_set(RuleSetName=f"s{number}")
    assert _refused(in_set.create_receipt_rule_set, RuleSetName="more") == "LimitExceeded"
    assert len(in_set.list_receipt_rule_sets()["RuleSets"]) == 40
