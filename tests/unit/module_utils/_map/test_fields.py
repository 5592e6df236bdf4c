# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A field of a record is said once: options, documentation, results, searches and columns of files are held to that."""

from __future__ import annotations

import yaml

from ansible_collections.account_factory.email.plugins.doc_fragments import _request
from ansible_collections.account_factory.email.plugins.filter.addresses_from_csv import COLUMNS
from ansible_collections.account_factory.email.plugins.lookup import vended_address as lookup
from ansible_collections.account_factory.email.plugins.module_utils._map.fields import (
    EDITED,
    FIELDS,
    REQUESTED,
    SEARCHED,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.options import ADDRESS_SPEC, ENTRY_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._record import RECORD_FIELDS
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_address_info

# What no option gives a record: its key, its number, which a series does, and who wrote it when.
THE_MAPS_OWN = {
    "address",
    "owners_since",
    "series",
    "number",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
}


def documented(*documentations: str) -> dict[str, dict[str, object]]:
    return {name: option for each in documentations for name, option in yaml.safe_load(each)["options"].items()}


def test_every_field_of_a_record_is_said_there_or_is_the_maps_own() -> None:
    assert {field.name for field in FIELDS} == set(RECORD_FIELDS) - THE_MAPS_OWN


def test_what_may_be_asked_for_and_edited_is_an_option_and_a_column() -> None:
    # What a module says itself counts more than what it shares with others.
    options = documented(_request.ModuleDocFragment.DOCUMENTATION, vended_address.DOCUMENTATION)
    for field in (*REQUESTED, *EDITED):
        assert options[field.name]["type"] == field.spec["type"], field.name
        assert ADDRESS_SPEC[field.name] is ENTRY_SPEC[field.name] is field.spec
        assert field.name in COLUMNS


def test_what_is_searched_is_an_option_of_the_info_module() -> None:
    options = documented(vended_address_info.DOCUMENTATION)
    wanted = {str(field.searched): "str" if field.is_searched_by_one else field.spec["type"] for field in SEARCHED}
    assert {name: options[name]["type"] for name in wanted} == wanted


def test_every_field_is_returned() -> None:
    returned = yaml.safe_load(vended_address.RETURN)["vended_address"]["contains"]
    assert list(returned) == list(RECORD_FIELDS)
    assert documented(lookup.DOCUMENTATION)["field"]["choices"] == list(RECORD_FIELDS)
    for field in FIELDS:
        assert returned[field.name]["type"] == field.spec["type"], field.name
