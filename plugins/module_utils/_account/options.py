# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module reaches AWS Account Management, and the mail that AWS sends about it."""

from __future__ import annotations

from functools import cache
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, ORGANIZATION, client_maker
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE

from .changing import Clients

# Where the mail with a code is looked for.
MAIL_SPEC: dict[str, Any] = {
    "mail_bucket": {"type": TEXT_TYPE},
    "mail_prefix": {"type": "str", "default": "mail/"},
    "delivery_table": {"type": TEXT_TYPE},
}


def clients_of(module: AnsibleAWSModule) -> Clients:
    """Return the clients; the task's region, which may also be none, is the bucket's."""
    # Account Management is one for all regions of a partition; S3 sends a request for another region's bucket on.
    region = module.region or "us-east-1"
    forwarders = client_maker(module, FORWARDER)
    return Clients(
        account=new_client(client_maker(module, ORGANIZATION), "account", region=region),
        s3=new_client(forwarders, "s3", region=region),
        dynamodb=new_client(forwarders, "dynamodb", region=region) if module.params["delivery_table"] else None,
        # Of twenty accounts each would say the same.
        warn=cache(module.warn),
    )
