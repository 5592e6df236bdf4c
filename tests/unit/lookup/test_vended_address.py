# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup with its documented options, against moto; as a template calls it, on local AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import boto3
import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.doc_fragments import common, region
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.lookup import vended_address
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    AddressRecord,
    account_key,
    name_key,
    request_key,
)
from tests.aws_errors import refuse
from tests.map_table import create_table

APP = AddressRecord(
    address="app-001@accounts.example.com",
    account_name="App-001",
    domain="accounts.example.com",
    owners=("jane@example.org", "joe@example.org"),
    status="active",
    account_id="111122223333",
    request_id="T-1",
)
WEB = AddressRecord(
    address="web-001@accounts.example.com",
    account_name="web-001",
    domain="accounts.example.com",
    owners=("jane@example.org",),
    forwarding=False,
    request_id="T-2",
)
FRAGMENTS = {"amazon.aws.common.plugins": common, "amazon.aws.region.plugins": region}
Lookup = Callable[..., list[Any]]


NAME = "account_factory.email.vended_address"


@pytest.fixture(scope="module")
def _map() -> Iterator[None]:
    """Make a map with two addresses, which no test changes."""
    with mock_aws():
        dynamodb = boto3.resource("dynamodb", region_name="eu-west-1")
        create_table(dynamodb.meta.client)
        table = dynamodb.Table("map")
        for record in (APP, WEB):
            keys = [name_key(record.account_name), request_key(str(record.request_id))]
            keys += [account_key(record.account_id)] if record.account_id else []
            for item in [record.to_item(), *({"pk": key, "address": record.address} for key in keys)]:
                table.put_item(Item=item)
        yield


@pytest.fixture
def lookup(_map: None) -> Lookup:
    """Return the lookup of terms in the map; a template hands it variables and options like this."""

    def run(*terms: Any, variables: dict[str, Any] | None = None, **options: Any) -> list[Any]:
        plugin = vended_address.LookupModule()
        plugin._load_name = plugin.ansible_name = NAME
        result: list[Any] = plugin.run(list(terms), variables=variables or {}, **options)
        return result

    constants.config.initialize_plugin_configuration_definitions("lookup", NAME, documented_options())
    return run


def documented_options() -> dict[str, Any]:
    """Return the options of the lookup's documentation and its fragments, as Ansible puts them together."""
    documentation = yaml.safe_load(vended_address.DOCUMENTATION)
    fragments = [FRAGMENTS[name].ModuleDocFragment.PLUGINS for name in documentation["extends_documentation_fragment"]]
    shared = [yaml.safe_load(text)["options"] for text in fragments]
    return {name: option for options in [*shared, documentation["options"]] for name, option in options.items()}


@pytest.mark.parametrize(
    ("terms", "options", "values"),
    [
        pytest.param(["app-001"], {}, [APP.address], id="the address by the account's name"),
        pytest.param(["T-1"], {"by": "request_id"}, [APP.address], id="by request id"),
        pytest.param(["111122223333"], {"by": "account_id"}, [APP.address], id="by account id"),
        pytest.param([111122223333], {"by": "account_id"}, [APP.address], id="by account id, a number in YAML"),
        pytest.param(["APP-001+x@accounts.example.com"], {"by": "address"}, [APP.address], id="by address"),
        pytest.param(["app-001"], {"field": "account_id"}, ["111122223333"], id="another field"),
        pytest.param(["app-001"], {"field": "owners"}, [list(APP.owners)], id="a field that is a list"),
        pytest.param(["web-001"], {"field": "forwarding"}, [False], id="a field that is false"),
        pytest.param(["web-001"], {"field": "tags"}, [{}], id="a field that is empty"),
        pytest.param(["web-001", "app-001"], {}, [WEB.address, APP.address], id="several, in their order"),
        pytest.param([["web-001", "app-001"]], {}, [WEB.address, APP.address], id="a list"),
        pytest.param([], {}, [], id="none"),
    ],
)
def test_it_returns_a_value_for_each_term(
    lookup: Lookup, terms: list[Any], options: dict[str, Any], values: list[Any]
) -> None:
    assert lookup(*terms, table="map", **options) == values


@pytest.mark.parametrize(
    ("terms", "options", "says"),
    [
        pytest.param(["app"], {}, "account_name: no address of the map 'map' has 'app'. Check its spelling", id="term"),
        pytest.param(
            ["app-001", "x"],
            {},
            "account_name: no address of the map 'map' has 'x'. Check its spelling",
            id="one of two",
        ),
        pytest.param(
            ["web-001"], {"field": "account_id"}, f"account_id: {WEB.address} has none yet", id="field not known yet"
        ),
    ],
)
def test_what_is_missing_is_an_error_unless_it_may_be(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch, terms: list[Any], options: dict[str, Any], says: str
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("ansible.utils.display.Display.warning", lambda _self, text: warnings.append(text))
    with pytest.raises(AnsibleLookupError) as missing:
        lookup(*terms, table="map", **options)
    assert str(missing.value) == f"{says}, or set on_missing=skip where that is all right"
    values = [*(APP.address for _unused in terms[1:]), None]
    assert lookup(*terms, table="map", on_missing="skip", **options) == values
    assert warnings == []
    assert lookup(*terms, table="map", on_missing="warn", **options) == values
    assert warnings == [says]


@pytest.mark.parametrize(
    ("options", "variables", "environment"),
    [
        pytest.param({"table": "map"}, {"account_email_table": "no"}, "no", id="option before all"),
        pytest.param({}, {"account_email_table": "map"}, "no", id="variable before environment"),
        pytest.param({}, {}, "map", id="environment"),
        pytest.param({}, {"account_email_table": ""}, "map", id="environment beside an empty variable"),
    ],
)
def test_where_the_tables_name_comes_from(
    lookup: Lookup,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, str],
    variables: dict[str, str],
    environment: str,
) -> None:
    monkeypatch.setenv("ACCOUNT_EMAIL_TABLE", environment)
    assert lookup("app-001", variables=variables, **options) == [APP.address]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"table": None}, "table: is not given; name the table of the map, or export", id="no table"),
        pytest.param({"table": "mapp"}, "table: there is no DynamoDB table 'mapp' in eu-west-1", id="missing table"),
        pytest.param({"by": "account_id"}, "account_id: 'app-001' is not an AWS account id", id="bad term"),
    ],
)
@pytest.mark.parametrize("on_missing", ["error", "skip"])
def test_what_is_wrong_is_never_taken_for_missing(
    lookup: Lookup, options: dict[str, Any], says: str, on_missing: str
) -> None:
    with pytest.raises(AnsibleLookupError) as wrong:
        lookup("app-001", **{"table": "map", "on_missing": on_missing, **options})
    assert str(wrong.value).startswith(says)


def test_denied_is_never_taken_for_missing(lookup: Lookup, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "GetItem", "AccessDeniedException")
    with pytest.raises(AnsibleLookupError, match=r"^Failed to read the map: An error occurred .* Give the credentials"):
        lookup("app-001", table="map", on_missing="skip")


def test_every_field_of_a_record_can_be_returned() -> None:
    documented = yaml.safe_load(vended_address.DOCUMENTATION)["options"]["field"]["choices"]
    assert documented == [each.name for each in fields(AddressRecord)]
