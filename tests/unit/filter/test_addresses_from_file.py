# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of addresses, and what the filter makes of them or says of them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.addresses_from_file import (
    FilterModule,
    addresses_from_file,
)

A = "a@accounts.example.com"


def read(content: str | bytes, path: str = "addresses.yml", **options: str) -> dict[str, list[Any]]:
    data = content.encode() if isinstance(content, str) else content
    return addresses_from_file(base64.b64encode(data).decode(), path, **options)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param("request_id: '0017'", {"request_id": "0017"}, id="text"),
        pytest.param("request_id: 4711", {"request_id": "4711"}, id="number in its usual form"),
        pytest.param("account_id: 123456789012", {"account_id": "123456789012"}, id="account id"),
        pytest.param(
            "account_id: 012345678901", {"account_id": "012345678901"}, id="account id that YAML reads as text"
        ),
        pytest.param("tags: {cost: 1234, v: '1.10'}", {"tags": {"cost": "1234", "v": "1.10"}}, id="tags"),
        pytest.param("tags: stage=prod, team=blue", {"tags": {"stage": "prod", "team": "blue"}}, id="tags as text"),
        pytest.param("owners: [a@x.example, b@x.example]", {"owners": ["a@x.example", "b@x.example"]}, id="owners"),
        pytest.param(
            "owners: a@x.example; b@x.example", {"owners": ["a@x.example", "b@x.example"]}, id="owners as text"
        ),
        pytest.param("number: 7\n  restore: yes", {"number": 7, "restore": True}, id="number and boolean"),
        pytest.param("account_id:", {"account_id": None}, id="null is not given"),
        pytest.param("colour: 0042", {"colour": 34}, id="what is no option is the module's to refuse"),
    ],
)
def test_yaml(entry: str, expected: dict[str, Any]) -> None:
    found = read(f"- address: {A}\n  {entry}\n")
    assert found == {"entries": [{"address": A, **expected}], "places": ["entry 1"]}


def test_json() -> None:
    found = read('[{"request_id": 4711, "tags": {"n": "0042"}}, {}]', "a.JSON")
    assert found == {"entries": [{"request_id": "4711", "tags": {"n": "0042"}}, {}], "places": ["entry 1", "entry 2"]}


def test_csv() -> None:
    found = read(f"address;owners\n\n{A};jane@example.org\n", "x.csv", delimiter=";")
    assert found == {"entries": [{"address": A, "owners": ["jane@example.org"]}], "places": ["line 3"]}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"- address: {A}\n  account_name: B\u00fcro\n".encode("utf-8-sig"), id="mark of UTF-8"),
        pytest.param(f"- address: {A}\n  account_name: B\u00fcro\n".encode("utf-16"), id="UTF-16"),
    ],
)
def test_encodings(content: bytes) -> None:
    assert read(content)["entries"] == [{"address": A, "account_name": "B\u00fcro"}]


@pytest.mark.parametrize(
    ("content", "path", "says"),
    [
        pytest.param("", "a.txt", "a.txt: is none of .csv, .yml, .yaml and .json; its name says", id="kind"),
        pytest.param(
            f"address,account_name\n{A},B\u00fcro\n".encode("latin-1"),
            "a.csv",
            "a.csv: line 2 is not UTF-8: it holds the byte 0xfc, which is '\u00fc' in.*Save the file as UTF-8",
            id="latin-1",
        ),
        pytest.param(
            f"address;owners\n{A};x\n", "a.csv", "line 1: 'address;owners' .* give the_delimiter$", id="delimiter"
        ),
        pytest.param("address,number\n\nx,seven\n", "a.csv", "line 3: number: 'seven' is not a whole", id="cell"),
        pytest.param("- a: [", "a.yml", "a.yml: line [12], column [17]: is not YAML: ", id="no YAML"),
        pytest.param("a: b", "a.yml", "a.yml: holds no list; give a list", id="no list"),
        pytest.param("", "a.yml", "a.yml: holds no list", id="empty"),
        pytest.param("- 7\n- x", "a.yml", "entry 1: 7 is not a dict.*; entry 2: 'x' is not a dict", id="no entries"),
        pytest.param("- {a: 1, a: 2}", "a.yml", "line 1: the key 'a' is there twice", id="key twice"),
        pytest.param(
            "- request_id: 0017\n- tags: {v: 1.10}\n- account_type: yes",
            "a.yml",
            'entry 1: request_id: 0017 is read as 15, .* in quotes: "0017"; entry 2: tags: the value of .v.: 1.10 is'
            " read as 1.1, .*; entry 3: account_type: yes is read as true",
            id="what YAML reads as something else",
        ),
        pytest.param(
            "- account_id: 12345678901",
            "a.yml",
            'entry 1: account_id: .12345678901. .* it was "012345678901"',
            id="zero",
        ),
    ],
)
def test_what_cannot_be_read(content: str | bytes, path: str, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"(?s)^the_file: .*{says}"):
        read(content, path, option="the_file", delimiter_option="the_delimiter")


def test_it_is_found() -> None:
    assert FilterModule().filters() == {"addresses_from_file": addresses_from_file}
