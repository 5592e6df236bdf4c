# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that back a map up, restore it and test that: one map is vended from, lost in part, lost, restored."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._map_backup.drill import DRILL_TAG
from tests.integration.maps import DOMAIN, check_map, new_map, read_items
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.map_table import TABLE
from tests.map_work import edit_record, vend

OWNERS = {"owners": ("jane@example.org",)}


class Maps:
    """Runs the playbooks on a map of their own and keeps what the last one said."""

    def __init__(self, aws: LocalAws, directory: Path) -> None:
        self.aws, self.log = aws, directory / "ansible.log"
        self.dynamodb = aws.client("dynamodb")
        self.table = new_map(self.dynamodb)
        for number in range(60):
            vend(self.table, SeriesRequest(f"T-{number}", "app", DOMAIN, OWNERS))
        edit_record(self.table, Edit(f"app-002@{DOMAIN}", retire=True))

    def run(self, name: str, *options: str, **variables: Any) -> Recap:
        self.log.unlink(missing_ok=True)
        given = {f"account_factory_{key}": value for key, value in variables.items()}
        environment = {**self.aws.environment, "ACCOUNT_EMAIL_TABLE": self.table.name}
        return run_playbook(name, given, environment, self.log, *options)

    def said(self) -> str:
        return re.sub(r" +", " ", self.log.read_text())

    def lose(self, *keys: str) -> None:
        for key in keys:
            self.dynamodb.delete_item(TableName=self.table.name, Key={"pk": {"S": key}})

    def tables(self) -> list[str]:
        return [name for name in self.dynamodb.list_tables()["TableNames"] if name.startswith(self.table.name)]


@pytest.fixture(scope="module")
def maps(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Maps:
    return Maps(local_aws, tmp_path_factory.mktemp("maps"))


def test_a_map_that_lost_some_items_gets_them_back_from_a_file(maps: Maps, tmp_path: Path) -> None:
    dump = str(tmp_path / "map.jsonl")
    assert maps.run("backup_map", dest=dump).changed == 1
    before = read_items(maps.table)
    maps.lose(f"ADDRESS#app-002@{DOMAIN}", "NAME#app-003", "REQUEST#T-4", "DOMAINS")
    lost = read_items(maps.table)
    assert maps.run("restore_map", "--check", "--diff", src=dump).changed == 1
    assert read_items(maps.table) == lost
    assert "added 4" in maps.said()
    assert maps.run("restore_map", src=dump).changed == 1
    assert read_items(maps.table) == before
    assert maps.run("restore_map", src=dump).changed == 0
    assert "Nothing was missing." in maps.said()
    check_map(maps.table)


def test_a_lost_map_does_not_vend_what_it_has_forgotten(maps: Maps, tmp_path: Path) -> None:
    dump = str(tmp_path / "map.jsonl")
    maps.run("backup_map", dest=dump)
    forgotten = [vend(maps.table, SeriesRequest(f"L-{one}", "app", DOMAIN, OWNERS)).after.address for one in range(3)]
    maps.dynamodb.delete_table(TableName=maps.table.name)
    maps.dynamodb.create_table(TableName=maps.table.name, **TABLE)
    maps.run("restore_map", src=dump)
    there = check_map(maps.table)
    assert there[f"app-002@{DOMAIN}"].status == "retired"
    new = vend(maps.table, SeriesRequest("L-9", "app", DOMAIN, OWNERS)).after.address
    assert new not in {*forgotten, *there}
    # A file that lacks its end is refused.
    whole = Path(dump).read_bytes()
    Path(dump).write_bytes(whole[:-100])
    with pytest.raises(PlaybookFailedError, match="src: the dump is cut off"):
        maps.run("restore_map", src=dump)


def test_a_restore_is_tested_beside_the_map_and_is_the_way_back(maps: Maps) -> None:
    with pytest.raises(PlaybookFailedError, match="has no point-in-time recovery"):
        maps.run("drill_map")
    name = maps.table.name
    maps.dynamodb.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    tags = [{"Key": DRILL_TAG, "Value": name}]
    maps.dynamodb.create_table(TableName=f"{name}-drill-20260101T000000Z", **TABLE, Tags=tags)
    maps.dynamodb.create_table(TableName=f"{name}-drill-theirs", **TABLE)
    items = len(read_items(maps.table))
    assert maps.run("drill_map", "--check").changed == 1
    assert len(maps.tables()) == 3
    assert maps.run("drill_map", wait_timeout=10).changed == 1
    assert maps.tables() == [name, f"{name}-drill-theirs"]
    assert re.search(rf"items \{{'same': {items}, 'since': 0", maps.said())
    assert f"{name}-drill-theirs has the name of a drill and not its tag" in maps.said()
    assert maps.run("drill_map", wait_timeout=10).changed == 0

    restored = f"{name}-restored"
    maps.dynamodb.restore_table_to_point_in_time(
        SourceTableName=name, TargetTableName=restored, UseLatestRestorableTime=True
    )
    maps.dynamodb.get_waiter("table_exists").wait(TableName=restored, WaiterConfig={"Delay": 1})
    maps.lose("NAME#app-005", f"ADDRESS#app-005@{DOMAIN}")
    assert maps.run("restore_map", source_table=restored).changed == 1
    assert "added 2" in maps.said()
    check_map(maps.table)
    with pytest.raises(PlaybookFailedError, match="DynamoDB did not restore"):
        maps.run("restore_map", source_table=f"{name}-drill-theirs")
    with pytest.raises(PlaybookFailedError, match="give exactly one of them"):
        maps.run("restore_map")
