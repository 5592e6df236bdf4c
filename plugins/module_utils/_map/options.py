# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the map have in common: which table, and who writes when."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible.module_utils.basic import env_fallback
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .record import Stamp

TABLE_SPEC = {"table": {"type": "str", "fallback": (env_fallback, ["ACCOUNT_EMAIL_TABLE"])}}


def table_of(module: AnsibleAWSModule) -> api.Table:
    """Return the table that the task works on."""
    name = (module.params["table"] or "").strip()
    if not name:
        raise InputError("table: is not given; name the table of the map, or export ACCOUNT_EMAIL_TABLE")
    return api.Table(module.client("dynamodb"), name)


def stamp_of(module: AnsibleAWSModule) -> Stamp:
    """Return the present moment, in UTC, and the caller."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Stamp(at=now, by=api.caller_arn(module.client("sts")))
