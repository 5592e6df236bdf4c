# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of docs/permissions.md, IAM users and roles with nothing else, and what IAM decided about those."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from string import Template
from typing import Any

from tests.local_aws import LocalAws

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
_SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!^## ).*\n)*)", re.MULTILINE)
_POLICY = re.compile(r"^```json\n(?P<policy>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Grant:
    """One action that a policy allows on one resource, which may hold wildcards."""

    action: str
    resource: str


@dataclass(frozen=True)
class Decision:
    """What IAM decided about one action on one resource."""

    action: str
    resource: str
    allowed: bool

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"

    def is_by(self, grant: Grant) -> bool:
        """Tell whether the grant allows what was decided about."""
        return self.action == grant.action and fnmatchcase(self.resource, grant.resource)


def documented() -> dict[str, str]:
    """Return the text of each section's policy, by the section's title; a play's title is its name as code."""
    sections = {found["title"]: _POLICY.findall(found["text"]) for found in _SECTION.finditer(DOCUMENT.read_text())}
    wrong = {title: len(policies) for title, policies in sections.items() if len(policies) != 1}
    assert not wrong, f"each section of {DOCUMENT.name} has one policy, a fenced block of json; these have: {wrong}"
    return {title.strip("`"): policy for title, (policy,) in sections.items()}


def statements(policy: str) -> list[list[Grant]]:
    """Return what each statement of the policy allows."""
    return [
        [
            Grant(action, resource)
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        ]
        for statement in json.loads(policy)["Statement"]
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def filled(policy: str, values: Mapping[str, str]) -> str:
    """Return the policy with its placeholders replaced; KeyError for one that has no value."""
    return Template(policy).substitute(values)


def split(policy: str, sids: Collection[str]) -> tuple[str, str]:
    """Return the policy with only the statements of these ids, and with only the others."""
    document = json.loads(policy)
    ours = [statement for statement in document["Statement"] if statement["Sid"] in sids]
    others = [statement for statement in document["Statement"] if statement["Sid"] not in sids]
    return json.dumps({**document, "Statement": ours}), json.dumps({**document, "Statement": others})


def make_user(aws: LocalAws, name: str, policy: str, account_id: str, role_arn: str | None = None) -> dict[str, str]:
    """Make an IAM user who may do what the policy says, and assume the role; return the environment of that user."""
    iam = aws.client("iam", account_id)
    iam.create_user(UserName=name)
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    if role_arn:
        assume = _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn})
        iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=assume)
    key: dict[str, Any] = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**aws.environment, **credentials}


def make_role(aws: LocalAws, name: str, policy: str, account_id: str, trusted: str) -> str:
    """Make a role that may do what the policy says, for whoever the account ``trusted`` allows; return its ARN."""
    iam = aws.client("iam", account_id)
    principal = {"AWS": f"arn:aws:iam::{trusted}:root"}
    trust = _document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=policy)
    return arn


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def decisions(file: Path, name: str) -> Iterator[Decision]:
    """Return what local AWS noted in the file about the users and the roles of that name, in its order."""
    for line in file.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        if noted["principal"].endswith(f":user/{name}") or f":assumed-role/{name}/" in noted["principal"]:
            yield Decision(noted["action"], noted["resource"], noted["allowed"])
