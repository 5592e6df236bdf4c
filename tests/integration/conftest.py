# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local AWS for the integration tests: one for the whole run, its names kept apart by each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.local_aws import LocalAws
from tests.local_aws.shell import without_settings

# What its assertions compared is shown as it is for those of a test.
pytest.register_assert_rewrite("tests.integration.maps")
from tests.integration.maps import new_map  # noqa: E402


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
    return new_map(local_aws.client("dynamodb")).name
