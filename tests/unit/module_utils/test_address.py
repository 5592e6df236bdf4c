# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an address is, as the modules and the forwarder both understand it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.account_factory.email.plugins.module_utils import _address as address

DOMAIN = "accounts.example.com"
ATEXT = "abcdefghijklmnopqrstuvwxyzABCXYZ0189!#$*/=?^_`{}~-"


@pytest.mark.parametrize(
    ("given_address", "expected"),
    [
        pytest.param("app-001@accounts.example.com", "app-001@accounts.example.com", id="as it is"),
        pytest.param("App-001@Accounts.Example.COM", "app-001@accounts.example.com", id="mixed case"),
        pytest.param("app-001@accounts.example.com.", "app-001@accounts.example.com", id="trailing dot"),
        pytest.param(" app-001@accounts.example.com ", "app-001@accounts.example.com", id="surrounding blanks"),
        pytest.param('"app-001"@accounts.example.com', "app-001@accounts.example.com", id="needlessly quoted"),
        pytest.param('"app\\-001"@accounts.example.com', "app-001@accounts.example.com", id="quoted pair"),
        pytest.param('"a@b"@accounts.example.com', "a@b@accounts.example.com", id="at sign inside quotes"),
        pytest.param("app+tag@accounts.example.com", "app+tag@accounts.example.com", id="tag kept"),
        pytest.param("app@XN--bcher-kva.example.com", "app@xn--bcher-kva.example.com", id="IDN domain"),
    ],
)
def test_normalise(given_address: str, expected: str) -> None:
    assert address.normalise(given_address) == expected


@pytest.mark.parametrize(
    "text", ["", "app", "@accounts.example.com", "app@", "app@localhost", "app@-x.example", "a@b..c"]
)
def test_normalise_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(address.AddressError, match="is not a"):
        address.normalise(text)


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        pytest.param("app@example.com", ("app@example.com",), id="no tag"),
        pytest.param("App+Tag@example.com", ("app+tag@example.com", "app@example.com"), id="tag: exact first"),
        pytest.param("a+b+c@example.com", ("a+b+c@example.com", "a@example.com"), id="two plus signs"),
        pytest.param("+tag@example.com", ("+tag@example.com",), id="nothing before the plus"),
    ],
)
def test_lookup_keys(recipient: str, expected: tuple[str, ...]) -> None:
    assert address.lookup_keys(recipient) == expected


@given(local=st.text(ATEXT, min_size=1, max_size=40))
def test_normalising_twice_is_normalising_once_and_case_never_counts(local: str) -> None:
    once = address.normalise(f"{local}@Example.COM")
    assert address.normalise(once) == once == address.normalise(f"{local.upper()}@example.com")


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        pytest.param("Jane.Doe@Example.COM", "Jane.Doe@example.com", id="local part keeps its case"),
        pytest.param("o'neil+aws@example.com", "o'neil+aws@example.com", id="atext"),
        pytest.param("jane@XN--bcher-kva.example", "jane@xn--bcher-kva.example", id="IDN domain"),
    ],
)
def test_normalise_owner(owner: str, expected: str) -> None:
    assert address.normalise_owner(owner) == expected


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param("jane", id="no at sign"),
        pytest.param("jane@", id="no domain"),
        pytest.param("jane@host", id="one label"),
        pytest.param("Jane Doe <jane@example.com>", id="display name"),
        pytest.param("jane@example.com, joe@example.com", id="two in one"),
        pytest.param("jané@example.com", id="SMTPUTF8"),
        pytest.param("jane@straße.example", id="a domain that IDNA2003 makes another's"),
        pytest.param("jane@büro.example", id="IDN domain not in ASCII"),
        pytest.param("jane@example.com..", id="two trailing dots"),
        pytest.param("jane..doe@example.com", id="two dots"),
        pytest.param(".jane@example.com", id="leading dot"),
        pytest.param("jane@example.com\nBcc: x@example.com", id="line break"),
        pytest.param("j" * 65 + "@example.com", id="local part over 64"),
        pytest.param("jane@" + ".".join(["x" * 60] * 5), id="over 254 in all"),
    ],
)
def test_normalise_owner_refuses(owner: str) -> None:
    with pytest.raises(address.AddressError):
        address.normalise_owner(owner)


@pytest.mark.parametrize(
    ("email", "says"),
    [
        pytest.param(f"a.@{DOMAIN}", "ends with a dot", id="trailing dot"),
        pytest.param(f"a..b@{DOMAIN}", "two in a row", id="two dots"),
        pytest.param(f"Postmaster@{DOMAIN}", "RFC 2142", id="postmaster"),
        pytest.param(f"abuse@{DOMAIN}", "RFC 2142", id="abuse"),
    ],
)
def test_an_accounts_email_has_rules_besides_those_of_aws(email: str, says: str) -> None:
    """What AWS refuses is in test_limits.py."""
    with pytest.raises(address.AddressError, match=says):
        address.check_account_email(email)


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        pytest.param("", "needs two labels", id="empty"),
        pytest.param("bücher.example.com", "in ASCII; give its form that begins with xn--", id="not ASCII"),
        pytest.param(f"{'x' * 64}.com", "has 64 characters, 1 more than the 63 that a label may have", id="long label"),
        pytest.param(".".join(["x" * 50] * 5), "has 254 characters, 1 more than the 253", id="long domain"),
        pytest.param("a-.example.com", "its label 'a-' begins or ends with a hyphen", id="hyphen inside"),
        pytest.param("a.example.com\n.", "it has '\\n'", id="line break"),
    ],
)
def test_normalise_domain_refuses(domain: str, says: str) -> None:
    with pytest.raises(address.AddressError, match=re.escape(says)):
        address.normalise_domain(domain)


@pytest.mark.parametrize(
    "domain",
    [f"{'x' * 63}.com", f"{'.'.join(['x' * 49] * 5)}.abc", "a--b.example.com", "1.2"],
    ids=["label of 63", "253 characters", "two hyphens", "digits"],
)
def test_normalise_domain_accepts(domain: str) -> None:
    assert address.normalise_domain(domain) == domain
