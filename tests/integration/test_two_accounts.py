# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account is created with the organization in one AWS account and the map in another, by a role in either.

What else works in two accounts, test_permissions runs, with IAM.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.map_table import create_table

DOMAIN, TABLE, BUCKET = "accounts.example.com", "mail-forwarder-map", "mail-forwarder-mail-222222222222-eu-west-1"
FORWARDER = "arn:aws:iam::222222222222:role/mail-forwarder-organization-eu-west-1"
VEND = {
    "account_factory_domain": DOMAIN,
    "account_factory_owners": ["jane@example.org"],
    "account_email_table": TABLE,
}


@dataclass(frozen=True)
class TwoAccounts:
    """A map in one account and an organization in another; ``own`` are the credentials of a play, ``role`` the rest."""

    aws: LocalAws
    log: Path
    own: dict[str, str]
    role: dict[str, str]
    table: api.Table

    def run(self, name: str, *options: str, **variables: Any) -> Recap:
        self.log.unlink(missing_ok=True)
        given = {**VEND, **self.role, **variables}
        return run_playbook(name, given, {**self.aws.environment, **self.own}, self.log, *options)

    def records(self) -> dict[str, AddressRecord]:
        return check_map(self.table)


def assumed(aws: LocalAws, role_arn: str) -> dict[str, str]:
    """Return the environment of who has assumed a role."""
    found = aws.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="awx")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
        "AWS_SESSION_TOKEN": found["SessionToken"],
    }


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("two-accounts"), account_creation_seconds=0.1) as started:
        client = forwarders(started, "dynamodb")
        create_table(client, TABLE)
        assert api.put_domain(api.Table(client, TABLE), DOMAIN, None)
        yield started


def forwarders(aws: LocalAws, service: str) -> Any:
    """Return a client for the forwarder's account."""
    keys = {name.lower(): value for name, value in assumed(aws, FORWARDER).items()}
    session = boto3.session.Session(**keys, region_name=aws.region)
    return session.client(service, endpoint_url=aws.environment["AWS_ENDPOINT_URL"])


@pytest.fixture(params=["organization", "forwarder"])
def two(request: pytest.FixtureRequest, aws: LocalAws, tmp_path: Path) -> TwoAccounts:
    """Run the plays with the credentials of the side that the test is for."""
    role_arn = f"arn:aws:iam::{aws.account_id}:role/account-factory"
    own: dict[str, str] = {} if request.param == "organization" else assumed(aws, FORWARDER)
    role = (
        {"account_factory_forwarder_role_arn": FORWARDER}
        if request.param == "organization"
        else {"account_factory_organization_role_arn": role_arn}
    )
    return TwoAccounts(aws, tmp_path / "ansible.log", own, role, api.Table(forwarders(aws, "dynamodb"), TABLE))


def test_an_account_is_created_and_who_did_is_recorded(two: TwoAccounts, request: pytest.FixtureRequest) -> None:
    prefix = f"two{request.node.callspec.params['two']}"
    assert two.run("create_account", account_factory_name_prefix=prefix, account_factory_request_id=prefix).changed == 1
    record = two.records()[f"{prefix}-001@{DOMAIN}"]
    assert record.created_by.startswith("arn:aws:sts::222222222222:assumed-role/mail-forwarder-organization-eu-west-1/")
    account = two.aws.client("organizations").describe_account(AccountId=record.account_id)["Account"]
    assert account["Email"] == record.address
    # There is no such table where the organization is.
    assert two.aws.client("dynamodb").list_tables()["TableNames"] == []


def test_without_the_role_nothing_is_done(two: TwoAccounts) -> None:
    before = two.records()
    asked = {"account_factory_name_prefix": "none", "account_factory_request_id": "none"}
    without: dict[str, Any] = dict.fromkeys(two.role, "")
    with pytest.raises(PlaybookFailedError, match=r"there is no DynamoDB table|management account"):
        two.run("create_account", **asked, **without)
    assert two.records() == before
