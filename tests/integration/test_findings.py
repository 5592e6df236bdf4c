# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template and the policies, as tools of security teams see them: each finding has an answer in findings.yml."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.environments import environment
from tests.integration.permissions import documented, filled
from tests.integration.test_permissions import PLACEHOLDERS
from tests.resolved_template import forms
from tests.unit.roles.mail_forwarder.test_stack import RECORDED, parsed, statements

# parliament imports pkg_resources, which later setuptools do not have.
PACKAGES = ["checkov==3.3.30", "parliament==1.6.4", "setuptools<81"]
ANSWERS = yaml.safe_load(Path(__file__).with_name("findings.yml").read_text())
KEY, ROLE = "arn:aws:kms:eu-west-1:111122223333:key/1", "arn:aws:iam::111122223333:role/readers"
# What the role is asked for that changes resources, each with all of its kinds.
OPTIONS = {
    "KmsKey": ["", "create", KEY],
    "FormerKmsKeys": ["", KEY],
    "MailReaders": ["", ROLE],
    "AccessLogBucket": ["", "create", "logs"],
    "RolePath": ["/", "/platform/"],
    "PermissionsBoundary": ["", "arn:aws:iam::111122223333:policy/boundary"],
    "OrganizationPrincipals": ["", "arn:aws:iam::222222222222:role/awx"],
    "AlarmAddress": ["", "cloud-team@example.com"],
    "ArchiveArn": ["", "arn:aws:ses:eu-west-1:111122223333:mailmanager-archive/a-1"],
    "EngagementMetrics": ["", "DISABLED"],
    "OptimizedSharedDelivery": ["", "ENABLED"],
    "MaxDeliverySeconds": ["0", "3600"],
    "SuppressedReasons": ["", "BOUNCE,COMPLAINT"],
    "MailDays": ["0", "365"],
}
GIVEN = {"KeepMap": "true", "KeepMail": "true", "Protection": "true", "MapTable": "map", "MailBucket": "mail"}
PARLIAMENT = """
import json, sys
from parliament import analyze_policy_string
for name, policy in json.load(sys.stdin).items():
    for issue in sorted({finding.issue for finding in analyze_policy_string(policy).findings}):
        print(json.dumps([name, issue]))
"""


@pytest.fixture(scope="module")
def tools() -> Path:
    return environment("security-tools", "scan", PACKAGES) / "bin"


def found_by_checkov(tools: Path, folder: Path) -> dict[tuple[str, str], set[str]]:
    """Return the options that each finding is made with, by check and resource: in all combinations that there are.

    A resource has few forms, so that a template of one form each covers many combinations at once.
    """
    template = parsed(recorded=RECORDED)
    each = forms(template, OPTIONS, GIVEN)
    made_of: dict[str, dict[str, str]] = {}
    for number in range(max(map(len, each.values()))):
        chosen = {key: [*of.items()][number] for key, of in each.items() if number < len(of)}
        made_of[f"{number}.json"] = {key: options for key, (options, _form) in chosen.items()}
        resources = {key: form for key, (_options, form) in chosen.items()}
        whole = {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": template["Parameters"], "Resources": resources}
        (folder / f"{number}.json").write_text(json.dumps(whole))
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json"]
    command = [str(tools / "checkov"), "--directory", str(folder), *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(ended.stdout)
    assert report["summary"]["parsing_errors"] == 0, report["results"]["parsing_errors"]
    assert report["summary"]["passed"] > 100
    found: dict[tuple[str, str], set[str]] = {}
    for one in report["results"]["failed_checks"]:
        key = one["resource"].rpartition(".")[2]
        found.setdefault((one["check_id"], key), set()).add(made_of[Path(one["file_path"]).name][key])
    return found


def test_what_checkov_finds_in_any_combination_of_options_has_an_answer(tools: Path, tmp_path: Path) -> None:
    found = found_by_checkov(tools, tmp_path)
    answers = {(one["check"], key): one for one in ANSWERS["checkov"] for key in one["resources"]}
    assert found.keys() == answers.keys()
    for finding, answer in answers.items():
        if "unless" not in answer:
            assert answer["why"]
            continue
        # It ends with the option, whatever the others are.
        assert {json.loads(options)[answer["unless"]] for options in found[finding]} == {""}, finding


def test_what_parliament_finds_in_the_policies_has_an_answer(tools: Path) -> None:
    values = {
        **dict.fromkeys(PLACEHOLDERS, "x"),
        "account": "111122223333",
        "management": "222222222222",
        "region": "eu-west-1",
        "organization": "o-1234567890",
        "key": KEY,
        "sample_key": KEY,
        "boundary": ROLE,
    }
    policies = {section: filled(policy, values) for section, policy in documented().items()}
    policies |= dict(policies_of_the_stack())
    command = [str(tools / "python"), "-W", "ignore", "-c", PARLIAMENT]
    ended = subprocess.run(command, input=json.dumps(policies), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = {tuple(json.loads(line)) for line in ended.stdout.splitlines()}
    assert found == {(policy, one["issue"]) for one in ANSWERS["parliament"] for policy in policies_of(one)}
    assert all(one["why"] for one in ANSWERS["parliament"])


def policies_of(answer: dict[str, Any]) -> list[str]:
    return answer["policies"] if "policies" in answer else [answer["policy"]]


def policies_of_the_stack() -> Iterator[tuple[str, str]]:
    """Yield the policies of the stack's roles, with resources in the place of what CloudFormation fills in."""
    names = {"AWS::StackName": "stack", "MapTable": "map", "MailBucket": "mail", "AWS::Partition": "aws"}
    names |= {"AWS::Region": "eu-west-1", "AWS::AccountId": "111122223333"}

    def filled_in(value: Any) -> Any:
        if isinstance(value, list):
            return [filled_in(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "Fn::Sub" in value:
            return re.sub(r"\$\{(.*?)\}", lambda match: names[match[1]], value["Fn::Sub"])
        if "Fn::GetAtt" in value:
            return f"arn:aws:sqs:eu-west-1:111122223333:{value['Fn::GetAtt'][0]}"
        if value.keys() <= {"Fn::If", "Ref"}:
            return KEY if "Kms" in json.dumps(value) else "aws@example.com"
        return {name: filled_in(one) for name, one in value.items()}

    for key, resource in parsed(recorded=RECORDED)["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            of_policies = {"Properties": {"Policies": resource["Properties"]["Policies"]}}
            document = {"Version": "2012-10-17", "Statement": [filled_in(one) for one in statements(of_policies)]}
            yield key, json.dumps(document)
