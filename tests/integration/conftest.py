# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local AWS for the integration tests: one for the whole run, its names kept apart by each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.local_aws import LocalAws
from tests.local_aws.shell import without_settings


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_shell() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - without_settings(os.environ).keys():
            patch.delenv(name)
        for name, value in without_settings({}).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("local-aws")) as aws:
        yield aws


@pytest.fixture
def map_table(local_aws: LocalAws) -> str:
    """Return the name of a new map table that knows a domain and nothing else."""
    name = f"map-{uuid4().hex[:8]}"
    dynamodb: Any = local_aws.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    assert api.put_domain(api.Table(dynamodb, name), "accounts.example.com", None)
    return name
