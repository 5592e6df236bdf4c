# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: owner_page
short_description: Write who gets the mail of which accounts as a page for a browser
version_added: 0.1.0
description:
  - Takes what M(account_factory.email.vended_address_owner_info) returns and returns a page of HTML, with the mailboxes
    that take no mail first, then a table of each owner's accounts.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The result of M(account_factory.email.vended_address_owner_info).
    type: dict
    required: true
positional: subtitle
extends_documentation_fragment:
  - account_factory.email._page
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    dest: owners.html
    content: "{{ reviewed | account_factory.email.owner_page('mail-forwarder-map') }}"
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map.ownership import (
    CONTACTS,
    FALLBACK_OWNER,
    OWNER,
)
from ansible_collections.account_factory.email.plugins.plugin_utils._pages.rendering import render

_STANDINGS = {
    OWNER: "Owner",
    FALLBACK_OWNER: "Fallback owner",
    **{standing: f"{kind.capitalize()} contact" for kind, standing in CONTACTS.items()},
}


def owner_page(result: Mapping[str, Any], subtitle: str = "") -> str:
    """Return the page that shows who gets the mail of which accounts."""
    counts = result["counts"]
    owners = list(_owners(result["ownerships"]))
    values = {
        "subtitle": subtitle,
        "tally": [
            ("Owners", counts["owners"]),
            ("Addresses", counts["addresses"]),
            ("Take no mail", counts["failing_owners"]),
        ],
        "failing": [one["ownerships"][0] for one in owners if one["failing"]],
        "owners": owners,
    }
    return render("owners.html.j2", values)


def _owners(ownerships: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each owner, whatever their address' case, with what they have."""
    for _owner, group in groupby(ownerships, key=lambda one: one["owner"].lower()):
        found = [_told(one) for one in group]
        several = "addresses" if len(found) > 1 else "address"
        yield {
            "owner": found[0]["owner"],
            "failing": found[0]["failing_reason"] is not None,
            "caption": f"{len(found)} {several}",
            "ownerships": found,
        }


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "standing": f"Through {one['group']}" if one.get("group") else _STANDINGS.get(one["standing"], one["standing"]),
        "forwarding": "yes" if one["forwarding"] else "suspended",
        "since": _moment(one["since"]) or "not known",
        "last_mail_at": _moment(one["last_mail_at"]) or "none on record",
        "failing_since": _moment(one["failing_since"]),
    }


def _moment(text: str | None) -> str:
    """Return a moment as people read it, to the minute: 2026-11-21 09:30."""
    return (text or "")[:16].replace("T", " ")


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"owner_page": owner_page}
