# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables: specified, given their defaults and described, all the same ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from forwarder.core.settings import SettingsError, read_settings
from tests.forwarder_environment import SETTINGS, environment

ROLE = Path(__file__).parents[4] / "roles" / "mail_forwarder"
SPECS: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
VARS: dict[str, Any] = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
OPTIONS = {name: option for spec in SPECS.values() for name, option in spec["options"].items()}
# The fields of the AWS sample's cdk.json, which people come from.
SAMPLE_FIELDS = {
    "SES_DOMAIN_NAME",
    "ACCOUNT_TABLE_NAME",
    "ADDRESS_FROM",
    "ADDRESS_ADMIN",
    "MAIL_HEADER_VALUE",
    "COUNTER_LENGTH",
    "DISABLE_CATCH_ALL",
    "REMOVE_BUCKET_ON_DESTROY",
    "REMOVE_TABLE_ON_DESTROY",
}


# What a sender's name may be: for the role and for the forwarder alike.
SENDER_NAMES = {
    "AWS Account Management System": True,
    "B\u00fccher \U0001f600": True,
    "a" * 64: True,
    f" {'a' * 64} ": True,
    "a" * 65: False,
    "": False,
    " ": False,
    "a\nb": False,
    "a\n": False,
    "a\tb": False,
    "a\x7fb": False,
    "a\u0085b": False,
    "a\u2028b": False,
    "a\u202eb": False,
    "a\u00a0b": False,
}


def takes(check: Callable[[str], object], error: type[Exception], value: str) -> bool:
    """Return whether a check lets a value pass."""
    try:
        check(value)
    except error:
        return False
    return True


def test_the_role_gives_the_settings_that_the_forwarder_knows() -> None:
    given = set(re.findall(r"^ +'(\w+)':", VARS["__mail_forwarder_settings"], flags=re.MULTILINE))
    assert given == set(SETTINGS)


@pytest.mark.parametrize("name", SENDER_NAMES)
def test_a_senders_name_is_one_for_the_role_and_for_the_forwarder(name: str) -> None:
    tasks = yaml.safe_load((ROLE / "tasks" / "validate.yml").read_text())
    (conditions,) = [task["ansible.builtin.assert"]["that"] for task in tasks if task["name"].endswith("sender's name")]
    expressions = [Environment(autoescape=False).compile_expression(condition) for condition in conditions]
    assert all(holds(__mail_forwarder={"sender_name": name}) for holds in expressions) is SENDER_NAMES[name]
    is_taken = takes(lambda value: read_settings(environment(sender_name=value)), SettingsError, name)
    assert is_taken is SENDER_NAMES[name]


@pytest.mark.parametrize(("days", "is_right"), [(89, False), (90, True), (3650, True), (3651, False)])
def test_the_days_of_the_record_are_the_same_for_the_role_and_for_the_forwarder(days: int, is_right: bool) -> None:
    tasks = yaml.safe_load((ROLE / "tasks" / "validate.yml").read_text())
    (condition,) = [task["ansible.builtin.assert"]["that"] for task in tasks if "record of deliveries" in task["name"]]
    holds = Environment(autoescape=False).compile_expression(condition)
    assert holds(__mail_forwarder={"record_days": days}) is is_right
    is_taken = takes(lambda _value: read_settings(environment(record_days=days)), SettingsError, "")
    assert is_taken is is_right


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_variable_is_typed_and_described(name: str) -> None:
    assert name.startswith("mail_forwarder_")
    assert OPTIONS[name]["type"]
    assert OPTIONS[name]["description"]


def test_defaults_are_those_specified() -> None:
    assert set(DEFAULTS) <= set(OPTIONS)
    assert not [name for name in DEFAULTS if OPTIONS[name].get("required")]
    # What is empty is not given, and the role works it out.
    computed = {name for name in DEFAULTS if "default" not in OPTIONS[name]}
    assert {DEFAULTS[name] for name in computed} == {""}
    plain = {name: value for name, value in DEFAULTS.items() if name not in computed}
    assert plain == {name: option["default"] for name, option in OPTIONS.items() if "default" in option}


def test_files_use_no_variable_that_is_not_specified() -> None:
    files = [path for folder in ("tasks", "templates", "vars") for path in (ROLE / folder).rglob("*") if path.is_file()]
    texts = [path.read_text() for path in files]
    used = set(re.findall(r"(?<![\w.])__mail_forwarder\.(\w+)", "\n".join(texts)))
    assert used == {name.removeprefix("mail_forwarder_") for name in OPTIONS} | {"aws_region"}


def test_readme_has_the_table_of_all_of_them_and_of_the_samples_fields() -> None:
    rows = re.findall(r"^\| `([\w.]+)`", (ROLE / "README.md").read_text(), flags=re.MULTILINE)
    assert sorted(row for row in rows if row.startswith("mail_forwarder_")) == sorted(OPTIONS)
    assert {row for row in rows if row.isupper()} == SAMPLE_FIELDS
