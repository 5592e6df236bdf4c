# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of AWS Organizations have in common: how they reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, client_maker

from .calls import Connection
from .waits import waits_text


def client_of(module: AnsibleAWSModule) -> Any:
    """Return a client for Organizations, whatever the task's region, which may also be none."""
    # Organizations is one for all regions of a partition; where no region is set at all, that of the endpoint is it.
    return new_client(client_maker(module, ORGANIZATION), "organizations", region=module.region or "us-east-1")


@contextmanager
def connected(module: AnsibleAWSModule) -> Iterator[Connection]:
    """Give a connection to Organizations; at its end the task warns once of all that had to be waited for."""
    connection = Connection(client_of(module))
    try:
        yield connection
    finally:
        text = waits_text(connection.waits)
        if text is not None:
            module.warn(text)


def account_client_of(module: AnsibleAWSModule) -> Any:
    """Return a client for Account Management, which is one for all regions of a partition, too."""
    return new_client(client_maker(module, ORGANIZATION), "account", region=module.region or "us-east-1")
