# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which table a task works on, and who writes to it when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from . import api

# Which table, and how its account is reached.
TABLE_SPEC: dict[str, Any] = {
    "table": {"type": TEXT_TYPE, "fallback": (env_fallback, ["ACCOUNT_EMAIL_TABLE"])},
    **side_spec(FORWARDER),
}


def module_table(module: AnsibleAWSModule) -> api.Table:
    """Return the table that the task works on."""
    return named_table(module.params["table"], client_maker(module, FORWARDER))


def named_table(name: str | None, client: Callable[..., Any]) -> api.Table:
    """Return the table of that name; ``client`` makes the client of a service."""
    name = (name or "").strip()
    if not name:
        raise InputError("table: is not given; name the table of the map, or export ACCOUNT_EMAIL_TABLE")
    return api.Table(new_client(client, "dynamodb"), name)


@cache
def _caller(module: AnsibleAWSModule) -> str:
    return api.caller_arn(new_client(client_maker(module, FORWARDER), "sts"))


def make_stamp(module: AnsibleAWSModule) -> Stamp:
    """Return the present moment, in UTC, and who the task is to the forwarder's account, which AWS is asked once."""
    caller = _caller(module)
    return Stamp(at=utc_text(datetime.now(timezone.utc)), by=caller)
