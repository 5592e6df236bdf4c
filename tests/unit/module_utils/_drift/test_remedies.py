# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that mends a finding: as it is run, whatever strangers wrote into names and addresses."""

from __future__ import annotations

import itertools
import shlex
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv

from ansible_collections.account_factory.email.plugins.module_utils._drift.finding import adoption_values
from ansible_collections.account_factory.email.plugins.module_utils._drift.model import KINDS
from ansible_collections.account_factory.email.plugins.module_utils._drift.remedies import remedy
from ansible_collections.account_factory.email.plugins.module_utils._drift.sides import SeenAccount
from ansible_collections.account_factory.email.plugins.plugin_utils._as_written import document
from tests.unit.playbooks.test_arguments import SPECS

ADDRESS, ACCOUNT_ID, OWNER = "payments-001@accounts.example.com", "123456789012", "jane@example.org"
VALUES: dict[str, Any] = {
    "address": ADDRESS,
    "account_id": ACCOUNT_ID,
    "owner": OWNER,
    "domain": "accounts.example.com",
    "domains": "accounts.example.com old.example.com",
    "local_part": "payments",
    "account_name": "Payments of all",
    "source": "r-ab12",
    "destination": "ou-ab12-34567890",
}
PLAYED = sorted(kind for kind, one in KINDS.items() if one.play)


def variables(command: str) -> dict[str, Any]:
    """Return the variables that Ansible is given when a shell runs the command."""
    found: dict[str, Any] = {}
    words = shlex.split(command)
    for option, value in itertools.pairwise(words):
        if option == "-e":
            found.update(document(value) if value.startswith("{") else parse_kv(value))
    return found


def test_a_command_ends_the_text() -> None:
    assert remedy(KINDS["no_owner"], VALUES) == (
        "ansible-playbook account_factory.email.edit_address"
        f" -e account_factory_address={ADDRESS} -e account_factory_owners=NEW_OWNER"
    )
    assert remedy(KINDS["account_gone"], VALUES) == (
        "If it was closed, and not if it left, for then its mail still comes here:"
        f" ansible-playbook account_factory.email.retire_address -e account_factory_address={ADDRESS}"
    )
    assert remedy(KINDS["ou_differs"], VALUES).endswith(
        "aws organizations move-account --account-id 123456789012"
        " --source-parent-id r-ab12 --destination-parent-id ou-ab12-34567890"
    )
    assert remedy(KINDS["domain_removed"], VALUES).endswith(
        "account_factory.email.deploy -e '{mail_forwarder_domains: accounts.example.com old.example.com}'"
    )
    assert remedy(KINDS["retired_active"], VALUES) == (
        f"ansible-playbook account_factory.email.edit_address -e account_factory_address={ADDRESS}"
        " -e account_factory_restore=true"
    )


@pytest.mark.parametrize("kind", PLAYED)
def test_the_playbook_is_there_and_knows_what_it_is_given(kind: str) -> None:
    play = str(KINDS[kind].play)
    command = remedy(KINDS[kind], VALUES)
    assert f"ansible-playbook account_factory.email.{play} -e " in command
    given = variables(command)
    needed = {name for name, value in KINDS[kind].variables.items() if not getattr(value, "is_optional", False)}
    assert needed <= given.keys() <= KINDS[kind].variables.keys()
    assert given.keys() <= SPECS[play].keys()


HOSTILE = [
    pytest.param("$(id);#!`x`&*?[a]<b>|~@example.org", True, id="shell"),
    pytest.param("a=b=c@example.org", True, id="equals signs"),
    pytest.param("o'neil@example.org", False, id="quote"),
    pytest.param('a"b@example.org', False, id="double quote"),
    pytest.param("a\\b@example.org", False, id="backslash"),
    pytest.param("two words@example.org", False, id="words that are no name"),
    pytest.param("{{lookup('pipe','id')}}@example.org", False, id="expression of Jinja"),
    pytest.param("{%if%}@example.org", False, id="statement of Jinja"),
    pytest.param("a\nb@example.org", False, id="line break"),
    pytest.param("a\u202eb@example.org", False, id="right to left"),
    pytest.param("köln@example.org", False, id="not ASCII"),
    pytest.param("", False, id="empty"),
]


@pytest.mark.parametrize(("value", "is_kept"), HOSTILE)
@pytest.mark.parametrize("kind", PLAYED)
def test_words_of_strangers_come_as_they_are_or_not_at_all(kind: str, value: str, is_kept: bool) -> None:
    command = remedy(KINDS[kind], {**VALUES, "address": value, "owner": value, "account_name": value})
    assert command.isprintable()
    # What Ansible's output shows otherwise than it is, and what it takes for an expression.
    assert not {'"', "\\"} & set(command)
    assert "{{" not in command
    assert "{%" not in command
    instead = {"account_factory_address": "ADDRESS", "account_factory_owner": "OWNER"}
    for name, given in variables(command).items():
        if name in instead:
            assert given == (value if is_kept else instead[name])
        if name == "account_factory_account_name":
            assert given == value


NAMES = [
    pytest.param("payments-001", {"local_part": "payments-001", "account_name": "payments-001"}, id="plain"),
    pytest.param(
        "Log Archive!", {"local_part": "log-archive", "account_name": "Log Archive!"}, id="blanks and capitals"
    ),
    pytest.param("Zahlungen Köln", {"local_part": "zahlungen-k-ln"}, id="not ASCII"),
    pytest.param("\u202e", {"local_part": f"account-{ACCOUNT_ID}"}, id="nothing that is left"),
    pytest.param("Abuse", {"local_part": f"account-{ACCOUNT_ID}", "account_name": "Abuse"}, id="reserved"),
    pytest.param("x" * 60, {"local_part": "x" * 43}, id="too long"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_what_an_account_is_vended_that_is_adopted(name: str, expected: dict[str, str]) -> None:
    account = SeenAccount(ACCOUNT_ID, "x@example.org", "x@example.org", name, "ACTIVE", False)
    values = adoption_values(account, {"zz.example.com", "accounts.example.com"})
    assert values == {"domain": "accounts.example.com", **expected}
