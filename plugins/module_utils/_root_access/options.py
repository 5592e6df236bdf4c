# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the modules reach root users: by STS in a Region, with the credentials of the organization's side."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._sides import (
    ORGANIZATION,
    client_maker,
    with_credentials,
)

from . import api

_REGION = "us-east-1"
# The endpoint of STS that AssumeRoot does not take (AWS STS API Reference, AssumeRoot).
_GLOBAL_ENDPOINT = "https://sts.amazonaws.com"


def sessions(module: AnsibleAWSModule) -> Callable[[str, str], Any]:
    """Return what makes a client for IAM in a session of an account's root user, for a task of api's.

    Several threads may use it at a time.
    """
    region, lock = module.region or _REGION, Lock()
    make = client_maker(module, ORGANIZATION)
    sts = new_client(make, "sts", region=region)
    if sts.meta.endpoint_url == _GLOBAL_ENDPOINT:
        sts = new_client(make, "sts", region=region, endpoint=f"https://sts.{region}.amazonaws.com")

    def session(account_id: str, task: str) -> Any:
        credentials = api.assume_root(sts, account_id, task)
        # boto3 makes clients one at a time (Boto3 documentation, "Clients", "Multithreading").
        with lock:
            return new_client(with_credentials(module, credentials), "iam", region=region)

    return session
