# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point of the function that keeps groups of owners in step with IAM Identity Center, at its rate.

Apart from the others, so that none of those that forward mail loads what only this one needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from ansible_collections.account_factory.email.plugins.module_utils._identity_center.api import (
    SECONDS_A_CALL,
    Directory,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.plan import GroupPlan
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.reading import find_store
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.results import failures_of
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.syncing import Asked, sync
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._pacing import pace

# What is alarmed on: that it was done, and how many groups it did not take over.
DONE, REFUSED = "owner-sync-done", "owner-group-refused"
_CONFIG = Config(connect_timeout=5, read_timeout=30)
_SESSION = "owner-sync"

# Makes the client of a service.
Make = Callable[..., Any]


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment; what is empty is not given."""

    map_table: str
    max_loss_percent: int
    store_id: str
    region: str
    role_arn: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        return cls(
            map_table=environment["MAP_TABLE"],
            max_loss_percent=int(environment["MAX_LOSS_PERCENT"]),
            store_id=environment.get("IDENTITY_STORE_ID", ""),
            region=environment.get("IDENTITY_CENTER_REGION", ""),
            role_arn=environment.get("IDENTITY_CENTER_ROLE_ARN", ""),
        )


def handle(_event: Any, context: Any, make: Make = boto3.client) -> dict[str, Any]:
    """Make the map hold what IAM Identity Center says of its groups; return how many of them and what was not done.

    Raises where it could not be found out or written; nothing else is then told as done, which raises an alarm.
    """
    settings, logger = Settings.of(os.environ), Logger()
    metrics = Metrics(namespace=os.environ["POWERTOOLS_METRICS_NAMESPACE"])
    logger.append_keys(function_request_id=context.aws_request_id)
    asked = Asked(max_loss_percent=settings.max_loss_percent)
    table = Table(make("dynamodb", config=_CONFIG), settings.map_table)
    synced = sync(table, _directory(settings, make), asked, lambda: datetime.now(UTC))
    plans = list(synced.plans.values())
    for plan in plans:
        _audit(plan, logger)
    failures = failures_of(plans)
    metrics.add_metric(name=DONE, unit=MetricUnit.Count, value=1)
    metrics.add_metric(name=REFUSED, unit=MetricUnit.Count, value=len(failures))
    metrics.flush_metrics()
    return {"groups": len(plans), "changed": sum(plan.changed for plan in plans), "failures": failures}


def _audit(plan: GroupPlan, logger: Logger) -> None:
    """Write an audit line about a group that has changed, or that a guard did not take over."""
    if plan.changed or plan.refused:
        told = plan.to_dict()
        line = {name: told[name] for name in ("group_id", "joined", "left", "refused", "skipped")}
        # "name" is the logger's own.
        logger.info("audit", extra={"action": "owner-sync", "group": told["name"], **line})


def _directory(settings: Settings, make: Make) -> Directory:
    options = {"config": _CONFIG, **({"region_name": settings.region} if settings.region else {})}
    if settings.role_arn:
        options |= _credentials(make("sts", config=_CONFIG), settings.role_arn)
    store_id = settings.store_id or find_store(make("sso-admin", **options))
    client = pace(make("identitystore", **options), SECONDS_A_CALL, lambda _operation: "all")
    return Directory(client, store_id)


def _credentials(sts: Any, role_arn: str) -> dict[str, str]:
    """Return the credentials of a role as boto3 takes them; they are good for an hour."""
    given = sts.assume_role(RoleArn=role_arn, RoleSessionName=_SESSION)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
