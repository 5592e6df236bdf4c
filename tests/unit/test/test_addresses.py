# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible's tests call a plain address and a domain that addresses can be vended in; the role relies on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import StrictUndefined, UndefinedError

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.test.addresses import TestModule

TESTS = TestModule().tests()
PLUGINS = Path(__file__).parents[3] / "plugins" / "test"
DOMAIN_OF_241 = ".".join((*(letter * 60 for letter in "bcd"), "e" * 58))
DOMAIN_OF_62 = f"{'a' * 54}.example"
DOMAIN_OF_63 = f"{'a' * 55}.example"

DOMAINS = [
    pytest.param("example.com", True, id="two labels"),
    pytest.param("a.b", True, id="shortest"),
    pytest.param("Accounts.Example.COM", True, id="upper case"),
    pytest.param("x-1.xn--bcher-kva.example", True, id="internationalized, in ASCII"),
    pytest.param(DOMAIN_OF_62, True, id="62 characters"),
    pytest.param(DOMAIN_OF_63, False, id="63 characters"),
    pytest.param(f"{'a' * 64}.b", False, id="label of 64"),
    pytest.param("", False, id="empty"),
    pytest.param("example", False, id="one label"),
    pytest.param("example..com", False, id="two dots"),
    pytest.param(".example.com", False, id="dot first"),
    pytest.param("example.com.", False, id="dot last"),
    pytest.param("-a.example", False, id="hyphen first"),
    pytest.param("a-.example", False, id="hyphen last"),
    pytest.param("a_b.example", False, id="underscore"),
    pytest.param("a b.example", False, id="blank inside"),
    pytest.param(" example.com", False, id="blank before"),
    pytest.param("example.com ", False, id="blank after"),
    pytest.param("example.com\n", False, id="line end"),
    pytest.param("example.com\n.", False, id="line end and dot"),
    pytest.param("b\u00fccher.example", False, id="internationalized"),
    pytest.param("\u212aelvin.example", False, id="sign that is a k in lower case"),
    pytest.param("example\u3002com", False, id="ideographic full stop"),
    pytest.param(12, False, id="number"),
    pytest.param(None, False, id="null"),
]
ADDRESSES = [
    pytest.param("jane@example.com", True, id="plain"),
    pytest.param("j.a-n+e!#$%&'*/=?^_`{|}~@Example.COM", True, id="every sign, upper case"),
    pytest.param("jane@a.example.com", True, id="subdomain"),
    pytest.param(f"{'a' * 64}@example.com", True, id="64 before the @"),
    pytest.param(f"{'a' * 65}@example.com", False, id="65 before the @"),
    pytest.param(f"{'a' * 12}@{DOMAIN_OF_241}", True, id="254 characters"),
    pytest.param(f"{'a' * 13}@{DOMAIN_OF_241}", False, id="255 characters"),
    pytest.param(f"jane@{'a' * 64}.example", False, id="label of 64"),
    pytest.param("", False, id="empty"),
    pytest.param("jane", False, id="no @"),
    pytest.param("@example.com", False, id="no user"),
    pytest.param("jane@", False, id="no host"),
    pytest.param("jane@example", False, id="one label"),
    pytest.param("jane@@example.com", False, id="@ twice"),
    pytest.param("jane@jane@example.com", False, id="@ in the user"),
    pytest.param(".jane@example.com", False, id="dot first"),
    pytest.param("jane.@example.com", False, id="dot before the @"),
    pytest.param("ja..ne@example.com", False, id="two dots"),
    pytest.param("jane@example.com.", False, id="dot last"),
    pytest.param("ja ne@example.com", False, id="blank inside"),
    pytest.param(" jane@example.com", False, id="blank before"),
    pytest.param("jane@example.com ", False, id="blank after"),
    pytest.param("jane@example.com\n", False, id="line end"),
    pytest.param("jane@example.com\r\nBcc: b@example.org", False, id="line end and a header field"),
    pytest.param("a@example.org\nb@example.org", False, id="two lines"),
    pytest.param('"jane"@example.com', False, id="quoted"),
    pytest.param('"ja ne"@example.com', False, id="quoted with a blank"),
    pytest.param('"ja\\"ne"@example.com', False, id="quoted with a quote"),
    pytest.param("Jane <jane@example.com>", False, id="with a name"),
    pytest.param("jane(work)@example.com", False, id="with a comment"),
    pytest.param("jane@example.com,joe@example.com", False, id="two"),
    pytest.param("jane@[192.0.2.1]", False, id="address literal"),
    pytest.param("j\u00e4ne@example.com", False, id="user not ASCII"),
    pytest.param("jane@b\u00fccher.example", False, id="host not ASCII"),
    pytest.param("jane@\u212aelvin.example", False, id="host with a sign that is a k in lower case"),
    pytest.param(12, False, id="number"),
    pytest.param(None, False, id="null"),
]


@pytest.mark.parametrize(("value", "expected"), DOMAINS)
def test_vendable_domain(value: Any, expected: bool) -> None:
    assert TESTS["vendable_domain"](value) is expected
    if expected:
        local_part = "a" * max(1, address.ACCOUNT_EMAIL_MIN - 1 - len(value))
        assert address.check_account_email(f"{local_part}@{value}")


@pytest.mark.parametrize(("value", "expected"), ADDRESSES)
def test_plain_address(value: Any, expected: bool) -> None:
    assert TESTS["plain_address"](value) is expected


@pytest.mark.parametrize("name", TESTS)
def test_what_is_not_defined_is_an_error(name: str) -> None:
    with pytest.raises(UndefinedError):
        TESTS[name](StrictUndefined(name="missing"))


def test_each_is_documented() -> None:
    documented = {path.stem: yaml.safe_load(path.read_text()) for path in PLUGINS.glob("*.yml")}
    assert {name: page["DOCUMENTATION"]["name"] for name, page in documented.items()} == {name: name for name in TESTS}
