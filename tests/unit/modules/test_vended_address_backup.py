# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules' real main() against moto: a map is backed up, lost and restored, and what is wrong is refused before."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest, SeriesRequest
from ansible_collections.account_factory.email.plugins.modules import vended_address_backup, vended_address_restore
from tests.integration.maps import check_map, read_items
from tests.map_table import create_table
from tests.map_work import edit_record, vend
from tests.unit.conftest import RunModule

DOMAIN = "accounts.example.com"
OWNERS = {"owners": ("jane@example.org",)}
LATER = {"pk": {"S": "LATER#1"}, "raw": {"B": b"\x00"}, "some": {"SS": ["a", "b"]}}
S3 = "s3://backups/map.jsonl"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[api.Table]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        for name in ("map", "other"):
            create_table(client, name)
        boto3.client("s3", region_name="eu-west-1").create_bucket(
            Bucket="backups", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        table = api.Table(client, "map")
        assert api.put_domain(table, DOMAIN, f"aws@{DOMAIN}")
        for number in range(3):
            vend(table, SeriesRequest(f"T-{number}", "app", DOMAIN, OWNERS))
        vend(table, ExactRequest("Log Archive", "logs", DOMAIN, OWNERS, account_id="123456789012"))
        edit_record(table, Edit(f"app-002@{DOMAIN}", retire=True))
        client.put_item(TableName="map", Item=LATER)
        yield table


@pytest.mark.parametrize("place", ["file", S3])
def test_a_map_is_backed_up_lost_and_restored(
    run_module: RunModule, table: api.Table, tmp_path: Path, place: str
) -> None:
    dest = str(tmp_path / "map.jsonl") if place == "file" else place
    given: dict[str, Any] = {"table": "map", "dest": dest}
    planned = run_module(vended_address_backup.main, check_mode=True, **given)
    assert not list(tmp_path.iterdir())
    came = run_module(vended_address_backup.main, **given)
    assert planned["changed"]
    assert came["changed"]
    assert planned["backup"] == came["backup"]
    assert came["backup"]["counts"] == {
        "accounts": 1,
        "addresses": 4,
        "domains": 1,
        "names": 5,
        "others": 1,
        "requests": 3,
        "series": 1,
    }
    assert came["backup"]["unknown"] == ["LATER#"]
    assert not run_module(vended_address_backup.main, **given)["changed"]
    if place == "file":
        (file,) = tmp_path.iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = read_items(table)
    table.client.delete_table(TableName="map")
    create_table(table.client)

    restore: dict[str, Any] = {"table": "map", "src": dest, "skipped_numbers": 10}
    planned = run_module(vended_address_restore.main, check_mode=True, **restore)
    assert read_items(table) == {}
    came = run_module(vended_address_restore.main, **restore)
    same = ("changed", "restored", "counts", "conflicts", "diff")
    assert [planned[name] for name in same] == [came[name] for name in same]
    assert came["counts"]["total"] == {"added": 16, "updated": 0, "kept": 0, "conflicting": 0}
    assert came["restored"][f"ADDRESS#app-002@{DOMAIN}"]["status"] == "retired"
    assert any("LATER#" in str(one) for one in came["warnings"])
    after = read_items(table)
    assert after.pop("SERIES#app")["last_number"] == before.pop("SERIES#app")["last_number"] + 10
    assert after == before
    check_map(table)
    again = run_module(vended_address_restore.main, **restore)
    assert not again["changed"]
    assert again["counts"]["total"] == {"added": 0, "updated": 0, "kept": 16, "conflicting": 0}


def test_what_the_map_has_is_kept_and_what_contradicts_it_is_told(
    run_module: RunModule, table: api.Table, tmp_path: Path
) -> None:
    dest = str(tmp_path / "map.jsonl")
    run_module(vended_address_backup.main, table="map", dest=dest)
    edit_record(table, Edit(f"app-001@{DOMAIN}", {"owners": ("joe@example.org",)}))
    vend(table, SeriesRequest("T-9", "app", DOMAIN, OWNERS))
    before = read_items(table)
    table.client.delete_item(TableName="map", Key={"pk": {"S": "NAME#app-003"}})
    table.client.put_item(
        TableName="map", Item={"pk": {"S": "REQUEST#T-0"}, "address": {"S": f"logs@{DOMAIN}"}, "asked": {"M": {}}}
    )
    came = run_module(vended_address_restore.main, table="map", src=dest)
    assert list(came["restored"]) == ["NAME#app-003"]
    assert came["conflicts"] == [
        {"key": "REQUEST#T-0", "kind": "requests", "why": f"in the map it leads to logs@{DOMAIN}"}
    ]
    assert came["kept_newer"] == 1
    after = read_items(table)
    assert {key for key in before if after[key] != before[key]} == {"REQUEST#T-0"}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another map": ({"table": "other", "src": "DUMP"}, "allow_other_map: the dump is of another map, of the table map"),
    "no such file": ({"src": "/none/map.jsonl"}, "src: there is no folder /none"),
    "a folder": ({"src": "FOLDER"}, "is a folder; name a file in it"),
    "no such object": ({"src": "s3://backups/none"}, "Failed to read s3://backups/none"),
    "no key": ({"src": "s3://backups/"}, "src: 's3://backups/' has no bucket or no key"),
    "the owner of no bucket": ({"src": "DUMP", "expected_bucket_owner": "1"}, "expected_bucket_owner:"),
    "numbers below none": ({"src": "DUMP", "skipped_numbers": -1}, "skipped_numbers: -1 is not between 0 and"),
    "a table that was not restored": ({"source_table": "other"}, "source_table: DynamoDB did not restore other from"),
    "no such table": ({"table": "none", "src": "DUMP"}, "there is no DynamoDB table 'none'"),
}


@pytest.mark.parametrize(("given", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_right_is_refused_before_anything_is_written(
    run_module: RunModule, table: api.Table, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    dest = tmp_path / "map.jsonl"
    run_module(vended_address_backup.main, table="map", dest=str(dest))
    before = read_items(table)
    paths = {"DUMP": str(dest), "FOLDER": str(tmp_path)}
    options = {name: paths.get(str(value), value) for name, value in {"table": "map", **given}.items()}
    came = run_module(vended_address_restore.main, **options)
    assert came["failed"]
    assert says in came["msg"]
    assert read_items(table) == before
    assert read_items(api.Table(table.client, "other")) == {}


@pytest.mark.usefixtures("table")
def test_another_map_and_another_table_are_taken_when_told(run_module: RunModule, tmp_path: Path) -> None:
    dest = str(tmp_path / "map.jsonl")
    run_module(vended_address_backup.main, table="map", dest=dest)
    moved: dict[str, Any] = {"table": "other", "allow_other_map": True, "skipped_numbers": 0}
    came = run_module(vended_address_restore.main, **moved, src=dest)
    assert came["counts"]["total"]["added"] == 16
    assert not run_module(vended_address_restore.main, **moved, source_table="map")["changed"]


@pytest.mark.usefixtures("table")
def test_what_is_not_writable_leaves_what_was_there(run_module: RunModule, tmp_path: Path) -> None:
    for dest, says in (("/none/map", "dest: there is no folder /none"), (str(tmp_path), "is a folder")):
        came = run_module(vended_address_backup.main, table="map", dest=dest)
        assert says in came["msg"]
    assert not list(tmp_path.iterdir())
