# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables: specified, given their defaults and described, all the same ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLE = Path(__file__).parents[4] / "roles" / "mail_forwarder"
SPECS: dict[str, Any] = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
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


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_every_variable_is_typed_and_described(name: str) -> None:
    assert name.startswith("mail_forwarder_")
    assert OPTIONS[name]["type"]
    assert OPTIONS[name]["description"]


def test_defaults_are_those_specified() -> None:
    assert set(DEFAULTS) <= set(OPTIONS)
    assert not [name for name in DEFAULTS if OPTIONS[name].get("required")]
    computed = {name for name, value in DEFAULTS.items() if "{{" in str(value)}
    assert not [name for name in computed if "default" in OPTIONS[name]]
    plain = {name: value for name, value in DEFAULTS.items() if name not in computed}
    assert plain == {name: option["default"] for name, option in OPTIONS.items() if "default" in option}


def test_files_use_no_variable_that_is_not_specified() -> None:
    texts = [path.read_text() for folder in ("tasks", "templates", "vars") for path in (ROLE / folder).iterdir()]
    used = set(re.findall(r"(?<![\w.])mail_forwarder_\w+", "\n".join(texts)))
    assert used == set(OPTIONS)


def test_readme_has_the_table_of_all_of_them_and_of_the_samples_fields() -> None:
    rows = re.findall(r"^\| `([\w.]+)`", (ROLE / "README.md").read_text(), flags=re.MULTILINE)
    assert sorted(row for row in rows if row.startswith("mail_forwarder_")) == sorted(OPTIONS)
    assert {row for row in rows if row.isupper()} == SAMPLE_FIELDS
