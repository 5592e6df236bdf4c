# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many accounts the organization may have, as far as AWS tells.

No test has asked AWS itself. What it does not tell, or tells of other credentials only, is not known here either.
"""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, client_maker

_QUOTAS = Service(tries=4)
# The name and not the code: codes may change (AWS Organizations User Guide, "Quotas and service limits").
_QUOTA = "Default maximum number of accounts"
# Where the quotas of Organizations are (the same page), by partition. Of others nothing is documented.
_REGIONS = {"aws": "us-east-1"}


def account_quota(module: AnsibleAWSModule, partition: str) -> int | None:
    """Return how many accounts the organization may have; None where AWS does not tell, or not these credentials."""
    if partition not in _REGIONS:
        return None
    client = new_client(client_maker(module, ORGANIZATION), "service-quotas", region=_REGIONS[partition])
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="organizations")
    try:
        found = _QUOTAS.call("list the quotas of AWS Organizations", pages.build_full_result)
    except AwsError:
        return None
    values = [int(quota["Value"]) for quota in found["Quotas"] if quota.get("QuotaName") == _QUOTA]
    return values[0] if values else None
