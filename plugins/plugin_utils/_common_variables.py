# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The variables that many playbooks have in common, each said once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._arguments import Spec


def _side(name: str) -> dict[str, dict[str, Any]]:
    """Return the variables that say how one of the AWS accounts is reached."""
    return {f"account_factory_{name}_{how}": {"type": "str"} for how in ("role_arn", "profile", "external_id")}


COMMON: dict[str, dict[str, dict[str, Any]]] = {
    "region": {"aws_region": {"type": "str"}},
    "map": {"account_email_table": {"type": "str", "fallback": "account_factory_deployed_table"}},
    "owners": {"account_factory_verify_owners": {"type": "bool"}},
    "organization": _side("organization"),
    "forwarder": _side("forwarder"),
    "identity_center": _side("identity_center"),
    "held_mail": {
        "mail_forwarder_stack_name": {"type": "str"},
        "mail_forwarder_message_id": {"type": "list", "aliases": ["message_id"]},
        "mail_forwarder_address": {"type": "str"},
        "mail_forwarder_owner": {"type": "str"},
        "mail_forwarder_kind": {"type": "list"},
        "mail_forwarder_reason": {"type": "list"},
        "mail_forwarder_older_than": {"type": "str"},
        "mail_forwarder_newer_than": {"type": "str"},
        "mail_forwarder_limit": {"type": "int"},
    },
}


def whole_spec(spec: Spec, common: Sequence[str], prefix: str) -> Spec:
    """Return the specification with the common variables, which it may say otherwise itself, and those beside lists.

    A list of entries names in ``beside`` the options that its entries may have in common.
    """
    added = {name: option for group in common for name, option in COMMON[group].items()}
    for option in spec.values():
        added.update({f"{prefix}{name}": option["options"][name] for name in option.get("beside", ())})
    return {**{name: option for name, option in added.items() if name not in spec}, **spec}
