# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays that bring many addresses into the map: from a file, the AWS sample's table, and the organization."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook


class Imports:
    """Runs the plays on a map of their own, and tells what they said and what the map came to hold."""

    def __init__(self, aws: LocalAws, table: str, directory: Path) -> None:
        self.aws, self.log = aws, directory / "ansible.log"
        self.table = api.Table(aws.client("dynamodb"), table)

    def run(self, name: str, *options: str, **variables: Any) -> Recap:
        given = {**variables, "account_email_table": self.table.name}
        return run_playbook(name, given, self.aws.environment, self.log, *options)

    def said(self) -> str:
        return self.log.read_text()

    def records(self) -> dict[str, AddressRecord]:
        """Return the records by the local part of their address, after a check of the whole map."""
        return {address.partition("@")[0]: record for address, record in check_map(self.table).items()}


@pytest.fixture
def imports(local_aws: LocalAws, map_table: str, tmp_path: Path) -> Imports:
    return Imports(local_aws, map_table, tmp_path)


CSV = (
    "\ufeffaddress,account_name,account_id,owners,tags,forwarding,request_id,name_prefix,domain\r\n"
    'a@accounts.example.com,"A, the first",012345678901,jane@example.org;joe@example.org,k=v;l=w,,,,\r\n'
    "b@accounts.example.com,,,jane@example.org,,false,,,\r\n"
    ",,,jane@example.org,,,4711,app,accounts.example.com\r\n"
)
ENTRIES = [
    {
        "address": "a@accounts.example.com",
        "account_name": "A, the first",
        "account_id": "012345678901",
        "owners": ["jane@example.org", "joe@example.org"],
        "tags": {"k": "v", "l": "w"},
    },
    {"address": "b@accounts.example.com", "owners": ["jane@example.org"], "forwarding": False},
    {"owners": ["jane@example.org"], "request_id": "4711", "name_prefix": "app", "domain": "accounts.example.com"},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("addresses.CSV", CSV, id="CSV"),
        # JSON is YAML.
        pytest.param("addresses.yml", json.dumps(ENTRIES), id="YAML"),
        pytest.param("addresses.json", json.dumps(ENTRIES, indent="\t"), id="JSON"),
    ],
)
def test_a_file_comes_in_once(imports: Imports, tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_bytes(text.encode())
    assert imports.run("import_addresses", "--check", addresses_file=str(file)).changed == 1
    assert imports.records() == {}
    assert imports.run("import_addresses", addresses_file=str(file)).changed == 1
    records = imports.records()
    a, b, app = records["a"], records["b"], records["app-001"]
    assert (a.account_name, a.account_id, a.status) == ("A, the first", "012345678901", "active")
    assert (a.owners, a.tags) == (("jane@example.org", "joe@example.org"), {"k": "v", "l": "w"})
    assert (b.account_name, b.account_id, b.forwarding) == ("b", None, False)
    assert (app.request_id, app.number) == ("4711", 1)
    assert imports.run("import_addresses", addresses_file=str(file)).changed == 0
    assert imports.records() == records


def test_a_file_is_found_from_where_the_play_is_started(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.csv").write_text("address;owners\na@accounts.example.com;jane@example.org\n")
    monkeypatch.chdir(tmp_path)
    imports.run("import_addresses", addresses_file="lists/mine.csv", addresses_delimiter=";")
    assert list(imports.records()) == ["a"]


def test_one_bad_entry_of_a_file_is_named_and_the_others_come_in(imports: Imports, tmp_path: Path) -> None:
    file = tmp_path / "addresses.csv"
    file.write_text("address,owners\na@accounts.example.com,jane\nb@accounts.example.com,jane@example.org\n")
    for options in (["--check"], []):
        with pytest.raises(PlaybookFailedError) as failed:
            imports.run("import_addresses", *options, addresses_file=str(file))
        assert "1 of 2 entries could not be done" in str(failed.value)
        assert "line 2 (a@accounts.example.com) owners[0]: 'jane' is not an email address" in str(failed.value)
    assert list(imports.records()) == ["b"]


def test_pruning_is_asked_for_and_limited(imports: Imports, tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.csv", tmp_path / "half.csv"
    rows = [f"{name}@accounts.example.com,jane@example.org" for name in "abcd"]
    whole.write_text("\n".join(["address,owners", *rows]))
    half.write_text("\n".join(["address,owners", *rows[:2]]))
    imports.run("import_addresses", addresses_file=str(whole))
    assert imports.run("import_addresses", addresses_file=str(half)).changed == 0
    with pytest.raises(PlaybookFailedError, match="prune"):
        imports.run("import_addresses", addresses_file=str(half), addresses_prune=True)
    assert {record.status for record in imports.records().values()} == {"vended"}
    imports.run("import_addresses", addresses_file=str(half), addresses_prune=True, addresses_prune_limit=50)
    assert [name for name, record in sorted(imports.records().items()) if record.status == "retired"] == ["c", "d"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param("a.csv", b"address,ownrs\n", "line 1: 'ownrs' is no column", id="column"),
        pytest.param("a.csv", b"address,owners\na@accounts.example.com\n", "line 2: has 1 cells", id="short row"),
        pytest.param("a.txt", b"", "is none of .csv, .yml, .yaml and .json", id="kind"),
        pytest.param("a.yml", b"address: a@accounts.example.com\n", "holds no list", id="no list"),
        pytest.param("a.yml", b"", "holds no list", id="empty"),
        pytest.param("b.csv", None, "not found", id="no file"),
    ],
)
def test_a_file_that_cannot_be_read(imports: Imports, tmp_path: Path, name: str, text: bytes | None, says: str) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text)
    with pytest.raises(PlaybookFailedError) as failed:
        imports.run("import_addresses", addresses_file=str(tmp_path / name))
    assert says in str(failed.value)
    assert imports.records() == {}


@pytest.fixture
def sample_table(local_aws: LocalAws) -> str:
    """Return the name of a table as the sample's stack makes it, less its index."""
    name = f"sample-{uuid4().hex[:8]}"
    dynamodb = local_aws.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "AccountEmail", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "AccountEmail", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    return name


def put_sample(aws: LocalAws, table: str, name: str, owner: str = "jane@example.org", **more: Any) -> None:
    """Write an item as the sample's function does for an account of that name."""
    prefix, _hyphen, enum = name.rpartition("-")
    item = {
        "AccountEmail": {"S": f"{name}@accounts.example.com"},
        "AccountName": {"S": prefix},
        "Enum": {"S": enum},
        "OwnerAddress": {"S": owner},
        "AccountType": {"S": "IT"},
        "Status": {"S": "NAME-ALLOCATED"},
        "LastUpdated": {"S": "2025-03-01T10:20:30.123456"},
        "Tags": {"M": {"Environment": {"S": "PRODUCTION"}, "AccountName": {"NULL": True}}},
        **more,
    }
    aws.client("dynamodb").put_item(TableName=table, Item=item)


def test_the_samples_table_comes_in_once(imports: Imports, sample_table: str) -> None:
    for name in ("bu-app-prod-002", "bu-app-prod-0010", "bu-app-dev-001", "my-custom-account"):
        put_sample(imports.aws, sample_table, name)
    before = imports.aws.client("dynamodb").scan(TableName=sample_table)["Items"]
    assert imports.run("import_sample_table", "--check", sample_table=sample_table).changed == 1
    assert imports.records() == {}
    assert imports.run("import_sample_table", sample_table=sample_table).changed == 1
    records = imports.records()
    named = {record.account_name: (record.series, record.number) for record in records.values()}
    assert named == {
        "bu-app-dev-001": ("bu-app-dev", 1),
        "bu-app-prod-002": ("bu-app-prod", 2),
        "bu-app-prod-0010": ("bu-app-prod", 10),
        "my-custom-account": (None, None),
    }
    one = records["bu-app-prod-002"]
    assert (one.owners, one.account_type, one.tags) == (("jane@example.org",), "IT", {"Environment": "PRODUCTION"})
    assert "brought in     4" in imports.said()

    # The series goes on after the highest number.
    vend = {"account_name_prefix": "bu-app-prod", "account_domain": "accounts.example.com", "account_request_id": "T-1"}
    imports.run("vend_address", **vend, account_owners=["joe@example.org"])
    assert "bu-app-prod-011" in imports.records()

    # An edit made here since is not undone, and told.
    imports.run("edit_address", account_email=one.address, account_owners=["joe@example.org"])
    records = imports.records()
    for options in (["--check"], []):
        assert imports.run("import_sample_table", *options, sample_table=sample_table).changed == 0
    assert imports.records() == records
    assert f"other owners   {one.address}: joe@example.org in the map" in imports.said()
    assert imports.aws.client("dynamodb").scan(TableName=sample_table)["Items"] == before


def test_records_of_the_sample_that_cannot_come_in_are_named(imports: Imports, sample_table: str) -> None:
    put_sample(imports.aws, sample_table, "good-001")
    put_sample(imports.aws, sample_table, "orphan-001", OwnerAddress={"NULL": True})
    put_sample(imports.aws, sample_table, "loop-001", owner="x@accounts.example.com")
    put_sample(imports.aws, sample_table, "same-001", AccountEmail={"S": "other@accounts.example.com"})
    put_sample(imports.aws, sample_table, "same-001")
    put_sample(imports.aws, sample_table, "elsewhere-001", AccountEmail={"S": "elsewhere-001@typo.example.com"})
    with pytest.raises(PlaybookFailedError) as failed:
        imports.run("import_sample_table", sample_table=sample_table)
    assert "5 of 6 records could not come in" in str(failed.value)
    for says in (
        "orphan-001@accounts.example.com: it has no OwnerAddress",
        "loop-001@accounts.example.com: owners[0]: ",
        "other@accounts.example.com: another record has its account name",
        "same-001@accounts.example.com: another record has its account name",
        "elsewhere-001@typo.example.com: domain: nobody forwards mail",
    ):
        assert says in str(failed.value)
    assert list(imports.records()) == ["good-001"]


@pytest.fixture(scope="module")
def organization(local_aws: LocalAws) -> dict[str, str]:
    """Return the ids of accounts by their names, of which one is closed and two have one name."""
    organizations = local_aws.client("organizations")
    accounts = {
        "open": "Open@Accounts.Example.com",
        "closed": "closed@accounts.example.com",
        "known": "known@accounts.example.com",
        "same": "same-1@accounts.example.com",
        "Same": "same-2@accounts.example.com",
        "foreign": "foreign@example.com",
    }
    for name, email in accounts.items():
        organizations.create_account(Email=email, AccountName=name)
        deadline = time.monotonic() + 60
        while organizations.list_create_account_status(States=["IN_PROGRESS"])["CreateAccountStatuses"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    pages = organizations.get_paginator("list_accounts").paginate()
    ids = {account["Name"]: account["Id"] for page in pages for account in page["Accounts"]}
    organizations.close_account(AccountId=ids["closed"])
    return {name: ids[name] for name in accounts}


def test_accounts_of_the_organization_come_in_once(imports: Imports, organization: dict[str, str]) -> None:
    imports.run(
        "vend_address",
        account_name="Named otherwise",
        account_local_part="known",
        account_domain="accounts.example.com",
        account_owners=["jane@example.org"],
    )
    known = imports.records()["known"]
    wanted: dict[str, Any] = {
        "import_domains": ["accounts.example.com"],
        "import_owners": ["team@example.org"],
        "import_owners_of": {organization["closed"]: ["joe@example.org"]},
    }
    for options in (["--check"], []):
        with pytest.raises(PlaybookFailedError) as failed:
            imports.run("import_organization_accounts", *options, **wanted)
        assert "2 accounts could not come in" in str(failed.value)
        for name, address in (("same", "same-1"), ("Same", "same-2")):
            assert f"{organization[name]} {address}@accounts.example.com: another account is named" in str(failed.value)
        if options:
            assert imports.records() == {"known": known}
    came_in = imports.records()
    # The organization is that of every test here, so it may have other accounts in the domain.
    records = {name: came_in[name] for name in ("known", "open", "closed", "same-1", "same-2") if name in came_in}
    assert records["known"] == known
    assert records["open"].owners == ("team@example.org",)
    assert records["closed"].owners == ("joe@example.org",)
    assert {name: (record.account_name, record.account_id, record.status) for name, record in records.items()} == {
        "known": ("Named otherwise", None, "vended"),
        "open": ("open", organization["open"], "active"),
        "closed": ("closed", organization["closed"], "active"),
    }
    with pytest.raises(PlaybookFailedError, match="2 accounts could not come in"):
        imports.run("import_organization_accounts", **wanted)
    assert imports.records() == came_in
    assert "brought in  0" in imports.said()


@pytest.mark.usefixtures("organization")
def test_a_domain_that_is_not_forwarded_is_refused(imports: Imports) -> None:
    with pytest.raises(PlaybookFailedError, match="import_domains: nobody forwards mail of typo"):
        imports.run(
            "import_organization_accounts", import_domains=["typo.example.com"], import_owners=["a@example.org"]
        )
    assert imports.records() == {}
    assert api.get_vended_domains(imports.table).keys() == {"accounts.example.com"}
