# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: addresses_from_file
short_description: Turn a CSV, YAML or JSON file into the list that vended_addresses takes
version_added: 0.1.0
description:
  - Takes the content of a file and returns its entries for O(account_factory.email.vended_addresses#module:addresses),
    and for each where in the file it is.
  - The name of the file says how to read it. C(.csv) is read as P(account_factory.email.addresses_from_csv#filter)
    does. C(.yml), C(.yaml) and C(.json) hold a list of dictionaries.
  - What is text stays as it was written. What YAML reads as something else, such as C(0042), C(1.10) or C(yes), is
    an error that says how to write it.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The content in base64, as M(ansible.builtin.slurp) returns it. It is UTF-8, or UTF-16 with its mark.
    type: str
    required: true
  path:
    description: The name of the file.
    type: str
    required: true
  delimiter:
    description: The character between the cells of a CSV file.
    type: str
    default: ","
  option:
    description: What errors call the file.
    type: str
    default: path
  delimiter_option:
    description: What errors call the delimiter.
    type: str
    default: delimiter
seealso:
  - plugin: account_factory.email.vended_addresses
    plugin_type: module
"""

EXAMPLES = r"""
- name: Read the file
  ansible.builtin.slurp:
    src: addresses.yml
  register: file

- name: Bring its addresses into the map
  account_factory.email.vended_addresses:
    table: mail-forwarder-map
    addresses: "{{ (file.content | account_factory.email.addresses_from_file(path='addresses.yml')).entries }}"
"""

RETURN = r"""
_value:
  description:
    - C(entries) are the entries with the options that they give, and C(places) says of each where it is in the file.
  type: dict
  sample:
    entries:
      - address: payments-001@accounts.example.com
        owners: [jane@example.com]
    places: [line 2]
"""

import base64
import codecs
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.addresses_from_csv import rows_of_csv
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.options import ENTRY_SPEC
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE
from ansible_collections.account_factory.email.plugins.plugin_utils._arguments import is_given, read_value
from ansible_collections.account_factory.email.plugins.plugin_utils._as_written import document, plain

_ENDINGS = {".csv": "csv", ".yml": "yaml", ".yaml": "yaml", ".json": "yaml"}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def _kind(spec: Mapping[str, Any]) -> str | None:
    """Return how an option of an entry is read; None for what is not text or made of it, which the module checks."""
    if spec["type"] is ACCOUNT_ID_TYPE:
        return "account_id"
    if "options" in spec:
        return None
    return {"str": "str", "list": "list", "dict": "tags"}.get(spec["type"])


_TYPES = {name: {"type": kind} for name, spec in ENTRY_SPEC.items() if (kind := _kind(spec)) is not None}


def addresses_from_file(
    content: str,
    path: str,
    delimiter: str = ",",
    option: str = "path",
    delimiter_option: str = "delimiter",
) -> dict[str, list[Any]]:
    """Return the entries of a file and where in it each is."""
    try:
        kind = next((kind for ending, kind in _ENDINGS.items() if path.lower().endswith(ending)), None)
        if kind is None:
            raise InputError("is none of .csv, .yml, .yaml and .json; its name says how to read it")
        text = _text(base64.b64decode(content))
        if kind == "csv":
            rows = rows_of_csv(text, delimiter, delimiter_option)
            return {"entries": [entry for _line, entry in rows], "places": [f"line {line}" for line, _entry in rows]}
        return _from_yaml(text)
    except InputError as error:
        # ansible-core would say the cause once more.
        raise AnsibleFilterError(f"{option}: {path}: {error}") from None


def _text(content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        # What nearly all such files are, and what its character is then.
        was = content[error.start : error.start + 1].decode("cp1252", "replace")
        raise InputError(
            f"line {line} is not UTF-8: it holds the byte 0x{content[error.start]:02x}, which is {was!r} in"
            " windows-1252 and latin-1. Save the file as UTF-8 (in spreadsheets: CSV UTF-8)"
        ) from error


def _from_yaml(text: str) -> dict[str, list[Any]]:
    found = document(text)
    if not isinstance(found, list):
        raise InputError("holds no list; give a list, each entry a dictionary of options")
    entries = [_entry(number, entry) for number, entry in enumerate(found, 1)]
    wrong = [entry for entry in entries if isinstance(entry, InputError)]
    if wrong:
        raise InputError("; ".join(map(str, wrong)))
    return {"entries": entries, "places": [f"entry {number}" for number in range(1, len(entries) + 1)]}


def _entry(number: int, entry: Any) -> Any:
    try:
        return _options(entry)
    except InputError as error:
        return InputError(f"entry {number}: {error}")


def _options(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        raise InputError(f"{plain(entry)!r} is not a dictionary of options")
    read: dict[str, Any] = {}
    for key, value in entry.items():
        name = str(plain(key))
        read[name] = read_value(name, _TYPES[name], value) if name in _TYPES and is_given(value) else plain(value)
    return read


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"addresses_from_file": addresses_from_file}
