# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Quotas, as far as it is about the number of accounts of an organization.

Sources: Service Quotas API Reference, ListServiceQuotas; AWS Organizations User Guide, "Quotas and service limits for
AWS Organizations", whose quotas are those of us-east-1.
"""

from __future__ import annotations

import json

from tests.local_aws.organizations import Organizations
from tests.local_aws.wire import AwsError, Request, Response, json_error, json_result

_NAME = "Default maximum number of accounts"


def list_quotas(organizations: Organizations, request: Request) -> Response | None:
    """Answer a request for the quotas of Organizations, or return None for any other."""
    if not request.headers.get("x-amz-target", "").endswith(".ListServiceQuotas"):
        return None
    if json.loads(request.body or b"{}").get("ServiceCode") != "organizations":
        return json_error(AwsError("NoSuchResourceException", "The specified resource does not exist.", 400))
    quota = {"ServiceCode": "organizations", "QuotaName": _NAME, "Value": float(organizations.account_quota)}
    other = {"ServiceCode": "organizations", "QuotaName": "Invitations per day", "Value": 20.0}
    return json_result({"Quotas": [other, quota]})
