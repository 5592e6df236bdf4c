# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto, one transaction at a time; concurrency is tested on local AWS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_addresses
from tests.aws_errors import refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule

DOMAIN = "accounts.example.com"
OWNERS = ["jane@example.org"]
ONE: dict[str, Any] = {"address": f"one@{DOMAIN}", "owners": OWNERS}
SERIES: dict[str, Any] = {"name_prefix": "app", "domain": DOMAIN, "request_id": "T-1", "owners": OWNERS}
EXACT: dict[str, Any] = {"account_name": "Log-Archive", "domain": DOMAIN, "owners": OWNERS}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        assert api.put_domain(api.Table(client, "map"), DOMAIN, f"aws-accounts@{DOMAIN}")
        yield client


def records(dynamodb: Any) -> dict[str, Any]:
    return {record.address: record for record in api.records(api.Table(dynamodb, "map"))}


TIMES = ("created_at", "updated_at", "owners_since")


def timeless(value: Any) -> Any:
    """Return the value without the moments at which it was made."""
    if isinstance(value, dict):
        return {name: timeless(each) for name, each in value.items() if name not in TIMES}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def run(run_module: RunModule, *entries: dict[str, Any], check_mode: bool = False, **options: Any) -> dict[str, Any]:
    result = run_module(vended_addresses.main, check_mode=check_mode, table="map", addresses=list(entries), **options)
    result.pop("invocation", None)
    return result


def test_plan_do_and_again(run_module: RunModule, dynamodb: Any) -> None:
    entries = (ONE, SERIES, {**SERIES, "request_id": "T-2"}, EXACT)
    planned = run(run_module, *entries, check_mode=True)
    assert records(dynamodb) == {}
    done = run(run_module, *entries)
    assert timeless(planned) == timeless(done)
    assert done["vended"] == [f"{name}@{DOMAIN}" for name in ("one", "app-001", "app-002", "log-archive")]
    assert [record["address"] for record in done["vended_addresses"]] == done["vended"]
    assert sorted(records(dynamodb)) == sorted(done["vended"])
    for check_mode in (True, False):
        again = run(run_module, *entries, check_mode=check_mode)
        assert not again["changed"]
        assert again["vended_addresses"] == done["vended_addresses"]
        assert again["diff"] == {"before": {}, "after": {}}


@pytest.mark.usefixtures("dynamodb")
def test_what_is_done_is_what_single_tasks_do(run_module: RunModule) -> None:
    singles = [run_module(vended_address.main, table="map", **entry)["vended_address"] for entry in (SERIES, EXACT)]
    assert not run(run_module, SERIES, EXACT)["changed"]
    again = run(run_module, {"address": singles[0]["address"], "account_id": "123456789012"})
    edited = run_module(vended_address.main, table="map", address=singles[0]["address"], account_id="123456789012")
    assert not edited["changed"]
    assert again["vended_addresses"] == [edited["vended_address"]]
    assert again["edited"] == [singles[0]["address"]]


