# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/vending-function.md: its Terraform parses, its requests can be read, and its codes are those that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hcl2
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._json_options import read_options
from forwarder.core.refusals import STATUSES
from forwarder.vending import VEND_RULES, VEND_SPEC

TEXT = (Path(__file__).parents[3] / "docs" / "vending-function.md").read_text(encoding="utf-8")
TERRAFORM = re.findall(r"```hcl\n(.*?)```", TEXT, re.DOTALL)
# The fields of an object that jsonencode is given, a line each.
FIELDS = re.compile(r"jsonencode\(\{(.*?)\n  \}\)", re.DOTALL)


@pytest.mark.parametrize("example", TERRAFORM)
def test_terraform_parses_and_asks_for_what_there_is(example: str) -> None:
    assert hcl2.loads(example)
    requests = FIELDS.findall(example)
    assert requests
    for request in requests:
        names = set(re.findall(r"^ +(\w+) +=", request, re.MULTILINE))
        assert names <= VEND_SPEC.keys()
        assert "address" in names or "request_id" in names


def test_requests_of_a_shell_can_be_read() -> None:
    requests = re.findall(r"--(?:payload|data) '(.*?)'", TEXT, re.DOTALL)
    assert len(requests) == 2
    for request in requests:
        read_options(json.loads(request), VEND_SPEC, VEND_RULES)


def test_json_parses() -> None:
    fences = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert len(fences) >= 4
    assert all(json.loads(fence) for fence in fences)


def test_the_codes_are_those_that_there_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", TEXT, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == STATUSES
