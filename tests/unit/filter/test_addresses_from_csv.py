# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV text as spreadsheets write it, and what the filter makes of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.filter.addresses_from_csv import (
    COLUMNS,
    FilterModule,
    _contacts,
    _tags,
    addresses_from_csv,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.options import ADDRESS_SPEC

A = "a@accounts.example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"address\n{A}\n", [{"address": A}], id="one column"),
        pytest.param(
            f"address,account_id\n{A},012345678901\n", [{"address": A, "account_id": "012345678901"}], id="zeros"
        ),
        pytest.param(f"address,request_id\n{A},4711", [{"address": A, "request_id": "4711"}], id="number that is text"),
        pytest.param(f"address,number\n{A},007", [{"address": A, "number": 7}], id="number"),
        pytest.param(
            f"address,owners\n{A},jane@example.org; joe@example.org ;\n",
            [{"address": A, "owners": ["jane@example.org", "joe@example.org"]}],
            id="owners",
        ),
        pytest.param(
            f"address,tags\n{A},k=v; cost center = 1=2 ;empty=\n",
            [{"address": A, "tags": {"k": "v", "cost center": "1=2", "empty": ""}}],
            id="tags",
        ),
        pytest.param(
            f"address,forwarding,restore\n{A},FALSE,yes\n",
            [{"address": A, "forwarding": False, "restore": True}],
            id="bool",
        ),
        pytest.param(f"address,owners,tags\n{A},,  \n", [{"address": A}], id="empty cells are not given"),
        pytest.param(f"\n\naddress,owners\n,\n\n{A},\n , \n", [{"address": A}], id="empty rows"),
        pytest.param(f"address,,\n{A},,\n{A},,,,\n", [{"address": A}] * 2, id="empty columns at the end"),
        pytest.param(f" address , account_type\n {A} , prod \n", [{"address": A, "account_type": "prod"}], id="blanks"),
        pytest.param(f"\ufeffaddress\r\n{A}\r\n", [{"address": A}], id="byte order mark and CRLF"),
        pytest.param(f'\ufeff"address"\r{A}\r', [{"address": A}], id="byte order mark, quotes, CR"),
        pytest.param(
            f'address,account_type,account_name\n{A},"a ""b"", c","x\ny"\n',
            [{"address": A, "account_type": 'a "b", c', "account_name": "x\ny"}],
            id="quoted cells",
        ),
        pytest.param(
            f"address,contacts\n{A},billing=a@x.org; security=s@x.org;billing = b@x.org;operations=\n",
            [
                {
                    "address": A,
                    "contacts": {"billing": ["a@x.org", "b@x.org"], "security": ["s@x.org"], "operations": []},
                }
            ],
            id="contacts",
        ),
        pytest.param("address,owners\n", [], id="header only"),
    ],
)
def test_text(text: str, expected: list[dict[str, Any]]) -> None:
    assert addresses_from_csv(text) == expected


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(delimiter: str) -> None:
    text = f'address{delimiter}owners\n{A}{delimiter}"jane@example.org;joe@example.org"\n'
    assert addresses_from_csv(text, delimiter) == [{"address": A, "owners": ["jane@example.org", "joe@example.org"]}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "line 1: there is no header row", id="empty"),
        pytest.param("\n,,\n", "line 1: there is no header row", id="empty rows only"),
        pytest.param(
            "address,ownrs\n", "line 1: 'ownrs' is no column that can be read; there are account_id, ", id="typo"
        ),
        pytest.param("\nAddress\n", "line 2: 'Address' is no column", id="case of a column"),
        pytest.param("address,,owners\n", "line 1: '' is no column", id="column without a name"),
        pytest.param("address;owners\n", "are not separated by commas in this file, give delimiter", id="delimiter"),
        pytest.param("address,owners,address\n", "line 1: the column 'address' is there twice", id="column twice"),
        pytest.param(
            f"address,owners\n{A},o@x.org\n{A}\n", "line 3: has 1 cells, and the header has 2", id="short row"
        ),
        pytest.param(f"address\n{A},o@x.org\n", "line 2: has 2 cells, and the header has 1 columns", id="long row"),
        pytest.param(f"address,number\n{A},1.0\n", "line 2: number: '1.0' is not a whole number", id="fraction"),
        pytest.param(f"address,number\n{A},²\n", "line 2: number: '²' is not a whole number", id="superscript"),
        pytest.param(f"address,forwarding\n{A},maybe\n", "line 2: forwarding: 'maybe' is neither", id="bool"),
        pytest.param(
            f"address,tags\n{A},k=v;x\n", "line 2: tags: 'x' is no tag; write key=value", id="tag without value"
        ),
        pytest.param(f"address,tags\n{A},=x\n", "line 2: tags: '=x' is no tag", id="tag without key"),
        pytest.param(f"address,tags\n{A},k=1;k=2\n", "line 2: tags: the key 'k' is there twice", id="tag twice"),
        pytest.param(
            f"address,contacts\n{A},a@x.org\n", "contacts: 'a@x.org' is no contact; write kind=mail", id="no kind"
        ),
        pytest.param(f"address,contacts\n{A},legal=a@x.org\n", "contacts: 'legal=a@x.org' is no", id="unknown kind"),
        pytest.param(
            f'address,tags\n"{A}",\n"{A},\n{A},\n', "line 3: unexpected end of data; is a quot", id="open quote"
        ),
        pytest.param(f'address\n"a"b\n{A}\n', "line 2: ", id="text after a quote"),
        pytest.param(f'address,account_type\n{A},"x\ny"\n{A}\n', "line 4: has 1 cells", id="line of the file, not row"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, says: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        addresses_from_csv(text)
    assert says in str(raised.value)
    assert str(raised.value).startswith("line ")


@pytest.mark.parametrize("text", [None, b"address\n", ["address"]], ids=["None", "bytes", "list"])
def test_only_text_is_taken(text: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes the text of a CSV file"):
        addresses_from_csv(text)


@pytest.mark.parametrize("delimiter", ["", ", ", '"', "\n", None])
def test_delimiters_that_cannot_be(delimiter: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^delimiter: "):
        addresses_from_csv("address\n", delimiter)


TEXTS = sorted(name for name, read in COLUMNS.items() if read is str)
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(
    lambda cell: cell == cell.strip()
)


@given(
    rows=st.lists(st.dictionaries(st.sampled_from(TEXTS), CELLS, min_size=1)),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_whatever_a_csv_writer_writes_is_read_as_it_was(
    rows: list[dict[str, str]], delimiter: str, line_end: str, mark: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, TEXTS, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    assert addresses_from_csv(mark + file.getvalue(), delimiter) == rows


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"addresses_from_csv": addresses_from_csv}


def test_the_columns_are_the_options_of_an_entry() -> None:
    spec = {**ADDRESS_SPEC, "series": {"type": "str"}, "number": {"type": "int"}}
    cells: dict[object, str] = {_tags: "k=v", _contacts: "billing=a@x.org"}
    made = {name: type(read(cells.get(read, "1"))).__name__ for name, read in COLUMNS.items()}
    # What is text is checked by a function of ours.
    types = {name: "str" if callable(option["type"]) else option["type"] for name, option in spec.items()}
    # An option with options of its own fits into no cell.
    del types["replace_owner"]
    assert made == types