@pytest.mark.usefixtures("dynamodb")
def test_edit_retire_and_restore(run_module: RunModule) -> None:
    run(run_module, ONE, EXACT)
    edit: dict[str, Any] = {"address": ONE["address"].upper(), "owners": ["joe@example.org"], "tags": {"a": "b"}}
    retire: dict[str, Any] = {"address": f"log-archive@{DOMAIN}", "state": "absent"}
    planned = run(run_module, edit, retire, check_mode=True)
    done = run(run_module, edit, retire)
    assert timeless(planned) == timeless(done)
    assert (done["vended"], done["edited"], done["retired"]) == ([], [ONE["address"]], [retire["address"]])
    assert done["diff"]["before"][ONE["address"]]["owners"] == OWNERS
    assert done["diff"]["after"][ONE["address"]]["owners"] == ["joe@example.org"]
    assert not run(run_module, edit, retire)["changed"]
    assert run(run_module, {"address": retire["address"], "restore": True})["edited"] == [retire["address"]]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        pytest.param({**ONE, "address": f"x@{DOMAIN}", "owners": ["jane"]}, "owners[0]: 'jane' is not an", id="owner"),
        pytest.param({"address": "x"}, "address: 'x' is not an email address", id="address"),
        pytest.param({"address": f"x@{DOMAIN}"}, f"owners: x@{DOMAIN} is not in the map yet", id="new without owners"),
        pytest.param({"address": f"x@{DOMAIN}", "state": "absent"}, "so it cannot be retired", id="retire a stranger"),
        pytest.param({**ONE, "address": "x@example.net"}, "nobody forwards mail of 'example.net'", id="domain"),
        pytest.param(ONE, "is asked for by addresses[0] already", id="address twice"),
        pytest.param(
            {**ONE, "address": f"x@{DOMAIN}", "account_name": "ONE"}, "is the name of one@", id="another's name"
        ),
        pytest.param({**ONE, "color": "red"}, "color. Supported parameters include", id="unknown option"),
        pytest.param({**SERIES, "request_id": None}, "required by 'name_prefix': request_id", id="no request id"),
        pytest.param({"owners": OWNERS}, "one of the following is required: address, name_prefix", id="no name"),
        pytest.param({**SERIES, "name_prefix": "x" * 60}, "Use at most 39 letters", id="prefix too long"),
        pytest.param({**ONE, "address": f"x@{DOMAIN}", "series": "x"}, "series and number go together", id="series"),
        pytest.param(
            {**ONE, "address": f"aws-accounts@{DOMAIN}", "account_name": "x"}, "forwarder's own", id="forwarder's own"
        ),
        pytest.param({**ONE, "address": f"one+x@{DOMAIN}"}, "leave out the '+'", id="another's tag"),
    ],
)
def test_a_bad_entry_is_named_and_the_others_are_done(
    run_module: RunModule, dynamodb: Any, bad: dict[str, Any], says: str
) -> None:
    # For the tag: what it is a tag of is there before.
    run(run_module, ONE)
    planned = run(run_module, {**ONE, "account_type": "x"}, bad, SERIES, check_mode=True)
    done = run(run_module, {**ONE, "account_type": "x"}, bad, SERIES)
    assert timeless(planned) == timeless(done)
    assert done["failed"]
    assert done["changed"]
    assert [failure["index"] for failure in done["failures"]] == [1]
    assert says in done["failures"][0]["msg"]
    assert done["msg"].startswith("1 of 3 entries could not be done: addresses[1]: ")
    assert done["vended_addresses"][1] == {}
    assert sorted(records(dynamodb)) == [f"app-001@{DOMAIN}", ONE["address"]]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"account_name": "ONE"}, id="name"),
        pytest.param({"account_id": "123456789012"}, id="account id"),
    ],
)
def test_of_two_new_entries_that_want_the_same_the_first_gets_it(
    run_module: RunModule, dynamodb: Any, second: dict[str, Any]
) -> None:
    entries = ({**ONE, "account_id": "123456789012"}, {**ONE, "address": f"x@{DOMAIN}", **second})
    for check_mode in (True, False):
        result = run(run_module, *entries, check_mode=check_mode)
        assert [failure["index"] for failure in result["failures"]] == [1]
        assert "is what addresses[0] asks for" in result["msg"]
    assert sorted(records(dynamodb)) == [ONE["address"]]


@pytest.mark.parametrize(
    ("limit", "retired"),
    [
        pytest.param(None, None, id="by default a tenth"),
        pytest.param(49, None, id="short"),
        pytest.param(50, 1, id="ok"),
    ],
)
def test_prune_retires_what_the_list_leaves_out_up_to_its_limit(
    run_module: RunModule, dynamodb: Any, limit: int | None, retired: int | None
) -> None:
    run(run_module, ONE, EXACT, {**ONE, "address": f"gone@{DOMAIN}"}, {"address": f"gone@{DOMAIN}", "owners": OWNERS})
    run_module(vended_address.main, table="map", address=f"gone@{DOMAIN}", state="absent")
    options = {"prune": True} if limit is None else {"prune": True, "prune_limit": limit}
    before = records(dynamodb)
    planned = run(run_module, ONE, check_mode=True, **options)
    done = run(run_module, ONE, **options)
    assert timeless(planned) == timeless(done)
    if retired is None:
        assert "prune: 1 of 2 addresses would be retired (50.0 %)" in done["msg"]
        assert records(dynamodb) == before
    else:
        assert done["retired"] == [f"log-archive@{DOMAIN}"]
        assert records(dynamodb)[f"log-archive@{DOMAIN}"].owners == tuple(OWNERS)
        assert not run(run_module, ONE, **options)["changed"]


def test_prune_does_nothing_where_an_entry_fails(run_module: RunModule, dynamodb: Any) -> None:
    run(run_module, ONE, EXACT)
    before = records(dynamodb)
    done = run(run_module, {**ONE, "owners": ["x"]}, prune=True, prune_limit=100)
    assert done["msg"].startswith("prune: nothing was changed, as not every entry can be done. addresses[0]: owners[0]")
    assert records(dynamodb) == before


