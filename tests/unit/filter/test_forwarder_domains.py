# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domains of a forwarder, however its variables give them; what cannot work is said before anything is done."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.filter.forwarder_domains import forwarder_domains
from ansible_collections.account_factory.email.plugins.plugin_utils._arguments import read_value

FIRST, SUB, OTHER = "accounts.example.com", "eu.accounts.example.com", "payments.example.net"
OPTION = {"type": "list", "elements": "raw"}
WHOLE = {"domain": OTHER, "admin_address": "a@example.org", "catch_all": False, "fallback_owners": ["b@example.org"]}


def read(many: Any, one: str | None = None, from_address: str | None = None) -> dict[str, Any]:
    """Return what the role does: the variable as a play reads it, then the filter."""
    given = read_value("mail_forwarder_domains", OPTION, many)
    return forwarder_domains(given or [], domain=one, from_address=from_address)


@pytest.mark.parametrize(
    ("many", "one", "domains"),
    [
        pytest.param(None, FIRST, [{"domain": FIRST}], id="one"),
        pytest.param("", "Accounts.Example.com.", [{"domain": FIRST}], id="one, in capitals, with a dot"),
        pytest.param([FIRST], None, [{"domain": FIRST}], id="a list of one"),
        pytest.param([FIRST.upper()], f"{FIRST}.", [{"domain": FIRST}], id="both, which agree"),
        pytest.param([FIRST, SUB], None, [{"domain": FIRST}, {"domain": SUB}], id="a list, with a subdomain"),
        pytest.param(f"{SUB}, {FIRST}", None, [{"domain": SUB}, {"domain": FIRST}], id="text with commas"),
        pytest.param(f"{SUB} {FIRST}", None, [{"domain": SUB}, {"domain": FIRST}], id="text with a space"),
        pytest.param(
            f" {SUB} ,{FIRST}\n{OTHER} ", None, [{"domain": SUB}, {"domain": FIRST}, {"domain": OTHER}], id="both"
        ),
        pytest.param(f'["{FIRST}"]', None, [{"domain": FIRST}], id="JSON"),
        pytest.param(f"- {FIRST}\n- domain: {SUB}", None, [{"domain": FIRST}, {"domain": SUB}], id="YAML"),
        pytest.param([WHOLE], None, [WHOLE], id="a dictionary"),
        pytest.param(
            f'[{{"domain": "{OTHER}", "admin_address": "a@example.org", "catch_all": false,'
            ' "fallback_owners": ["b@example.org"]}]',
            None,
            [WHOLE],
            id="a dictionary in JSON",
        ),
        pytest.param(
            [
                {
                    "domain": OTHER.upper(),
                    "admin_address": "a@Example.org.",
                    "catch_all": "no",
                    "fallback_owners": "b@example.org",
                }
            ],
            None,
            [WHOLE],
            id="a dictionary of texts, normalised",
        ),
        pytest.param(
            [{"domain": OTHER, "admin_address": "", "catch_all": None}], None, [{"domain": OTHER}], id="empty"
        ),
        pytest.param(
            [{"domain": OTHER, "fallback_owners": []}],
            None,
            [{"domain": OTHER, "fallback_owners": []}],
            id="no fallback",
        ),
        pytest.param(
            [SUB, {"domain": OTHER, "admin_address": f"jane@{FIRST}"}],
            None,
            [{"domain": SUB}, {"domain": OTHER, "admin_address": f"jane@{FIRST}"}],
            id="an admin in the parent of a domain",
        ),
        pytest.param(
            [f"d{number}.example.com" for number in range(100)],
            None,
            [{"domain": f"d{number}.example.com"} for number in range(100)],
            id="a hundred",
        ),
    ],
)
def test_what_is_read(many: Any, one: str | None, domains: list[dict[str, Any]]) -> None:
    names = [domain["domain"] for domain in domains]
    assert read(many, one) == {"domains": domains, "names": names, "problem": ""}


