# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses are found by what people know of them: ad hoc, in the play that lists them, and inline in a play."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import (
    build_query,
    find,
    find_with_failing,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    OWNER_SEARCH,
    AddressRecord,
    Stamp,
)
from tests.integration.maps import new_map, read_items
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, run_playbook
from tests.map_work import edit_of, edit_record, vend

BIN = Path(sys.executable).parent
APP, APP_2, WEB = (f"{name}@accounts.example.com" for name in ("app-001", "app-002", "web-001"))
LOOKUPS = """
- hosts: localhost
  gather_facts: false
  vars:
    email: account_factory.email.vended_address
  tasks:
    - ansible.builtin.assert:
        that: item
        quiet: true
      loop:
        - "{{ lookup(email, 'APP-001') == 'app-001@accounts.example.com' }}"
        - "{{ lookup(email, 'T-3', by='request_id') == 'web-001@accounts.example.com' }}"
        - "{{ lookup(email, 'app-001+x@accounts.example.com', by='address', field='account_id') == '111122223333' }}"
        - "{{ lookup(email, '111122223333', by='account_id', field='owners') == ['jane@example.org'] }}"
        - "{{ query(email, ['web-001', 'app-001'], field='number') == [1, 1] }}"
        - "{{ lookup(email, 'app-003', on_missing='skip') | default('none', true) == 'none' }}"
        - "{{ lookup(email, 'app-002', field='account_id', on_missing='skip') is none }}"
    - ansible.builtin.debug:
        msg: "{{ lookup(email, term, **options) }}"
"""


SINCE, LATER = "2026-11-21T09:30:00Z", "2999-01-01T00:00:00Z"
# Somebody else's mail server chooses the words.
SAID = 'smtp; 550 5.1.1 "jane": {{ lookup("env", "HOME") }}'


def put_mark(table: api.Table, *marks: FailingMailbox) -> None:
    """Mark mailboxes as failing."""
    serialize = TypeSerializer().serialize
    for mark in marks:
        item = {name: serialize(value) for name, value in mark.to_item().items()}
        table.client.put_item(TableName=table.name, Item=item)


@pytest.fixture
def environment(local_aws: LocalAws, map_table: str) -> dict[str, str]:
    """Return what leads a program to a map of three addresses, the first of them an account's."""
    table = api.Table(local_aws.client("dynamodb"), map_table)

    def stamp() -> Stamp:
        return Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")

    for number, (prefix, owner) in enumerate((("app", "jane"), ("app", "joe"), ("web", "jane")), 1):
        request = SeriesRequest(f"T-{number}", prefix, "accounts.example.com", {"owners": (f"{owner}@example.org",)})
        vend(table, request, stamp, False)
    edit_record(table, edit_of(APP, account_id="111122223333", forwarding=False), stamp, False)
    return {**local_aws.environment, "ACCOUNT_EMAIL_TABLE": map_table}


def ansible(environment: dict[str, str], program: str, *arguments: str) -> tuple[bool, str]:
    """Run one of Ansible's programs; return whether it succeeded, and what it said."""
    settings = {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "true", "ANSIBLE_NOCOLOR": "true", **environment}
    ended = subprocess.run(
        [str(BIN / program), *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("options", "addresses"),
    [
        pytest.param({"owner": "Jane@example.org"}, [APP, WEB], id="owner"),
        pytest.param({"account_id": "111122223333"}, [APP], id="account id"),
        pytest.param({"account_id": "333322221111"}, [], id="nothing"),
        pytest.param({}, [APP, APP_2, WEB], id="all"),
    ],
)
def test_find_ad_hoc(environment: dict[str, str], options: dict[str, Any], addresses: list[str]) -> None:
    arguments = ["localhost", "-m", "account_factory.email.vended_address_info", "--check"]
    arguments += ["-a", json.dumps(options)] if options else []
    succeeded, said = ansible(environment, "ansible", *arguments)
    assert succeeded, said
    result = json.JSONDecoder().raw_decode(said.partition("=> ")[2])[0]
    assert [each["address"] for each in result["vended_addresses"]] == addresses
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("variables", "lines"),
    [
        pytest.param(
            {"account_owner": "jane@example.org", "account_status": "", "account_tags": {}},
            [
                "address                       status             account id    owners",
                "app-001@accounts.example.com  active, suspended  111122223333  jane@example.org",
                "web-001@accounts.example.com  vended             -             jane@example.org",
            ],
            id="several",
        ),
        pytest.param({"account_name": "APP-003"}, ["none: no address of the map is all that was asked for"], id="none"),
    ],
)
def test_the_play_prints_a_line_for_each_and_hands_them_on(
    environment: dict[str, str], tmp_path: Path, variables: dict[str, Any], lines: list[str]
) -> None:
    log = tmp_path / "ansible.log"
    stats = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    for options in ((), ("--check",)):
        assert run_playbook("list_addresses", variables, {**environment, **stats}, log, *options).changed == 0
        said = log.read_text()
        assert json.dumps(lines, indent=4).replace("\n", "\n    ") in said
        addresses = [line.split()[0] for line in lines if "@" in line]
        handed_on = json.loads(said.partition("RUN: ")[2].partition("\n\n")[0])
        assert [each["address"] for each in handed_on["account_factory_found"]] == addresses
        log.unlink()


