# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Existing accounts get vended addresses in one run, with codes that come in through the deployed forwarder's mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._account.code_mail import find_code
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.integration.maps import check_map
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

DOMAIN = "accounts.example.com"
MAIL = {"Bucket": "mail-forwarder-mail-111122223333-eu-west-1", "Prefix": "mail/"}
OWNERS = ["jane@example.org"]


@dataclass(frozen=True)
class Deployed:
    """A forwarder, and an organization with accounts whose emails are elsewhere."""

    aws: LocalAws
    log: Path

    def adopt(self, *options: str, **variables: Any) -> Recap:
        given = {"account_domain": DOMAIN, "account_owners": OWNERS, "account_email_table": "mail-forwarder-map"}
        return run_playbook("adopt_account", {**given, **variables}, self.aws.environment, self.log, *options)

    def said(self) -> str:
        return self.log.read_text()

    def member(self) -> str:
        """Create an account with an email of its own choice."""
        organizations = self.aws.client("organizations")
        asked = organizations.create_account(Email=f"{uuid4().hex[:8]}@old.example.com", AccountName="legacy")
        request = asked["CreateAccountStatus"]["Id"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        account_id: str = status["AccountId"]
        return account_id

    def email(self, account_id: str) -> str:
        account = self.aws.client("organizations").describe_account(AccountId=account_id)["Account"]
        email: str = account["Email"]
        return email

    def records(self) -> dict[str, AddressRecord]:
        return check_map(api.Table(self.aws.client("dynamodb"), "mail-forwarder-map"))

    def codes(self) -> list[str]:
        """Return the codes of all the mail that came in."""
        s3 = self.aws.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(**MAIL)
        keys = [item["Key"] for page in pages for item in page.get("Contents", []) if "AMAZON_SES" not in item["Key"]]
        return [find_code(s3.get_object(Bucket=MAIL["Bucket"], Key=key)["Body"].read()) for key in keys]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("adopt")
    variables = {"mail_forwarder_domain": DOMAIN, "mail_forwarder_admin_address": "cloud-team@example.com"}
    with LocalAws(folder / "aws", account_creation_seconds=0) as aws:
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        run_playbook("deploy", variables, aws.environment, folder / "deploy.log")
        yield Deployed(aws, folder / "ansible.log")


def test_twenty_accounts_in_one_run(deployed: Deployed) -> None:
    accounts = [deployed.member() for _unused in range(20)]
    emails = [deployed.email(account) for account in accounts]
    asked: dict[str, Any] = {
        "account_name_prefix": "legacy",
        "accounts": [{"account_id": account, "account_tags": {"was": account}} for account in accounts],
    }
    before, codes = deployed.records(), deployed.codes()
    assert deployed.adopt("--check", "-vvv", **asked).changed == 1
    assert [deployed.email(account) for account in accounts] == emails
    assert (deployed.records(), deployed.codes()) == (before, codes)

    assert deployed.adopt("-vvv", **asked).changed == 1
    after = deployed.records()
    records = {address: record for address, record in after.items() if record.series == "legacy"}
    assert sorted(records) == [f"legacy-{number:03}@{DOMAIN}" for number in range(1, len(accounts) + 1)]
    addresses = {str(record.account_id): address for address, record in records.items()}
    assert {account: deployed.email(account) for account in accounts} == addresses
    assert all(record.status == "active" and record.tags == {"was": record.account_id} for record in records.values())
    assert len(deployed.codes()) == len(codes) + len(accounts)

    assert deployed.adopt("-vvv", **asked).changed == 0
    assert deployed.records() == after
    assert len(deployed.codes()) == len(codes) + len(accounts)
    check_codes(deployed)


def check_codes(deployed: Deployed) -> None:
    """No code is anywhere in what Ansible said."""
    words = set(re.findall("[A-Za-z0-9]+", deployed.said()))
    assert "vended_accounts" in deployed.said()
    assert not words & set(deployed.codes())


def test_one_account_by_an_exact_name(deployed: Deployed) -> None:
    name, address = {"account_name": "Audit of all", "account_local_part": "audit"}, f"audit@{DOMAIN}"
    account = deployed.member()
    bucket = {"mail_bucket": MAIL["Bucket"], "account_request_id": ""}
    assert deployed.adopt(account_id=account, **name, **bucket).changed == 1
    assert deployed.email(account) == address
    record = deployed.records()[address]
    assert (record.account_id, record.account_name, record.status) == (account, name["account_name"], "active")
    assert record.request_id == f"adopt-{account}"
    assert f"account   {account}  {name['account_name']}" in deployed.said()
    for options in ((), ("--check",)):
        assert deployed.adopt(*options, account_id=account, **name, **bucket).changed == 0
    # What another play hands on is that address; asked for, the account takes its name.
    handed_on = [{"account_id": account, "address": address, "account_name": name["account_name"], "request_id": "x"}]
    renamed = {"account_factory_accounts": handed_on, "account_factory_rename": True, **bucket}
    assert deployed.adopt("--check", **renamed).changed == 1
    assert deployed.adopt(**renamed).changed == 1
    assert deployed.adopt(**renamed).changed == 0
    organizations = deployed.aws.client("organizations")
    assert organizations.describe_account(AccountId=account)["Account"]["Name"] == name["account_name"]
    assert deployed.records()[address] == record


def test_a_delegated_administrator_of_account_management_adopts(deployed: Deployed) -> None:
    """With credentials of neither the management account nor the forwarder's, and a role in the latter."""
    administrator = deployed.member()
    account = deployed.member()
    # Of local AWS, an account's id is the access key of its root.
    own = {**deployed.aws.environment, "AWS_ACCESS_KEY_ID": administrator}
    asked = {
        "account_id": account,
        "account_name": "delegated",
        "account_domain": DOMAIN,
        "account_owners": OWNERS,
        "account_email_table": "mail-forwarder-map",
        "account_factory_forwarder_role_arn": "arn:aws:iam::111122223333:role/mail-forwarder-organization-eu-west-1",
    }
    with pytest.raises(PlaybookFailedError, match="management account"):
        run_playbook("adopt_account", asked, own, deployed.log)
    deployed.aws.organizations.delegate(administrator)
    assert run_playbook("adopt_account", asked, own, deployed.log).changed == 1
    assert run_playbook("adopt_account", asked, own, deployed.log).changed == 0
    assert deployed.email(account) == f"delegated@{DOMAIN}"


def test_what_cannot_be_adopted_is_named_and_keeps_no_other(deployed: Deployed) -> None:
    account, elsewhere = deployed.member(), deployed.member()
    deployed.adopt(account_id=elsewhere, account_name="Elsewhere")
    before = deployed.records()
    accounts: list[dict[str, Any]] = [
        {"account_id": "999999999999"},
        {"account_id": "111122223333"},
        {"account_id": "12345"},
        {"account_id": elsewhere},
        {"account_id": account},
    ]
    with pytest.raises(PlaybookFailedError, match="4 of 5 accounts could not be adopted") as raised:
        deployed.adopt(account_name_prefix="rest", accounts=accounts)
    for said in (
        "999999999999: account_id: the organization has no account 999999999999",
        "111122223333: account_id: 111122223333 is the organization's management account",
        "12345: account_id: '12345' is not an AWS account id",
        f"{elsewhere}: request_id: 'adopt-{elsewhere}' was used for another request, which got elsewhere@{DOMAIN}",
    ):
        assert said in deployed.said(), str(raised.value)
    (vended,) = deployed.records().keys() - before.keys()
    assert deployed.email(account) == vended


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        pytest.param({"mail_bucket": "no-such-bucket-here"}, "Give mail_bucket the name", id="bucket"),
        pytest.param({"mail_forwarder_stack_name": "other"}, "s3://other-mail-111122223333-eu-west-1/", id="stack"),
        pytest.param({"account_owners": ["x@accounts.example.com"]}, r"owners\[0\]: ", id="owner"),
        pytest.param({"account_name_prefix": ""}, "one of the following is required", id="no name"),
    ],
)
def test_what_cannot_work_writes_nothing(deployed: Deployed, variables: dict[str, Any], says: str) -> None:
    account = deployed.member()
    before = deployed.records(), deployed.email(account), len(deployed.codes())
    with pytest.raises(PlaybookFailedError, match=says):
        deployed.adopt(**{"account_id": account, "account_name_prefix": "rest", **variables})
    assert (deployed.records(), deployed.email(account), len(deployed.codes())) == before
