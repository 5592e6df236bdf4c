# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recipients a receipt rule is for."""

from __future__ import annotations

import pytest

from tests.local_aws.recipient_conditions import matches, on_verified_domain


@pytest.mark.parametrize(
    ("conditions", "recipient", "expected"),
    [
        pytest.param([], "any@elsewhere.example", True, id="no condition matches everyone"),
        pytest.param(["user@example.com"], "user@example.com", True, id="the address"),
        pytest.param(["user@example.com"], "USER@Example.COM", True, id="the address in another case"),
        pytest.param(["user@example.com"], "user+label@example.com", True, id="the address with a label"),
        pytest.param(["user+label@example.com"], "user@example.com", False, id="a condition with a label is exact"),
        pytest.param(["user@example.com"], "user2@example.com", False, id="another address"),
        pytest.param(["example.com"], "any@example.com", True, id="the domain"),
        pytest.param(["example.com"], "any@sub.example.com", False, id="a subdomain is not the domain"),
        pytest.param(["example.com"], "any@notexample.com", False, id="a domain that ends alike"),
        pytest.param([".example.com"], "any@sub.example.com", True, id="a leading dot is for subdomains"),
        pytest.param([".example.com"], "any@a.b.example.com", True, id="a leading dot is for all levels"),
        pytest.param([".example.com"], "any@example.com", False, id="a leading dot is not for the domain itself"),
        pytest.param(["a.example", "b.example"], "any@b.example", True, id="one of several"),
        pytest.param(["example.com"], '"a@b"@example.com', True, id="quoted local part with an at sign"),
    ],
)
def test_matching(conditions: list[str], recipient: str, expected: bool) -> None:
    assert matches(conditions, recipient) is expected


@pytest.mark.parametrize(
    ("identities", "recipient", "expected"),
    [
        pytest.param({"example.com"}, "x@example.com", True, id="the domain"),
        pytest.param({"example.com"}, "x@Sub.Example.com", True, id="below it"),
        pytest.param({"sub.example.com"}, "x@example.com", False, id="above it"),
        pytest.param({"example.com"}, "x@notexample.com", False, id="ends alike"),
        pytest.param({"x@example.com"}, "x@example.com", False, id="an address is not a domain"),
        pytest.param(set(), "x@example.com", False, id="nothing verified"),
    ],
)
def test_receiving_needs_a_verified_domain(identities: set[str], recipient: str, expected: bool) -> None:
    assert on_verified_domain(recipient, identities) is expected