def test_the_play_prints_below_an_address_whose_mailbox_takes_no_mail(
    local_aws: LocalAws, environment: dict[str, str], tmp_path: Path
) -> None:
    put_mark(
        api.Table(local_aws.client("dynamodb"), environment["ACCOUNT_EMAIL_TABLE"]),
        FailingMailbox("Jane@example.org", FailingReason.BOUNCED, SINCE, None, SAID),
        FailingMailbox("joe@example.org", FailingReason.TRANSIENT, SINCE, LATER),
    )
    lines = [
        "address                       status             account id    owners",
        "app-001@accounts.example.com  active, suspended  111122223333  jane@example.org",
        f"                              gets no mail: jane@example.org, bounced since {SINCE}: {SAID}",
        "app-002@accounts.example.com  vended             -             joe@example.org",
        f"                              gets no mail: joe@example.org, transient since {SINCE} until {LATER}",
    ]
    log = tmp_path / "ansible.log"
    run_playbook("list_addresses", {"account_factory_status": ""}, environment, log)
    assert json.dumps(lines, indent=4).replace("\n", "\n    ").removesuffix("\n    ]") in log.read_text()


def test_the_play_refuses_what_nothing_can_match(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(PlaybookFailedError, match="value of account_status must be one of"):
        run_playbook("list_addresses", {"account_status": "closed"}, environment, tmp_path / "ansible.log")


@pytest.mark.parametrize("flags", [(), ("--check",)], ids=["real", "check mode"])
def test_look_up_inline(environment: dict[str, str], tmp_path: Path, flags: tuple[str, ...]) -> None:
    play = tmp_path / "play.yml"
    play.write_text(LOOKUPS)
    wanted = json.dumps({"term": "app-001", "options": {"region": "eu-west-1"}})
    succeeded, said = ansible(environment, "ansible-playbook", str(play), "-e", wanted, *flags)
    assert succeeded, said
    assert f'"msg": "{APP}"' in said


@pytest.mark.parametrize(
    ("term", "options", "says"),
    [
        pytest.param("app-003", {}, r"has 'app-003'\. Check its spelling, or set on_missing=skip", id="not in the map"),
        # Ansible's own words, which differ by version.
        pytest.param("app-001", {"by": "name"}, r"Invalid value \\?['\"]name\\?['\"] for config", id="bad by"),
    ],
)
def test_a_lookup_that_fails_says_why(
    environment: dict[str, str], tmp_path: Path, term: str, options: dict[str, str], says: str
) -> None:
    play = tmp_path / "play.yml"
    play.write_text(LOOKUPS)
    succeeded, said = ansible(
        environment, "ansible-playbook", str(play), "-e", json.dumps({"term": term, "options": options})
    )
    assert not succeeded
    assert re.search(says, " ".join(said.split())), said


JANE, JOE = ("Jane.Doe@y.example",), ("joe@y.example",)
OWNERS = [
    JANE,
    ("jane.doe@y.example",),
    ("JANE.DOE@Y.EXAMPLE", *JOE),
    (*JOE, *JANE),
    # Never written by the collection, but found or not as ever.
    ("jane.doe@y.example.",),
    ("jane.doe@y.example,joe@y.example",),
    ("mary-jane.doe@y.example",),
    ("\u212aim@y.example",),
]
QUERIES = {
    "owner": {"owner": "jane.doe@y.example"},
    "owner in another case": {"owner": "JOE@Y.example"},
    "fallback owner": {"fallback_owner": "Team@y.example"},
    "owner with a dot at the end": {"owner": "Jane.Doe@y.example."},
    "owner with a letter that only lower case makes ASCII": {"owner": "kim@y.example"},
    "part of an owner": {"owner": "doe@y.example"},
    "status": {"status": "vended"},
    "type": {"account_type": "sandbox"},
    "type in another case": {"account_type": "Sandbox"},
    "all": {"owner": "jane.doe@y.example", "status": "active", "account_type": "sandbox", "tags": {"a": "b"}},
    "nothing": {},
}


def forms(record: AddressRecord) -> dict[str, dict[str, Any]]:
    """Return the item as releases of the collection and people with a console may have left it."""
    item = record.to_item()
    other = replace(record, owners=("other@y.example",)).to_item()
    without = {name: value for name, value in item.items() if name not in (OWNER_SEARCH, "status", "tags")}
    return {
        "whole": item,
        "early": {name: value for name, value in item.items() if name != OWNER_SEARCH},
        "with defaults": without,
        "owners edited by hand": {**item, OWNER_SEARCH: other[OWNER_SEARCH]},
        "owner added by hand": {**item, OWNER_SEARCH: {name: all_[:-1] for name, all_ in item[OWNER_SEARCH].items()}},
        "search edited by hand": {**item, OWNER_SEARCH: "x"},
        "null type": {**item, "account_type": None},
    }


@pytest.fixture(scope="module")
def every_form(local_aws: LocalAws) -> api.Table:
    """Return a map that has every form of records of every owners, status and type."""
    table = new_map(local_aws.client("dynamodb"))
    serialize = TypeSerializer().serialize
    for number, (owners, status, kind) in enumerate(product(OWNERS, ("vended", "active"), (None, "sandbox"))):
        fallback = ("team@y.example",) if kind else ()
        some = AddressRecord("", "", "x.example", owners, status, True, fallback, account_type=kind, tags={"a": "b"})
        for form in forms(some):
            record = replace(some, address=f"{form}-{number}@x.example", account_name=f"{form}-{number}")
            item = {name: serialize(value) for name, value in forms(record)[form].items()}
            table.client.put_item(TableName=table.name, Item=item)
    put_mark(table, FailingMailbox(JANE[0], FailingReason.BOUNCED, SINCE))
    return table


@pytest.mark.parametrize("options", QUERIES.values(), ids=QUERIES)
def test_the_table_keeps_back_only_what_does_not_match(every_form: api.Table, options: dict[str, Any]) -> None:
    items = [item for key, item in read_items(every_form).items() if key.startswith("ADDRESS#")]
    wanted = build_query(options)
    matching = {record.address: record for record in map(AddressRecord.from_item, items) if wanted.matches(record)}
    assert {record.address: record for record in find(every_form, wanted)} == matching
    assert len(matching) == len(items) if not options else len(matching) < len(items)
    # The marks of mailboxes come with the records and keep none back.
    found = find_with_failing(every_form, wanted, datetime(2026, 11, 21, 9, 31, tzinfo=timezone.utc))
    failing = {each["address"]: [one["mailbox"].lower() for one in each.pop("owners_failing")] for each in found}
    assert {each["address"]: each for each in found} == {name: one.to_dict() for name, one in matching.items()}
    assert failing == {
        name: [owner for owner in one.folded_owners() if owner == JANE[0].lower()] for name, one in matching.items()
    }


def test_only_what_may_match_is_sent(every_form: api.Table) -> None:
    sent = {record.address.partition("-")[0] for record in api.records(every_form, {"owners": "nobody@y.example"})}
    assert sent == set(forms(AddressRecord("", "", "", JANE))) - {"whole", "null type"}


def test_what_was_written_a_moment_ago_is_found(local_aws: LocalAws) -> None:
    table = new_map(local_aws.client("dynamodb"))
    stamp = Stamp("2026-11-21T09:30:00Z", "arn:aws:iam::123456789012:user/jane")
    for number in range(1, 11):
        record = vend(
            table, SeriesRequest(f"T-{number}", "app", "accounts.example.com", {"owners": JOE}), lambda: stamp, False
        ).after
        assert record in find(table, build_query({"owner": JOE[0]}))
        edited = edit_record(table, edit_of(record.address, owners=JANE), lambda: stamp, False).after
        assert find(table, build_query({"owner": JOE[0]})) == []
        assert edited in find(table, build_query({"owner": JANE[0]}))


def test_a_map_of_many_pages_is_read_once_and_not_ahead(local_aws: LocalAws) -> None:
    table = new_map(local_aws.client("dynamodb"))
    serialize = TypeSerializer().serialize
    for number in range(40):
        record = AddressRecord(f"{number}@x.example", "", "x.example", JOE, tags={"filler": "x" * 380_000})
        item = {name: serialize(value) for name, value in record.to_item().items()}
        table.client.put_item(TableName=table.name, Item=item)
    scans: list[str] = []
    table.client.meta.events.register(
        "before-call.dynamodb.Scan", lambda **_: scans.append("Scan"), unique_id="a map of many pages"
    )
    found = [record.address for record in api.records(table)]
    assert sorted(found) == sorted(f"{number}@x.example" for number in range(40))
    assert len(scans) > 3 * api.SCAN_SEGMENTS
    scans.clear()
    next(api.records(table))
    assert len(scans) <= api.SCAN_SEGMENTS + 1
