# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module reaches AWS Account Management, and S3 for the mail."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, ORGANIZATION, client_maker

from .changing import Clients


def clients_of(module: AnsibleAWSModule) -> Clients:
    """Return the clients; the task's region, which may also be none, is the bucket's."""
    # Account Management is one for all regions of a partition; S3 sends a request for another region's bucket on.
    region = module.region or "us-east-1"
    return Clients(
        account=new_client(client_maker(module, ORGANIZATION), "account", region=region),
        s3=new_client(client_maker(module, FORWARDER), "s3", region=region),
    )
