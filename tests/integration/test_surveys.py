# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each play with every variable that may be left out left empty, and in an inventory that has names of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.integration.maps import check_map, new_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, run_playbook
from tests.unit.playbooks.test_arguments import SPECS

DOMAIN, OWNER = "accounts.example.com", "jane@example.org"
ADDRESS = f"app-001@{DOMAIN}"
# No account of any organization of local AWS, whose ids are drawn: close_account takes it for one that is gone.
GONE = "000000000000"
VEND = {
    "account_factory_name_prefix": "app",
    "account_factory_domain": DOMAIN,
    "account_factory_request_id": "T-1",
    "account_factory_owners": OWNER,
}
# What each play needs, what it says then, and whether it ends well on local AWS with nothing deployed.
PLAYS: dict[str, tuple[dict[str, Any], str]] = {
    "adopt_account": (
        {**VEND, "account_factory_account_id": GONE},
        f"{GONE}: account_id: the organization has no account",
    ),
    "backup_map": ({"account_factory_dest": "s3://none/map"}, "In check mode: nothing was written."),
    "close_account": (
        {"account_factory_address": ADDRESS, "account_factory_close_confirm": GONE},
        "The account is gone from the organization.",
    ),
    "create_account": ({**VEND, "account_factory_request_id": "T-2"}, "address   app-002@"),
    "discard_mail": (
        {"mail_forwarder_reason": "spam", "mail_forwarder_limit": "5"},
        "stack_name: there is no forwarder mail-forwarder",
    ),
    "deploy": (
        {
            "mail_forwarder_domains": "other.example.com Third.example.com",
            "mail_forwarder_admin_address": "team@example.org",
        },
        "Map: mail-forwarder-map - to vend from it",
    ),
    "doctor": ({"mail_forwarder_checks": "forwarder,alarms"}, "stack_name: there is no forwarder mail-forwarder"),
    "drift": ({}, "1 address compared: "),
    "drill_map": ({}, "has no point-in-time recovery"),
    "edit_address": ({"account_factory_address": ADDRESS}, "status      active"),
    "import_addresses": ({"account_factory_file": "FILE"}, "vended   1"),
    "import_organization_accounts": ({"account_factory_domains": DOMAIN}, "brought in  0"),
    "import_sample_table": ({"account_factory_sample_table": "none"}, "no DynamoDB table 'none'"),
    "list_addresses": ({}, ADDRESS),
    "list_deliveries": ({"mail_forwarder_message_id": "none"}, "There is no such forwarder here: give stack_name"),
    "list_held_mail": ({}, "stack_name: there is no forwarder mail-forwarder"),
    "list_owners": (
        {"account_factory_last_mail": "no", "account_factory_report_folder": "FOLDER"},
        "1 owner of 1 address",
    ),
    "lock_root": ({}, "No recovery is overdue."),
    "recover_root": (
        {
            "account_factory_account_id": GONE,
            "account_factory_confirm_account_id": GONE,
            "account_factory_reason": "T-1",
        },
        "stack_name: there is no forwarder mail-forwarder",
    ),
    "release_mail": ({"mail_forwarder_message_id": "none"}, "stack_name: there is no forwarder mail-forwarder"),
    "replay_mail": ({"mail_forwarder_message_id": "none"}, "stack_name: there is no forwarder mail-forwarder"),
    "restore_map": ({"account_factory_source_table": "none"}, "no DynamoDB table 'none'"),
    "retire_address": ({"account_factory_address": ADDRESS}, f"address   {ADDRESS}"),
    "show_held_mail": ({"mail_forwarder_message_id": "none"}, "stack_name: there is no forwarder mail-forwarder"),
    "sync_owners": ({}, "groups      0"),
    "teardown": ({}, "The map is kept, the mail and the record of who received it are kept."),
    "transfer_owner": (
        {"account_factory_owner": OWNER, "account_factory_new_owners": "joe@example.org\nann@example.org\n"},
        "joe@example.org, ann@example.org",
    ),
    "vend_address": ({**VEND, "account_factory_request_id": "T-2"}, "address   app-002@"),
}


@dataclass
class Controller:
    """Where jobs run: a map with one address, and what a play said last."""

    aws: LocalAws
    table: str
    folder: Path

    def run(self, play: str, variables: dict[str, Any], *options: str) -> str:
        """Run the play and return all that it printed, whether it ended well or not."""
        log = self.folder / "ansible.log"
        log.unlink(missing_ok=True)
        environment = {**self.aws.environment, "ACCOUNT_EMAIL_TABLE": self.table}
        try:
            run_playbook(play, variables, environment, log, *options)
        except PlaybookFailedError as error:
            return f"{log.read_text()}\n{error}"
        return log.read_text()


@pytest.fixture(scope="module")
def controller(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    folder = tmp_path_factory.mktemp("surveys")
    table = new_map(local_aws.client("dynamodb")).name
    (folder / "new.csv").write_text(f"address,owners\nnew@{DOMAIN},{OWNER}\n")
    for domain in ("other.example.com", "third.example.com"):
        local_aws.client("sesv2").create_email_identity(EmailIdentity=domain)
    made = Controller(local_aws, table, folder)
    made.run("vend_address", VEND)
    made.run("edit_address", {"account_factory_address": ADDRESS, "account_factory_account_id": GONE})
    return made


def test_the_table_has_every_play() -> None:
    assert PLAYS.keys() == SPECS.keys()


@pytest.mark.parametrize("play", PLAYS)
def test_a_survey_of_which_nothing_is_answered_but_what_must_be(controller: Controller, play: str) -> None:
    needed, says = PLAYS[play]
    places = {"FILE": str(controller.folder / "new.csv"), "FOLDER": str(controller.folder / "report")}
    given = {name: places.get(value, value) for name, value in needed.items()}
    empty = {name: "" if index % 2 else None for index, name in enumerate(sorted(SPECS[play])) if name not in given}
    assert says in controller.run(play, {**empty, **given}, "--check")


# Names that other playbooks of a company's inventory have, with values that would do harm here.
INVENTORY = """
[all]
localhost ansible_connection=local
[all:vars]
account_id=123456789012
account_name=production
account_type=prod
account_owners=["eve@example.org"]
account_tags={"by": "inventory"}
account_email=eve@example.org
"""


def test_an_inventory_that_has_names_like_ours_changes_nothing(controller: Controller) -> None:
    inventory = controller.folder / "inventory"
    inventory.write_text(INVENTORY)
    table = api.Table(controller.aws.client("dynamodb"), controller.table)
    before = check_map(table)
    said = controller.run("edit_address", {"account_factory_address": ADDRESS}, "-i", str(inventory))
    assert "There was nothing to change." in said
    assert "account_id is set in the inventory" in said
    assert check_map(table) == before
    wanted = {**VEND, "account_factory_request_id": "T-9"}
    assert "The address is vended." in controller.run("vend_address", wanted, "-i", str(inventory))
    [vended] = [record for record in check_map(table).values() if record.request_id == "T-9"]
    assert (vended.account_id, vended.account_type, vended.tags, vended.owners) == (None, None, {}, (OWNER,))