@pytest.mark.parametrize(
    ("many", "one", "says"),
    [
        pytest.param(None, None, "mail_forwarder_domain, mail_forwarder_domains: neither is given", id="nothing"),
        pytest.param([], "", "mail_forwarder_domain, mail_forwarder_domains: neither is given", id="an empty list"),
        pytest.param(
            [OTHER], FIRST, f"mail_forwarder_domain, mail_forwarder_domains: {FIRST} and {OTHER} disagree", id="both"
        ),
        pytest.param([FIRST, OTHER], FIRST, f"{FIRST} and {FIRST}, {OTHER} disagree; give one", id="both, one of two"),
        pytest.param([FIRST, f"{FIRST.upper()}."], None, f"mail_forwarder_domains: {FIRST} is there more", id="twice"),
        pytest.param(f"{FIRST} {FIRST}", None, f"mail_forwarder_domains: {FIRST} is there more", id="twice in a text"),
        pytest.param(
            [f"d{number}.example.com" for number in range(101)],
            None,
            "mail_forwarder_domains: 101 domains are too many; give 100 at most",
            id="a hundred and one",
        ),
        pytest.param(["example"], None, "mail_forwarder_domains[0]: 'example' is not a domain name", id="one label"),
        pytest.param(None, f"{FIRST}\n{FIRST}", "mail_forwarder_domain: ", id="two in the variable for one"),
        pytest.param(
            [FIRST, 7], None, "mail_forwarder_domains[1]: 7 is neither a domain nor a dictionary", id="a number"
        ),
        pytest.param([f"{'a' * 60}.example"], None, "has 68 characters; give 62 characters at most", id="too long"),
        pytest.param(
            [{"admin_address": "a@example.org"}], None, "mail_forwarder_domains[0]: domain: is not given", id="none"
        ),
        pytest.param(
            [{"domain": FIRST, "admin": "a@b.org"}], None, "[0]: admin: not known; a domain has", id="unknown"
        ),
        pytest.param(
            [{"domain": FIRST, "catch_all": "perhaps"}], None, "[0]: catch_all: 'perhaps' is neither", id="catch_all"
        ),
        pytest.param(
            [{"domain": FIRST, "admin_address": "jane"}, {"domain": "example"}],
            None,
            "mail_forwarder_domains[0].admin_address: 'jane' is not an email address",
            id="an admin that is no address",
        ),
        pytest.param(
            [{"domain": FIRST, "fallback_owners": "a@example.org, Jane <b@example.org>"}],
            None,
            "mail_forwarder_domains[0].fallback_owners[1]: 'Jane <b@example.org>' is not a",
            id="a fallback owner with a name",
        ),
        pytest.param(
            [{"domain": FIRST, "fallback_owners": [f"a{number}@example.org" for number in range(11)]}],
            None,
            "mail_forwarder_domains[0].fallback_owners: 11 mailboxes are too many; give 10 at most",
            id="eleven fallback owners",
        ),
        pytest.param(
            [FIRST, {"domain": OTHER, "admin_address": f"jane@{FIRST.upper()}"}],
            None,
            f"mail_forwarder_domains: admin_address of {OTHER}: jane@{FIRST} is in {FIRST}, so",
            id="an admin in another domain",
        ),
        pytest.param(
            [{"domain": FIRST, "fallback_owners": ["x@example.org", f"jane@{FIRST}"]}],
            None,
            f"mail_forwarder_domains: fallback_owners of {FIRST}: jane@{FIRST} is in {FIRST}, so",
            id="a fallback owner in the domain itself",
        ),
        pytest.param(
            [{"domain": FIRST, "admin_address": "AWS@sender.example"}],
            None,
            "AWS@sender.example is the address that the forwarder sends from",
            id="the sender as admin",
        ),
    ],
)
def test_what_is_refused(many: Any, one: str | None, says: str) -> None:
    found = read(many, one, from_address="aws@Sender.example")
    assert says in found["problem"]
    assert (found["domains"], found["names"]) == ([], [])


def test_all_that_is_wrong_with_entries_is_told_at_once() -> None:
    problem = read(["example", {"domain": FIRST, "catch_all": "perhaps"}])["problem"]
    assert "mail_forwarder_domains[0]: 'example'" in problem
    assert "mail_forwarder_domains[1]: catch_all" in problem