def test_a_series_goes_on_after_the_numbers_that_come_in(run_module: RunModule, dynamodb: Any) -> None:
    imported = {**ONE, "address": f"app-041@{DOMAIN}", "series": "App", "number": 41}
    entries = (SERIES, imported, {**ONE, "address": f"app-043@{DOMAIN}"}, {**SERIES, "request_id": "T-2"})
    planned = run(run_module, *entries, check_mode=True)
    done = run(run_module, *entries)
    assert timeless(planned) == timeless(done)
    # 43 is given out by another route: its request gets the number after those that were drawn.
    assert [record["number"] for record in done["vended_addresses"]] == [42, 41, None, 44]
    assert (
        run_module(vended_address.main, table="map", **{**SERIES, "request_id": "T-3"})["vended_address"]["number"]
        == 45
    )
    assert records(dynamodb)[f"app-041@{DOMAIN}"].series == "App"


@pytest.mark.parametrize("lost", ["an edit", "a name", "its own answer"])
def test_what_comes_in_the_way_after_planning(
    run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    run(run_module, ONE)
    real = api.write
    rivals: dict[str, dict[str, Any]] = {"an edit": {"account_type": "x"}, "a name": {}, "its own answer": {}}

    def slow(table: api.Table, changes: list[Change]) -> list[str | None]:
        monkeypatch.setattr(api, "write", real)
        if lost == "an edit":
            run_module(vended_address.main, table="map", address=ONE["address"], **rivals[lost])
        elif lost == "a name":
            run_module(vended_address.main, table="map", **{**EXACT, "owners": ["eve@example.org"]})
        else:
            assert not any(real(table, changes))
        return real(table, changes)

    monkeypatch.setattr(api, "write", slow)
    done = run(run_module, {**ONE, "owners": ["joe@example.org"]}, EXACT, SERIES)
    assert done["changed"]
    held = records(dynamodb)
    assert held[ONE["address"]].owners == ("joe@example.org",)
    assert held[ONE["address"]].account_type == rivals[lost].get("account_type")
    assert f"app-001@{DOMAIN}" in done["vended"]
    if lost == "a name":
        assert [failure["index"] for failure in done["failures"]] == [1]
        assert held[f"log-archive@{DOMAIN}"].owners == ("eve@example.org",)
    else:
        assert done["failures"] == []
        assert f"log-archive@{DOMAIN}" in done["vended"]


def test_what_was_written_is_told_where_the_map_cannot_be_read_after_it(
    run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = api.write

    def slow(table: api.Table, changes: list[Change]) -> list[str | None]:
        monkeypatch.setattr(api, "write", real)
        run_module(vended_address.main, table="map", **{**EXACT, "owners": ["eve@example.org"]})
        refuse(monkeypatch, "BatchGetItem", "AccessDeniedException")
        return real(table, changes)

    monkeypatch.setattr(api, "write", slow)
    done = run(run_module, ONE, EXACT)
    assert done["vended"] == [ONE["address"]]
    assert [failure["index"] for failure in done["failures"]] == [1]
    assert "Failed to read the map" in done["failures"][0]["msg"]
    assert records(dynamodb)[ONE["address"]].owners == tuple(ONE["owners"])


def test_an_edit_that_another_makes_after_planning_is_not_undone(
    run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(run_module, ONE)
    real = api.write

    def slow(table: api.Table, changes: list[Change]) -> list[str | None]:
        monkeypatch.setattr(api, "write", real)
        run_module(vended_address.main, table="map", address=ONE["address"], owners=["eve@example.org"])
        return real(table, changes)

    monkeypatch.setattr(api, "write", slow)
    done = run(run_module, {**ONE, "owners": ["joe@example.org"]}, EXACT)
    assert [failure["index"] for failure in done["failures"]] == [0]
    assert "while this task ran, in the same fields" in done["failures"][0]["msg"]
    assert records(dynamodb)[ONE["address"]].owners == ("eve@example.org",)
    assert done["vended"] == [f"log-archive@{DOMAIN}"]


def meet_while_reading(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, rival: dict[str, Any]
) -> list[Iterable[str]]:
    """Let another job do its work when the first entry's own item is read, and what is in its way is not yet.

    BatchGetItem is no transaction. Return what is read, as it is read.
    """
    real = api.get_items
    reads: list[Iterable[str]] = []

    def uneven(table: api.Table, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        reads.append(keys)
        if len(reads) > 1:
            return real(table, keys)
        domains, own, *others = keys
        found = real(table, [domains, own])
        run_module(vended_address.main, table="map", **rival)
        return {**found, **real(table, others)}

    monkeypatch.setattr(api, "get_items", uneven)
    return reads


@pytest.mark.parametrize(
    ("entry", "rival"),
    [
        pytest.param(
            {"address": ONE["address"], "account_id": "123456789012"},
            {"address": ONE["address"], "account_id": "123456789012"},
            id="the same account",
        ),
        pytest.param(EXACT, EXACT, id="the same request"),
        pytest.param({**ONE, "address": f"log-archive@{DOMAIN}"}, EXACT, id="the same address"),
    ],
)
@pytest.mark.usefixtures("dynamodb")
def test_what_another_does_while_the_map_is_read_is_not_in_the_way(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any], rival: dict[str, Any]
) -> None:
    run(run_module, ONE)
    reads = meet_while_reading(run_module, monkeypatch, rival)
    done = run(run_module, entry)
    assert len(reads) > 1
    assert (done["changed"], done["failures"]) == (False, [])


def test_an_edit_that_another_makes_while_the_map_is_read_is_not_undone(
    run_module: RunModule, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(run_module, ONE)
    account = {"address": ONE["address"], "account_id": "123456789012"}
    meet_while_reading(run_module, monkeypatch, {**account, "account_type": "sandbox"})
    # The account is found to be another's, then to be this one's since the map was read first, and the type with it.
    done = run(run_module, {**account, "account_type": "production"}, EXACT)
    assert [failure["index"] for failure in done["failures"]] == [0]
    assert "while this task ran, in the same fields" in done["failures"][0]["msg"]
    assert records(dynamodb)[ONE["address"]].account_type == "sandbox"
    assert done["vended"] == [f"log-archive@{DOMAIN}"]


@pytest.mark.usefixtures("dynamodb")
def test_a_request_that_another_makes_while_the_map_is_read_is_its_own(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(run_module, ONE)
    meet_while_reading(run_module, monkeypatch, SERIES)
    # The address is taken. Looking again for what may have made it finds the request, whose address was not read yet.
    done = run(run_module, {**EXACT, "local_part": "one", "request_id": SERIES["request_id"]})
    assert [each["msg"].partition(":")[0] for each in done["failures"]] == ["request_id"]
    assert "was used for another request, which got app-001@" in done["failures"][0]["msg"]


@pytest.mark.usefixtures("dynamodb")
def test_what_is_read_at_once_need_not_be_of_one_moment(run_module: RunModule, monkeypatch: pytest.MonkeyPatch) -> None:
    real = api.get_items

    def uneven(table: api.Table, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Read the addresses, then the rest: another job vends in between. BatchGetItem is no transaction."""
        monkeypatch.setattr(api, "get_items", real)
        addresses = [key for key in keys if key.startswith("ADDRESS#")]
        found = real(table, addresses)
        run_module(vended_address.main, table="map", **SERIES)
        return {**found, **real(table, [key for key in keys if key not in addresses])}

    monkeypatch.setattr(api, "get_items", uneven)
    done = run(run_module, SERIES, {"address": f"app-001@{DOMAIN}", "account_type": "sandbox"})
    assert done["failures"] == []
    assert [record["address"] for record in done["vended_addresses"]] == [f"app-001@{DOMAIN}"] * 2
    assert done["edited"] == [f"app-001@{DOMAIN}"]


@pytest.mark.usefixtures("dynamodb")
def test_progress_is_written_to_the_file(run_module: RunModule, tmp_path: Path) -> None:
    entries = [{**ONE, "address": f"a{number}@{DOMAIN}"} for number in range(120)]
    run(run_module, *entries, progress_file=str(tmp_path / "progress"))
    lines = [line.split() for line in (tmp_path / "progress").read_text().splitlines()]
    # 100 actions fit into a transaction, and an address is two.
    assert lines == [["50", "120"], ["100", "120"], ["120", "120"]]


@pytest.mark.parametrize("limit", [-1, 101])
@pytest.mark.usefixtures("dynamodb")
def test_a_limit_is_a_percentage(run_module: RunModule, limit: int) -> None:
    assert "prune_limit: " in run(run_module, ONE, prune_limit=limit)["msg"]
