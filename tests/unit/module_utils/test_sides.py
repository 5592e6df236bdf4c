# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that work in two AWS accounts, with the credentials of one; moto keeps the accounts apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._vended_account import tasks
from ansible_collections.account_factory.email.plugins.modules import (
    account_primary_email,
    organizations_account_info,
    vended_account,
    vended_address,
)
from tests.aws_errors import refuse
from tests.map_table import create_table
from tests.unit.conftest import RunModule

OURS, THEIRS = "123456789012", "222222222222"
ROLE = f"arn:aws:iam::{THEIRS}:role/mail-forwarder-organization"
VEND: dict[str, Any] = {
    "table": "map",
    "account_name": "app",
    "domain": "accounts.example.com",
    "owners": ["jane@example.org"],
}


def assumed(service: str) -> Any:
    """Return a client for the other account."""
    credentials = boto3.client("sts", region_name="eu-west-1").assume_role(RoleArn=ROLE, RoleSessionName="test")[
        "Credentials"
    ]
    return boto3.client(
        service,
        region_name="eu-west-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


@pytest.fixture
def theirs() -> Iterator[api.Table]:
    """Return a map that is in the other account."""
    with mock_aws():
        table = api.Table(assumed("dynamodb"), "map")
        create_table(table.client)
        assert api.put_domain(table, "accounts.example.com", None)
        yield table


def signed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the list in which the service and the access key of each call are noted."""
    real = BaseClient._make_api_call
    noted: list[tuple[str, str]] = []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        credentials = self._request_signer._credentials
        noted.append((self.meta.service_model.service_name, credentials.access_key))
        return real(self, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return noted


def test_the_map_is_in_another_account(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, theirs: api.Table
) -> None:
    assert "there is no DynamoDB table 'map'" in run_module(vended_address.main, **VEND)["msg"]
    calls = refuse(monkeypatch, "", "", times=0)
    vended = run_module(vended_address.main, **VEND, forwarder_role_arn=ROLE)["vended_address"]
    assert calls.count("AssumeRole") == 1
    assert api.get_record(theirs, "app@accounts.example.com")
    # Whoever writes is who the task is in the forwarder's account, by the name that it has in its own.
    assert vended["created_by"] == f"arn:aws:sts::{THEIRS}:assumed-role/mail-forwarder-organization/moto"
    assert not run_module(vended_address.main, **VEND, forwarder_role_arn=ROLE)["changed"]


def test_each_side_has_its_own_credentials(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(
        "[management]\naws_access_key_id = MANAGEMENT\naws_secret_access_key = x\n"
        "[mail]\naws_access_key_id = MAIL\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    # moto does not know its operation.
    monkeypatch.setattr(tasks, "account_quota", lambda _module, _partition: None)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        assert api.put_domain(api.Table(client, "map"), "accounts.example.com", None)
        boto3.client("organizations", region_name="eu-west-1").create_organization(FeatureSet="ALL")
        used = signed(monkeypatch)
        sides: dict[str, Any] = {"organization_profile": "management", "forwarder_profile": "mail"}
        run_module(vended_account.main, **VEND, **sides, wait_timeout=30)
        run_module(organizations_account_info.main, organization_profile="management")
        email: dict[str, Any] = {"account_id": OURS, "email": "app@accounts.example.com", "mail_bucket": "bucket"}
        run_module(account_primary_email.main, **email, **sides)
    by_service = {service: {key for name, key in used if name == service} for service, _key in used}
    assert by_service["dynamodb"] == by_service["sts"] == {"MAIL"}
    assert by_service["organizations"] == by_service["account"] == {"MANAGEMENT"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"forwarder_role_arn": "admin"}, "forwarder_role_arn: 'admin' is not the ARN of a role", id="arn"),
        pytest.param({"forwarder_external_id": "x"}, "forwarder_external_id: is for a role", id="external id alone"),
        pytest.param({"forwarder_profile": "nobody"}, "The config profile (nobody) could not be found", id="profile"),
    ],
)
@pytest.mark.usefixtures("theirs")
def test_what_cannot_work(run_module: RunModule, options: dict[str, Any], says: str) -> None:
    assert says in run_module(vended_address.main, **VEND, **options)["msg"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        pytest.param("AccessDenied", "Let the trust policy of the role name the caller", id="refused"),
        pytest.param("ExpiredToken", "sign in again", id="session"),
    ],
)
def test_a_role_that_cannot_be_assumed_says_which_by_whom_and_what_aws_said(
    run_module: RunModule, monkeypatch: pytest.MonkeyPatch, theirs: api.Table, code: str, remedy: str
) -> None:
    refuse(monkeypatch, "AssumeRole", code)
    failed = run_module(vended_address.main, **VEND, forwarder_role_arn=ROLE)
    assert failed["msg"].startswith(f"Failed to assume {ROLE} as arn:aws:sts::{OURS}:user/moto: An error occurred")
    assert remedy in failed["msg"]
    assert failed["error"]["code"] == code
    assert api.get_record(theirs, "app@accounts.example.com") is None


def test_options_that_are_empty_are_not_given(run_module: RunModule) -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        assert api.put_domain(api.Table(client, "map"), "accounts.example.com", None)
        empty: dict[str, Any] = dict.fromkeys(("forwarder_role_arn", "forwarder_profile", "forwarder_external_id"), "")
        assert run_module(vended_address.main, **VEND, **empty)["changed"]
