# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/playbooks.md and account_email_drift_info name each kind of finding, as the table of them has it."""

from __future__ import annotations

import re

import yaml

from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS
from ansible_collections.account_factory.email.plugins.modules import account_email_drift_info
from tests.unit.playbooks.test_documentation import rows


def test_playbooks_md_says_of_each_kind_how_bad_it_is_and_what_it_means() -> None:
    found = {name.strip("`"): (severity.partition(";")[0].strip("`"), means) for name, severity, means in ROWS}
    assert found == {name: (kind.severity, kind.means) for name, kind in KINDS.items()}


def test_the_module_names_each_kind() -> None:
    returned = yaml.safe_load(account_email_drift_info.RETURN)["findings"]["contains"]["kind"]["description"]
    assert re.findall(r"V\((\w+)\) - ", " ".join(returned)) == list(KINDS)


ROWS = rows("What drift is")
