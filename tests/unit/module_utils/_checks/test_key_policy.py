# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a key's policy lets those use it who must: the README's and the stack's own do, and need every statement."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks.key_policy import needs
from ansible_collections.account_factory.email.plugins.module_utils._checks.policies import (
    ALLOWED,
    REFUSED,
    UNSURE,
    permits,
)
from tests.unit.roles.mail_forwarder.test_stack import parsed

README = Path(__file__).parents[4] / "roles" / "mail_forwarder" / "README.md"
ACCOUNT, REGION, STACK = "111122223333", "eu-west-1", "mail-forwarder"
NEEDS = needs(STACK, "inbound", REGION, ACCOUNT, "aws")
ROOT, SES, SNS, LOGS = (need.principal for need in NEEDS)
ALL = dict.fromkeys((ROOT, SES, SNS, LOGS), ALLOWED)


def of_readme() -> dict[str, Any]:
    """Return the policy that the role's README has for a key that is given."""
    (found,) = re.findall(r"A key of your own .*?```json\n(.*?)```", README.read_text(), re.DOTALL)
    policy: dict[str, Any] = json.loads(Template(found).substitute(account=ACCOUNT, region=REGION, stack=STACK))
    return policy


def of_stack() -> dict[str, Any]:
    """Return the policy of the stack's own key as CloudFormation fills it in."""
    policy = parsed()["Resources"]["Key"]["Properties"]["KeyPolicy"]
    values = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::StackName": STACK, "AWS::Partition": "aws"}
    text = re.sub(r'\{"(?:Ref|Fn::Sub)": ("[^"]*")\}', r"\1", json.dumps(policy)).replace(
        '"AWS::AccountId"', f'"{ACCOUNT}"'
    )
    filled: dict[str, Any] = json.loads(re.sub(r"\$\{(.*?)\}", lambda found: values[found[1]], text))
    return filled


def told(policy: Mapping[str, Any]) -> dict[str, str]:
    return {need.principal: permits(policy, need) for need in NEEDS}


def test_the_policies_of_the_readme_and_of_the_stack_are_one_and_allow_all() -> None:
    assert told(of_readme()) == told(of_stack()) == ALL
    sids = [[one["Sid"] for one in policy["Statement"]] for policy in (of_readme(), of_stack())]
    assert sids[0] == sids[1]


@pytest.mark.parametrize(("place", "principal"), list(enumerate((ROOT, SES, SNS, LOGS))))
def test_every_statement_is_needed(place: int, principal: str) -> None:
    policy = of_readme()
    del policy["Statement"][place]
    assert told(policy) == {**ALL, principal: REFUSED}


@pytest.mark.parametrize(
    ("place", "change", "expected"),
    [
        pytest.param(0, {"Principal": {"AWS": ACCOUNT}}, ALLOWED, id="the account by its number"),
        pytest.param(0, {"Principal": {"AWS": "arn:aws:iam::444455556666:root"}}, UNSURE, id="another account"),
        pytest.param(0, {"Principal": {"Service": "ses.amazonaws.com"}}, REFUSED, id="no account"),
        pytest.param(0, {"Action": ["kms:Describe*", "kms:Decrypt"]}, REFUSED, id="an action is missing"),
        pytest.param(0, {"NotAction": "kms:Delete*", "Action": None}, UNSURE, id="all actions but some"),
        pytest.param(1, {"Action": "KMS:*"}, ALLOWED, id="actions in another case"),
        pytest.param(1, {"Principal": {"Service": ["sns.amazonaws.com", SES]}}, ALLOWED, id="one of two services"),
        pytest.param(1, {"Condition": {}}, ALLOWED, id="no conditions"),
        pytest.param(1, {"Condition": None}, ALLOWED, id="no condition at all"),
        pytest.param(
            1, {"Condition": {"StringEquals": {"AWS:SourceAccount": ["1", ACCOUNT]}}}, ALLOWED, id="one of accounts"
        ),
        pytest.param(1, {"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, REFUSED, id="of another account"),
        pytest.param(
            1,
            {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:receipt-rule-set/*"}}},
            REFUSED,
            id="the receipt rule without the configuration set",
        ),
        pytest.param(
            1, {"Condition": {"StringLike": {"aws:SourceArn": "arn:aws:ses:*"}}}, ALLOWED, id="the source as a text"
        ),
        pytest.param(
            1, {"Condition": {"StringEquals": {"kms:ViaService": "s3.amazonaws.com"}}}, UNSURE, id="an unknown key"
        ),
        pytest.param(
            1, {"Condition": {"StringNotEquals": {"aws:SourceAccount": "1"}}}, UNSURE, id="an unknown operator"
        ),
        pytest.param(
            2, {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}, UNSURE, id="what SNS may not send"
        ),
        pytest.param(
            2, {"Condition": {"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:sns:*:*:other"}}}, UNSURE, id="SNS's other"
        ),
        pytest.param(3, {"Principal": {"Service": "logs.amazonaws.com"}}, REFUSED, id="logs of no region"),
    ],
)
def test_a_statement_that_is_otherwise(place: int, change: dict[str, Any], expected: str) -> None:
    policy = of_readme()
    statement = {**policy["Statement"][place], **change}
    policy["Statement"][place] = {name: value for name, value in statement.items() if value is not None}
    assert told(policy) == {**ALL, (ROOT, SES, SNS, LOGS)[place]: expected}


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        pytest.param({}, {SES: REFUSED}, id="always"),
        pytest.param({"Action": "kms:ScheduleKeyDeletion"}, {}, id="something else"),
        pytest.param({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {SES: UNSURE}, id="on a condition"),
        pytest.param({"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, {}, id="of another account"),
        pytest.param({"Principal": "*"}, dict.fromkeys(ALL, REFUSED), id="everyone"),
        pytest.param(
            {"Principal": None, "NotPrincipal": {"Service": SES}}, dict.fromkeys(ALL, UNSURE), id="all but some"
        ),
    ],
)
def test_a_statement_that_denies_is_stronger(denial: dict[str, Any], expected: dict[str, str]) -> None:
    denying = {"Effect": "Deny", "Principal": {"Service": SES}, "Action": "kms:*", "Resource": "*", **denial}
    policy = copy.deepcopy(of_readme())
    policy["Statement"].append({name: value for name, value in denying.items() if value is not None})
    assert told(policy) == {**ALL, **expected}


def test_a_policy_of_one_statement_need_not_be_a_list() -> None:
    assert told({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*"}})[ROOT] == ALLOWED
