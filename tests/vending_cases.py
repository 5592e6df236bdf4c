# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of the map, and what must come of it, whether by the module, by a function, or by its URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DOMAIN = "accounts.example.com"
JANE = ["jane@example.org"]
SERIES: dict[str, Any] = {"name_prefix": "app", "domain": DOMAIN, "request_id": "T-1", "owners": ["jane@example.org"]}
NAMED: dict[str, Any] = {
    "account_name": "billing",
    "domain": DOMAIN,
    "request_id": "T-2",
    "owners": ["jane@example.org"],
}
FIRST = f"app-001@{DOMAIN}"
EDIT: dict[str, Any] = {"address": FIRST, "add_owners": ["joe@example.org"]}
RETIRE: dict[str, Any] = {"address": FIRST, "state": "absent"}
WORLD = {**NAMED, "request_id": "Größe 漢字", "tags": {"team": "Zoë"}}


@dataclass(frozen=True)
class Case:
    """A request, after others that are all done. ``code`` and ``field`` are of the refusal, ``holds`` of the record.

    ``strict``: the functions refuse what Ansible makes something of. ``worded``: the refusal has the same words.
    """

    id: str
    request: Any
    before: tuple[dict[str, Any], ...] = ()
    changed: bool = True
    holds: tuple[tuple[str, Any], ...] = ()
    code: str | None = None
    field: str | None = None
    strict: bool = False
    worded: bool = True


def done(id: str, request: dict[str, Any], *before: dict[str, Any], changed: bool = True, **holds: Any) -> Case:
    return Case(id, request, before, changed, tuple(holds.items()))


def refused(id: str, code: str, field: str | None, request: Any, *before: dict[str, Any], **how: Any) -> Case:
    return Case(id, request, before, code=code, field=field, **how)


CASES = (
    done("next of a series", SERIES, address=FIRST, status="vended", number=1, owners=["jane@example.org"]),
    done("the one after it", {**SERIES, "request_id": "T-9"}, SERIES, number=2),
    done("by name", NAMED, address=f"billing@{DOMAIN}", account_name="billing"),
    done("same request again", SERIES, SERIES, changed=False, address=FIRST, version=1),
    done("same request after an edit", SERIES, SERIES, EDIT, changed=False, version=2),
    done("in check mode", {**SERIES, "check": True}, address=FIRST, number=1),
    done("edit in check mode", {**EDIT, "check": True}, SERIES, owners=["jane@example.org", "joe@example.org"]),
    done("edit", EDIT, SERIES, owners=["jane@example.org", "joe@example.org"], version=2),
    done("same edit again", EDIT, SERIES, EDIT, changed=False, version=2),
    done("account id", {"address": FIRST, "account_id": "012345678901"}, SERIES, status="active"),
    done("account id as a number", {"address": FIRST, "account_id": 123456789012}, SERIES, account_id="123456789012"),
    done("retire", RETIRE, SERIES, status="retired"),
    done("retire again", RETIRE, SERIES, RETIRE, changed=False, status="retired"),
    done("restore", {"address": FIRST, "restore": True}, SERIES, RETIRE, status="vended"),
    done("letters of the world", WORLD, request_id="Größe 漢字", tags={"team": "Zoë"}),
    done("null is not given", {**SERIES, "account_type": None, "tags": None}, account_type=None, tags={}),
    done("on_change", {**SERIES, "owners": ["x@example.org"], "on_change": "apply"}, SERIES, owners=["x@example.org"]),
    refused("contradicts itself", "Conflict", "request_id", {**SERIES, "owners": ["x@example.org"]}, SERIES),
    refused("name is taken", "Conflict", "account_name", {**NAMED, "local_part": "x", "request_id": "T-3"}, NAMED),
    refused("address is taken", "Conflict", "local_part", {**NAMED, "request_id": "T-3"}, NAMED),
    refused("request of a retired one", "Conflict", "request_id", SERIES, SERIES, RETIRE),
    refused("edit of a retired one", "Conflict", "address", EDIT, SERIES, RETIRE),
    refused("address of another account", "Conflict", "account_id", {"address": FIRST, "account_id": "2" * 12}, SERIES,
            {"address": FIRST, "account_id": "1" * 12}),
    refused("forwarder's own", "Conflict", "local_part", {**NAMED, "account_name": "forwarder"}),
    refused("not in the map", "NotFound", "address", EDIT),
    refused("domain is not vended", "InvalidRequest", "domain", {**SERIES, "domain": "other.example.com"}),
    refused("no owner", "InvalidRequest", "owners", {**SERIES, "owners": []}),
    refused("wrong owner", "InvalidRequest", "owners[1]", {**SERIES, "owners": [*JANE, "Joe <j@example.org>"]}),
    refused("owner in the domain", "InvalidRequest", "owners[0]", {**SERIES, "owners": [f"me@{DOMAIN}"]}),
    refused("wrong prefix", "InvalidRequest", "name_prefix", {**SERIES, "name_prefix": "an app"}),
    refused("wrong tag", "InvalidRequest", "tags", {**SERIES, "tags": {"aws:x": "y"}}),
    refused("number in a tag", "InvalidRequest", "tags", {**SERIES, "tags": {"cost-center": 42}}),
    refused("empty request id", "InvalidRequest", "request_id", {**SERIES, "request_id": " "}),
    refused("number for text", "InvalidRequest", "request_id", {**SERIES, "request_id": 42}, worded=False),
    refused("unknown field", "InvalidRequest", "ownrs", {**SERIES, "ownrs": []}, worded=False),
    refused("no way to name it", "InvalidRequest", "address", {"request_id": "T-1"}, worded=False),
    refused("two ways to name it", "InvalidRequest", "account_name", {**SERIES, "account_name": "x"}, worded=False),
    refused("no domain", "InvalidRequest", "domain", {**SERIES, "domain": None}, worded=False),
    refused("retire what", "InvalidRequest", "address", {**SERIES, "state": "absent"}, worded=False),
    refused("wrong choice", "InvalidRequest", "on_change", {**SERIES, "on_change": "maybe"}, worded=False),
    refused("half a replacement", "InvalidRequest", "replace_owner.new",
            {"address": FIRST, "replace_owner": {"old": "jane@example.org"}}, SERIES, worded=False),
    refused("number for an owner", "InvalidRequest", "owners[0]", {**SERIES, "owners": [42]}, worded=False),
    # What Ansible makes something of.
    refused("no request id", "InvalidRequest", "request_id", {**NAMED, "request_id": None}, strict=True),
    refused("text for a list", "InvalidRequest", "owners", {**SERIES, "owners": "jane@example.org"}, strict=True),
    refused("text for a number", "InvalidRequest", "counter_length", {**SERIES, "counter_length": "3"}, strict=True),
    refused("text for a boolean", "InvalidRequest", "forwarding", {**SERIES, "forwarding": "yes"}, strict=True),
)  # fmt: skip
