# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of docs/permissions.md, IAM users that have them and nothing else, and what IAM decided about those."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
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
        [Grant(action, resource) for action in statement["Action"] for resource in _listed(statement["Resource"])]
        for statement in json.loads(policy)["Statement"]
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def filled(policy: str, values: Mapping[str, str]) -> str:
    """Return the policy with its placeholders replaced; KeyError for one that has no value."""
    return Template(policy).substitute(values)


def make_user(aws: LocalAws, name: str, policy: str) -> dict[str, str]:
    """Make an IAM user who may do what the policy says; return the environment with its credentials."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    key: dict[str, Any] = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**aws.environment, **credentials}


def decisions(file: Path, user: str) -> Iterator[Decision]:
    """Return what local AWS noted in the file about the user, in its order."""
    for line in file.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        if noted["principal"].endswith(f":user/{user}"):
            yield Decision(noted["action"], noted["resource"], noted["allowed"])
