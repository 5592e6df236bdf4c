# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each play runs with the policy that docs/permissions.md gives it and nothing else, and uses all of it.

The organization is in another account than the forwarder. Plays that work in both run with credentials of either and a
role in the other one, which for the management account is the role of the forwarder's stack.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map_backup.drill import DRILL_TAG
from tests.integration.permissions import (
    DOCUMENT,
    Decision,
    decisions,
    documented,
    filled,
    make_role,
    make_user,
    split,
    statements,
)
from tests.integration.test_ad_hoc import ad_hoc
from tests.integration.test_create_account import wait_until
from tests.local_aws import LocalAws
from tests.local_aws.identity_center import STORE_ID
from tests.local_aws.outbox import SentMail
from tests.local_aws.playbook import PlaybookFailedError, run_playbook
from tests.local_aws.ses_identities import Verification
from tests.map_table import TABLE
from tests.unit.roles.mail_forwarder.test_stack import RECORDED, listed, parsed
from tests.unit.roles.mail_forwarder.test_stack import statements as role_statements

ROOT = Path(__file__).parents[2]
PLAYS = sorted(file.stem for file in (ROOT / "playbooks").glob("*.yml"))
MAIL = ROOT / "tests" / "mail" / "root-password-reset.eml"
CLOUDFORMATION = "What CloudFormation does in a stack"
TABLES = "What CloudFormation does with the tables"
OPTIONS = "What CloudFormation does for a key, access logs and other options"
BOUNDARY = "A permissions boundary for the roles of the stack"
# What is no play's, and no test runs with.
OTHERS = (
    CLOUDFORMATION,
    TABLES,
    OPTIONS,
    "With a KMS key",
    "A hosted zone in another account",
    BOUNDARY,
    "A deployer who cannot become an administrator",
)

DOMAIN, STACK, MAP, SAMPLE = "accounts.example.com", "mail-forwarder", "mail-forwarder-map", "sample"
BACKUPS = "backups-example"
ACCOUNT, MANAGEMENT = "111122223333", "222222222222"
# The plays that work in both accounts, and the statements of their policies that are for the forwarder's.
TWO_SIDED = frozenset(
    (
        *("adopt_account", "close_account", "create_account", "drift", "import_organization_accounts"),
        *("lock_root", "recover_root"),
    )
)
OF_FORWARDER = frozenset(
    (
        *("Account", "Deliveries", "Identities", "Mail", "MailBucket", "MailIndex", "Map", "Owners", "Sandbox"),
        "Stack",
    )
)
# The plays that give addresses to owners.
OF_OWNERS = (
    "adopt_account",
    "create_account",
    "edit_address",
    "import_addresses",
    "import_organization_accounts",
    "import_sample_table",
    "transfer_owner",
    "vend_address",
)
STACK_ROLE = "mail-forwarder-organization-eu-west-1"
CONTACTS = {"kinds": ["security"], "name": "Cloud team", "phone_number": "112"}
OWNERS, LEAVER = ["jane@example.org"], "joe@example.org"
FORWARDER: dict[str, Any] = {
    "mail_forwarder_domain": DOMAIN,
    "mail_forwarder_admin_address": "cloud-team@example.com",
    "mail_forwarder_tags": {"team": "cloud"},
    "mail_forwarder_organization_principals": [MANAGEMENT],
}

# IAM User Guide, "GetCallerIdentity": no permissions are required, and none can refuse it. The top of the document says
# that a role is assumed.
NOT_LISTED = {"sts:AssumeRole", "sts:GetCallerIdentity"}
# What AWS asks IAM for and local AWS does not, and what is asked for with some versions of amazon.aws only.
NOT_ASKED_FOR = {
    "iam:CreateServiceLinkedRole": "CreateAccount makes no role in the new account here; AWS's makes the service-linked"
    " one of Organizations (AWS Organizations User Guide, creating a member account, minimum permissions)",
    "kms:Decrypt": "DynamoDB of the emulator asks nothing of KMS; AWS's does so for whoever reads a table that a key of"
    " the customer's encrypts (DynamoDB Developer Guide, encryption at rest)",
    "organizations:ListAccountsForParent": "OUs are asked which accounts they have where these are many; here are few",
    "ses:SendEmail": "the operation's own name: for raw content SES has been seen to ask for ses:SendRawEmail, which no"
    " page says, so that whoever sends raw mail has both",
    "servicequotas:ListServiceQuotas": "the emulator knows no such service, so that IAM is not asked",
    "s3:GetBucketLogging": "s3_bucket of amazon.aws 11 asks for it, that of amazon.aws 10 does not",
}
# The actions that make and take away a resource of the stack, from the handlers in AWS's schemas of the resource types.
MADE_WITH = {
    "AWS::CloudWatch::Alarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"),
    "AWS::DynamoDB::GlobalTable": ("dynamodb:CreateTable", "dynamodb:UpdateContinuousBackups", "dynamodb:DeleteTable"),
    "AWS::DynamoDB::Table": ("dynamodb:CreateTable", "dynamodb:DeleteTable"),
    "AWS::Events::Rule": ("events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"),
    "AWS::IAM::Role": ("iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole", "iam:DeleteRole"),
    "AWS::KMS::Alias": ("kms:CreateAlias", "kms:DeleteAlias"),
    # It is kept, whatever happens.
    "AWS::KMS::Key": ("kms:CreateKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation"),
    "AWS::Lambda::EventSourceMapping": ("lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping"),
    "AWS::Lambda::Permission": ("lambda:AddPermission", "lambda:RemovePermission"),
    "AWS::Lambda::Url": ("lambda:CreateFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig"),
    "AWS::Lambda::Function": ("lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:DeleteFunction"),
    "AWS::Logs::LogGroup": ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DeleteLogGroup"),
    "AWS::Logs::QueryDefinition": (
        "logs:PutQueryDefinition",
        "logs:DescribeQueryDefinitions",
        "logs:DeleteQueryDefinition",
    ),
    "AWS::Route53::RecordSet": ("route53:ChangeResourceRecordSets", "route53:GetChange"),
    "AWS::S3::Bucket": ("s3:CreateBucket", "s3:DeleteBucket"),
    "AWS::S3::BucketPolicy": ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    "AWS::SES::ConfigurationSet": ("ses:CreateConfigurationSet", "ses:DeleteConfigurationSet"),
    "AWS::SES::ConfigurationSetEventDestination": (
        "ses:CreateConfigurationSetEventDestination",
        "ses:DeleteConfigurationSetEventDestination",
    ),
    "AWS::SES::EmailIdentity": ("ses:CreateEmailIdentity", "ses:GetEmailIdentity", "ses:DeleteEmailIdentity"),
    "AWS::SNS::Subscription": ("sns:Subscribe", "sns:Unsubscribe"),
    "AWS::SNS::Topic": ("sns:CreateTopic", "sns:DeleteTopic"),
    "AWS::SNS::TopicPolicy": ("sns:SetTopicAttributes",),
    "AWS::SQS::Queue": ("sqs:CreateQueue", "sqs:DeleteQueue"),
    "AWS::SQS::QueuePolicy": ("sqs:SetQueueAttributes",),
}
# What AWS asks of who restores a table, on the new table (DynamoDB Developer Guide, "Restoring a table to a point in
# time", IAM permissions), and the emulator does not.
OF_RESTORED = {
    f"dynamodb:{action}" for action in ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
}
PLACEHOLDERS = (
    "account",
    "management",
    "region",
    "stack",
    "map_table",
    "mail_bucket",
    "code_bucket",
    "organization",
    "sample_table",
    "sample_key",
    "key",
    "boundary",
    "backup_bucket",
    "hosted_zone",
)
# Whose credentials a play of two sides has.
SIDES = ("organization", "forwarder")
VEND = {"account_domain": DOMAIN, "account_owners": OWNERS}
# A domain that SES has verified none of, as the account is in the sandbox.
UNVERIFIED = "unverified.example"
NO_POLICY = '{"Statement": []}'


def unverified(play: str, side: str = "forwarder") -> list[str]:
    """Return two owners for a play, of whom SES knows nothing of one, and has given up the other."""
    name = f"{play}-{side}".replace("_", "-")
    return [f"new-{name}@{UNVERIFIED}", f"late-{name}@{UNVERIFIED}"]


@dataclass(frozen=True)
class Run:
    """One run of a play, whether it has something to change, and for a play of two sides whose credentials it has."""

    play: str
    changes: bool
    variables: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    side: str = "forwarder"


@dataclass
class Outcome:
    """What became of all runs of a play: what went wrong with them, and what IAM decided."""

    wrong: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


class Account:
    """Local AWS as the accounts' roots see it, who make what the plays find there."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws, self.folder = aws, folder
        self.organizations = aws.client("organizations", MANAGEMENT)

    def organization(self) -> str:
        found: str = self.organizations.describe_organization()["Organization"]["Id"]
        return found

    def add_rule_before_ours(self) -> None:
        rule = {"Name": "first", "Enabled": False, "Actions": [{"StopAction": {"Scope": "RuleSet"}}]}
        self.aws.client("ses").create_receipt_rule(RuleSetName=STACK, Rule=rule)

    def remove_other_rule(self) -> None:
        self.aws.client("ses").delete_receipt_rule(RuleSetName=STACK, RuleName="first")

    def add_file(self, name: str, *rows: str) -> str:
        file = self.folder / name
        file.write_text("\n".join(["address,account_name,owners,request_id,name_prefix,domain", *rows, ""]))
        return str(file)

    def add_sample_table(self) -> None:
        dynamodb = self.aws.client("dynamodb")
        key = "AccountEmail"
        dynamodb.create_table(
            TableName=SAMPLE,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=SAMPLE)
        # What follows a "+" is a tag: that the address without it is nobody's is checked (ConditionCheckItem).
        for name, owner in zip(("bu-app", "team+one"), unverified("import_sample_table"), strict=True):
            item = {key: f"{name}-002@{DOMAIN}", "AccountName": name, "Enum": "002", "OwnerAddress": owner}
            dynamodb.put_item(TableName=SAMPLE, Item={name: {"S": value} for name, value in item.items()})

    def add_groups(self, number: int) -> list[str]:
        """Make groups in IAM Identity Center with a member each, which the forwarder's account is let read."""
        self.aws.identity_readers.add(ACCOUNT)
        client, store = self.aws.client("identitystore", MANAGEMENT), {"IdentityStoreId": STORE_ID}
        found = []
        for name in (f"group{index}" for index in range(number)):
            emails, full_name = [{"Value": f"{name}@example.org"}], {"FamilyName": name, "GivenName": name}
            user = client.create_user(**store, UserName=name, DisplayName=name, Name=full_name, Emails=emails)
            group = client.create_group(**store, DisplayName=name)
            member = {"UserId": user["UserId"]}
            client.create_group_membership(**store, GroupId=group["GroupId"], MemberId=member)
            found.append(str(group["GroupId"]))
        return found

    def lose_a_name_and_a_number(self) -> None:
        dynamodb = self.aws.client("dynamodb")
        dynamodb.delete_item(TableName=MAP, Key={"pk": {"S": "NAME#imported-001"}})
        dynamodb.put_item(TableName=MAP, Item={"pk": {"S": "SERIES#imported"}, "last_number": {"N": "0"}})

    def leave_a_drill_undone(self) -> None:
        dynamodb = self.aws.client("dynamodb")
        tags = [{"Key": DRILL_TAG, "Value": MAP}]
        dynamodb.create_table(TableName=f"{MAP}-drill-20260101T000000Z", **TABLE, Tags=tags)

    def add_account(self, email: str, name: str) -> str:
        """Create a member account and return its id."""
        self.organizations.create_account(Email=email, AccountName=name)
        wait_until(lambda: email in self.accounts())
        return self.accounts()[email]

    def add_unit(self, name: str) -> str:
        """Create an OU below the root and return its id."""
        [root] = self.organizations.list_roots()["Roots"]
        made = self.organizations.create_organizational_unit(ParentId=root["Id"], Name=name)["OrganizationalUnit"]
        return str(made["Id"])

    def tag_otherwise(self, email: str) -> None:
        """Give the account another tag than it has, by hand."""
        account_id = self.accounts()[email]
        tags = self.organizations.list_tags_for_resource(ResourceId=account_id)["Tags"]
        self.organizations.untag_resource(ResourceId=account_id, TagKeys=[tag["Key"] for tag in tags])
        self.organizations.tag_resource(ResourceId=account_id, Tags=[{"Key": "by", "Value": "hand"}])

    def accounts(self) -> dict[str, str]:
        """Return the ids of the organization's accounts by their emails."""
        pages = self.organizations.get_paginator("list_accounts").paginate()
        return {account["Email"]: account["Id"] for page in pages for account in page["Accounts"]}

    def hold_a_mail_back(self, address: str, owner: str) -> str:
        """Send a forged mail to the address and return its id once its owner was told of it."""
        return self._receive(address, owner, "spam=PASS virus=PASS dmarc=FAIL;reject")

    def _receive(self, address: str, owner: str, verdicts: str | None = None) -> str:
        """Send a mail to the address and return its id once its owner has got something of it."""
        before = len(self._mails_to(owner))
        self.aws.send_mail("a@evil.example", [address], MAIL.read_bytes(), verdicts)
        mail = self.aws.outbox.wait_for(owner, count=before + 1, timeout=90)[-1]
        return str(mail.tags["message_id"])

    def _mails_to(self, owner: str) -> list[SentMail]:
        return [mail for mail in self.aws.outbox.messages() if owner in mail.recipients]

    def let_a_mail_fail(self, address: str, owner: str) -> str:
        """Put a notification about a mail that was forwarded among the dead letters; return the mail's id."""
        message_id = self._receive(address, owner)
        sqs = self.aws.client("sqs")
        notice = {
            "notificationType": "Received",
            "mail": {"messageId": message_id, "source": "a@example.org"},
            "receipt": {
                "recipients": [address],
                "action": {
                    "type": "S3",
                    "bucketName": f"{STACK}-mail-{self.aws.account_id}-{self.aws.region}",
                    "objectKey": f"mail/{message_id}",
                },
            },
        }
        url = sqs.get_queue_url(QueueName=f"{STACK}-dead-letters")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(notice))
        return message_id

    def make_accounts_once(self, action: str, noted: Path) -> None:
        """Let AWS make accounts only once the action was asked for, so that a play has something to wait for."""
        self.aws.organizations.take(creation_seconds=3600)
        before = noted.read_text().count(action)

        def make() -> None:
            wait_until(lambda: noted.read_text().count(action) > before, timeout=300)
            self.aws.organizations.take(creation_seconds=0)

        threading.Thread(target=make, daemon=True).start()

    def send_a_probe(self) -> None:
        environment: dict[str, str | None] = dict(self.aws.environment)
        assert ad_hoc(environment, {"wait_timeout": 90}, module="mail_forwarder_probe")["reached"] == "delivered"

    def reset_password_once_allowed(self, account_id: str) -> None:
        """Choose "Forgot password?" for the account's root user as soon as AWS mails a link."""

        def reset() -> None:
            wait_until(lambda: self.aws.forgot_password(account_id), timeout=300)

        threading.Thread(target=reset, daemon=True).start()


def runs(account: Account, noted: Path) -> Iterator[list[Iterator[Run]]]:
    """Give the runs of all plays: one after another what finds what it works on there, side by side what may be."""
    yield [_forwarder_deployed(account)]
    yield [_a_file(account)]
    yield [_backups(account)]
    yield [_tables_and_organizations(account), _one_address(account), _accounts(account, noted)]
    yield [_forwarder_taken_away(account)]


def _forwarder_deployed(account: Account) -> Iterator[Run]:
    yield Run("deploy", True, FORWARDER)
    account.add_rule_before_ours()
    changed = {**FORWARDER, "mail_forwarder_tls_policy": "Require", "mail_forwarder_rule_position": "first"}
    yield Run("deploy", True, changed)
    # What is held is counted at the end.
    account.hold_a_mail_back(f"nobody@{DOMAIN}", FORWARDER["mail_forwarder_admin_address"])
    yield Run("deploy", False, changed)
    yield Run("deploy", False, changed, ("--check", "--diff"))


def _a_file(account: Account) -> Iterator[Run]:
    first, second = (
        f"audit@{DOMAIN},Audit of all,{';'.join([*OWNERS, *unverified('import_addresses')])},,,",
        f",,{OWNERS[0]},R-1,imported,{DOMAIN}",
    )
    both = {"addresses_file": account.add_file("both.csv", first, second)}
    one = {"addresses_file": account.add_file("one.csv", first), "addresses_prune": True, "addresses_prune_limit": 50}
    yield Run("import_addresses", True, both)
    yield Run("import_addresses", False, both)
    # This retires all that is not in the file.
    yield Run("import_addresses", True, one)


def _backups(account: Account) -> Iterator[Run]:
    account.aws.client("s3").create_bucket(
        Bucket=BACKUPS, CreateBucketConfiguration={"LocationConstraint": account.aws.region}
    )
    place = f"s3://{BACKUPS}/map.jsonl"
    yield Run("backup_map", True, {"account_factory_dest": place})
    yield Run("backup_map", False, {"account_factory_dest": place})
    account.lose_a_name_and_a_number()
    yield Run("restore_map", True, {"account_factory_src": place}, ("--check",))
    yield Run("restore_map", True, {"account_factory_src": place})
    yield Run("restore_map", False, {"account_factory_src": place})
    account.aws.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName=MAP, TargetTableName=f"{MAP}-restored", UseLatestRestorableTime=True
    )
    account.aws.client("dynamodb").get_waiter("table_exists").wait(
        TableName=f"{MAP}-restored", WaiterConfig={"Delay": 1}
    )
    yield Run("restore_map", False, {"account_factory_source_table": f"{MAP}-restored"})
    account.leave_a_drill_undone()
    yield Run("drill_map", True, {"account_factory_wait_timeout": 10})
    yield Run("drill_map", False, {"account_factory_wait_timeout": 10})


def _tables_and_organizations(account: Account) -> Iterator[Run]:
    account.add_sample_table()
    sample = {"sample_table": SAMPLE}
    yield Run("import_sample_table", True, sample)
    yield Run("import_sample_table", False, sample)
    play = "import_organization_accounts"
    for side in SIDES:
        organization = {"import_domains": [DOMAIN], "import_owners": [*OWNERS, *unverified(play, side)]}
        account.add_account(f"old-{side}@{DOMAIN}", f"Old {side}")
        places = {"sandbox": account.add_unit(f"Sandboxes {side}"), "default": f"Sandboxes {side}"}
        compare = {"account_factory_type_parents": places, "account_factory_fail_on": "never"}
        # What it finds before the account is in the map it reads again; after that it looks where the account is.
        yield Run("drift", False, compare, side=side)
        yield Run(play, True, organization, side=side)
        yield Run(play, False, organization, side=side)
        yield Run("drift", False, compare, side=side)


def _one_address(account: Account) -> Iterator[Run]:
    vend = {"account_domain": DOMAIN, "account_owners": [LEAVER]}
    fallback = {"account_factory_fallback_owners": unverified("vend_address")}
    series = {**vend, **fallback, "account_name_prefix": "app", "account_request_id": "R-2"}
    yield Run("vend_address", True, series, ("--check",))
    yield Run("vend_address", True, series)
    yield Run("vend_address", False, series)
    yield Run("vend_address", True, {**vend, "account_name": "Log Archive", "account_local_part": "logs"})
    address = {"account_email": f"app-001@{DOMAIN}"}
    yield Run("list_addresses", False)
    yield Run("list_addresses", False, address)
    yield Run("list_owners", False)
    yield Run("list_owners", False, {"account_factory_owner": LEAVER})
    first, *others = account.add_groups(5)
    yield Run("sync_owners", True, {"account_factory_owner_groups": [first]}, ("--check",))
    yield Run("sync_owners", True, {"account_factory_owner_groups": [first]})
    # Many are read by their lists.
    yield Run("sync_owners", True, {"account_factory_owner_groups": others})
    yield Run("sync_owners", False)
    yield Run("sync_owners", True, {"account_factory_owner_groups": [first], "account_factory_purge_groups": True})
    held_back = {"message_id": account.hold_a_mail_back(address["account_email"], LEAVER)}
    failed = account.let_a_mail_fail(address["account_email"], LEAVER)
    yield Run("doctor", True)
    yield Run("doctor", False)
    yield Run("list_held_mail", False)
    yield Run("show_held_mail", False, held_back)
    yield Run("show_held_mail", False, {"mail_forwarder_message_id": failed})
    yield Run("release_mail", True, held_back)
    yield Run("release_mail", False, held_back)
    yield Run("replay_mail", True, {"mail_forwarder_message_id": failed})
    yield Run("replay_mail", False, {"mail_forwarder_message_id": failed})
    failed = account.let_a_mail_fail(address["account_email"], LEAVER)
    discard = {"mail_forwarder_message_id": failed, "mail_forwarder_confirm": failed}
    yield Run("discard_mail", True, discard)
    yield Run("discard_mail", False, discard)
    also_held = {"mail_forwarder_message_id": account.hold_a_mail_back(address["account_email"], LEAVER)}
    yield Run("discard_mail", True, also_held)
    yield Run("list_deliveries", False, {"mail_forwarder_message_id": held_back["message_id"]})
    yield Run("list_deliveries", False, {"mail_forwarder_address": address["account_email"]})
    leaver = {"account_owner": LEAVER, "account_new_owners": [*OWNERS, *unverified("transfer_owner")]}
    yield Run("transfer_owner", True, leaver)
    yield Run("transfer_owner", False, leaver)
    # An account that the organization does not have: close_account takes it for one that is gone.
    edit = {
        **address,
        "account_id": "012345678901",
        "account_factory_fallback_owners": unverified("edit_address"),
    }
    yield Run("edit_address", True, edit, ("--check",))
    yield Run("edit_address", True, edit)
    yield Run("edit_address", False, edit)
    yield Run("close_account", True, {**address, "account_close_confirm": edit["account_id"]})
    retire = {"account_email": f"logs@{DOMAIN}"}
    yield Run("retire_address", True, retire, ("--check",))
    yield Run("retire_address", True, retire)
    yield Run("retire_address", False, retire)


def _accounts(account: Account, noted: Path) -> Iterator[Run]:
    for side in SIDES:
        for one in chain(_created(account, noted, side), _adopted(account, side)):
            yield replace(one, side=side)


def _created(account: Account, noted: Path, side: str) -> Iterator[Run]:
    new = {
        **VEND,
        "account_name_prefix": side,
        "account_request_id": f"new-{side}",
        "account_factory_fallback_owners": unverified("create_account", side),
        "account_factory_alternate_contacts": CONTACTS,
    }
    placed = {**new, "account_parent": f"{side}/Prod", "account_create_parents": True, "account_tags": {"a": "b"}}
    moved = {**placed, "account_parent": "/", "account_factory_purge_tags": True}
    yield Run("create_account", True, placed, ("--check",))
    account.make_accounts_once("organizations:DescribeCreateAccountStatus", noted)
    yield Run("create_account", True, placed)
    yield Run("create_account", False, placed)
    # Of an address that was vended before, somebody may have asked for the account already.
    vended = {**VEND, "account_name_prefix": side, "account_request_id": f"vended-{side}"}
    yield Run("vend_address", True, vended)
    yield Run("create_account", True, vended)
    created = f"{side}-001@{DOMAIN}"
    account.tag_otherwise(created)
    yield Run("create_account", True, moved)
    account.add_unit(f"Closed {side}")
    close = {
        "account_email": created,
        "account_close_confirm": account.accounts()[created],
        "account_factory_close_parent": f"Closed {side}",
    }
    yield Run("close_account", True, close)
    yield Run("close_account", False, close)


def _adopted(account: Account, side: str) -> Iterator[Run]:
    ids = [account.add_account(f"{side}{number}@example.net", "Legacy") for number in range(2)]
    series = {"account_id": ids[0], "account_name_prefix": f"legacy-{side}"}
    exact = {"account_id": ids[1], "account_name": f"Log store {side}", "account_local_part": f"log-{side}"}
    adopt = {
        **VEND,
        "accounts": [series, exact],
        "account_factory_rename": True,
        "account_factory_fallback_owners": unverified("adopt_account", side),
        "account_factory_alternate_contacts": CONTACTS,
    }
    yield Run("adopt_account", True, adopt, ("--check",))
    yield Run("adopt_account", True, adopt)
    yield Run("adopt_account", False, adopt)
    yield from _recovered(account, ids[0])


def _recovered(account: Account, account_id: str) -> Iterator[Run]:
    account.send_a_probe()
    twice = {f"account_factory_{name}": account_id for name in ("account_id", "confirm_account_id")}
    recover = {**twice, "account_factory_reason": "T-1", "account_factory_wait": False}
    yield Run("recover_root", True, recover, ("--check",))
    account.reset_password_once_allowed(account_id)
    yield Run("recover_root", True, recover)
    yield Run("recover_root", False, recover)
    yield Run("lock_root", True, twice, ("--check",))
    yield Run("lock_root", True, twice)
    yield Run("lock_root", False, twice)
    yield Run("lock_root", False)


def _forwarder_taken_away(account: Account) -> Iterator[Run]:
    # With nothing of others' in it, the rule set goes too.
    account.remove_other_rule()
    delete = {"mail_forwarder_delete_map": True, "mail_forwarder_delete_mail": True}
    yield Run("teardown", True)
    yield Run("teardown", False)
    yield Run("teardown", True, delete, ("--check",))
    yield Run("teardown", True, delete)
    yield Run("teardown", False, delete)


@dataclass
class Stage:
    """Local AWS with a user for each play, and two for a play of two sides.

    ``environments`` and ``variables`` have their credentials, and the role that they assume, by play and side.
    """

    aws: LocalAws
    folder: Path
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    environments: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    variables: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def admit(self, play: str, policy: str) -> None:
        """Make the users, and in the management account the role, that run the play with the policy alone."""
        if play not in TWO_SIDED:
            self.environments[play, "forwarder"] = make_user(self.aws, play, policy, ACCOUNT)
            return
        of_forwarder, of_organization = split(policy, OF_FORWARDER)
        role = make_role(self.aws, play, of_organization, MANAGEMENT, ACCOUNT)
        self._admit(play, "forwarder", of_forwarder, ACCOUNT, "organization", role)
        stack_role = f"arn:aws:iam::{ACCOUNT}:role/{STACK_ROLE}"
        self._admit(play, "organization", of_organization, MANAGEMENT, "forwarder", stack_role)

    def _admit(self, play: str, side: str, policy: str, account_id: str, other: str, role: str) -> None:
        self.environments[play, side] = make_user(self.aws, play, policy, account_id, role)
        self.variables[play, side] = {f"account_factory_{other}_role_arn": role}

    def values(self) -> dict[str, str]:
        """Return what the placeholders of the policies stand for here."""
        place = f"{self.aws.account_id}-{self.aws.region}"
        values = (
            ACCOUNT,
            MANAGEMENT,
            self.aws.region,
            STACK,
            MAP,
            f"{STACK}-mail-{place}",
            f"{STACK}-code-{place}",
            Account(self.aws, self.folder).organization(),
            SAMPLE,
            f"arn:aws:kms:{self.aws.region}:{self.aws.account_id}:key/sample",
            f"arn:aws:kms:{self.aws.region}:{self.aws.account_id}:key/forwarder",
            f"arn:aws:iam::{self.aws.account_id}:policy/boundary",
            BACKUPS,
            "Z0123456789ABCDEFGHIJ",
        )
        return dict(zip(PLACEHOLDERS, values, strict=True))

    def run_all(self, each: Iterator[Run]) -> None:
        """Run the plays that have a policy, each as its own user, and note what went wrong."""
        try:
            for one in each:
                if (one.play, one.side) in self.environments:
                    self._run(one)
        except Exception as error:
            # What a play left out is missed where the next one is prepared.
            error.add_note("\n".join(wrong for outcome in self.outcomes.values() for wrong in outcome.wrong))
            raise

    def _run(self, one: Run) -> None:
        outcome = self.outcomes.setdefault(one.play, Outcome())
        key = (one.play, one.side)
        variables = {"account_email_table": MAP, **self.variables.get(key, {}), **one.variables}
        try:
            log = self.folder / f"{one.play}.log"
            recap = run_playbook(one.play, variables, self.environments[key], log, *one.options)
        except PlaybookFailedError as error:
            outcome.wrong.append(f"{one}: {error}")
        else:
            if bool(recap.changed) != one.changes:
                outcome.wrong.append(f"{one}: changed={recap.changed}")


def enter_sandbox(aws: LocalAws) -> None:
    """Put the account into the sandbox, where mail goes to those who are verified and owners follow links."""
    late = [unverified(play, side)[1] for play in OF_OWNERS for side in SIDES]
    for identity in (DOMAIN, "example.org", FORWARDER["mail_forwarder_admin_address"], *late):
        aws.client("sesv2").create_email_identity(EmailIdentity=identity)
    for mailbox in late:
        aws.verifications.set(mailbox, Verification("FAILED"))
    aws.verifications.by_link = True
    aws.enter_sandbox(rate=20, daily_quota=-1)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    folder = tmp_path_factory.mktemp("permissions")
    noted = folder / "decisions.jsonl"
    with LocalAws(
        folder / "aws", enforce_iam=True, account_creation_seconds=0, decisions=noted, management_account=MANAGEMENT
    ) as aws:
        enter_sandbox(aws)
        stage = Stage(aws, folder)
        values = stage.values()
        policies = documented()
        for play in sorted(policies.keys() & set(PLAYS)):
            stage.admit(play, filled(policies[play], values))
        for together in runs(Account(aws, folder), noted):
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(stage.run_all, together))
        stage.outcomes[STACK_ROLE] = Outcome()
        for name, outcome in stage.outcomes.items():
            outcome.decisions = [one for one in decisions(noted, name) if one.action not in NOT_LISTED]
        yield stage.outcomes


@pytest.mark.parametrize("play", PLAYS)
def test_a_play_runs_with_what_is_documented_alone(outcomes: dict[str, Outcome], play: str) -> None:
    assert play in documented(), f"{DOCUMENT.name} has no section for the play {play}: say what permissions it needs"
    assert play in outcomes, f"the play {play} is run nowhere: add it to runs() in this file"
    assert outcomes[play].wrong == []
    refused = {str(one) for one in outcomes[play].decisions if not one.allowed}
    assert not refused, f"{DOCUMENT.name} does not give the play {play} what it asked for"


def unused(policy: str, outcome: Outcome) -> set[str]:
    """Return the actions and the resources of the policy that IAM was never asked for."""
    allowed = [one for one in outcome.decisions if one.allowed]
    found = set()
    for statement in statements(policy):
        used = [grant for grant in statement if any(one.is_by(grant) for one in allowed)]
        used += [grant for grant in statement if grant.action in NOT_ASKED_FOR]
        used += [grant for grant in statement if "-drill-" in grant.resource and grant.action in OF_RESTORED]
        found |= {grant.action for grant in statement} - {grant.action for grant in used}
        found |= {grant.resource for grant in statement} - {grant.resource for grant in used}
    return found


@pytest.mark.parametrize("play", PLAYS)
def test_all_that_is_documented_is_used(outcomes: dict[str, Outcome], play: str) -> None:
    # That IAM took them for the very resources is said by the decisions; the rest of the name tells them apart.
    policy = filled(documented().get(play, NO_POLICY), dict.fromkeys(PLACEHOLDERS, "*"))
    too_much = unused(policy, outcomes.get(play, Outcome()))
    assert not too_much, f"{DOCUMENT.name} gives the play {play} what it never asks for"


def test_the_stacks_role_is_exactly_what_the_management_account_needs(outcomes: dict[str, Outcome]) -> None:
    role = outcomes[STACK_ROLE]
    assert not {str(one) for one in role.decisions if not one.allowed}
    assert not unused(stack_role_policy(), role)


def stack_role_policy() -> str:
    """Return the policy of the stack's role for the management account, with stars for what CloudFormation fills in."""
    (policy,) = parsed()["Resources"]["OrganizationRole"]["Properties"]["Policies"]
    # What it has with a key is not in a stack without one.
    statements = [one for one in policy["PolicyDocument"]["Statement"] if "Fn::If" not in one]
    document: str = re.sub(r"\$\{.*?\}", "*", json.dumps({**policy["PolicyDocument"], "Statement": statements}))
    return re.sub(r'\{"Fn::Sub": ("[^"]*")\}', r"\1", document)


def test_every_section_is_a_plays() -> None:
    assert documented().keys() - set(OTHERS) == set(PLAYS)


@pytest.mark.parametrize("section", [*PLAYS, *OTHERS])
def test_a_policy_is_as_readable_and_as_small_as_it_can_be(section: str) -> None:
    policy = documented()[section]
    for statement in json.loads(policy)["Statement"]:
        actions = statement["Action"]
        assert actions == sorted(set(actions))
        assert not [action for action in actions if "*" in action]
    # IAM User Guide, "IAM and AWS STS quotas": a managed policy, whose white space does not count.
    assert len(re.sub(r"\s", "", filled(policy, dict.fromkeys(PLACEHOLDERS, "x" * 20)))) <= 6144


def test_what_cloudformation_does_is_said_of_each_resource_of_the_stack() -> None:
    types = {resource["Type"] for resource in parsed(recorded=RECORDED)["Resources"].values()}
    assert types == MADE_WITH.keys()
    policies = [documented()[section] for section in (CLOUDFORMATION, TABLES, OPTIONS)]
    actions = {grant.action for policy in policies for statement in statements(policy) for grant in statement}
    assert {action for made in MADE_WITH.values() for action in made} - actions == set()


def test_the_boundary_allows_what_the_roles_of_the_stack_may_do() -> None:
    """A role's rights are those that both allow (IAM User Guide, "Permissions boundaries for IAM entities")."""
    values = {**dict.fromkeys(PLACEHOLDERS, "*"), "stack": STACK, "map_table": MAP, "mail_bucket": "mail"}
    bounds = [grant for statement in statements(filled(documented()[BOUNDARY], values)) for grant in statement]
    resources = {
        "AWS::StackName": STACK,
        "MapTable": MAP,
        "MailBucket": "mail",
        "AWS::Partition": "aws",
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": ACCOUNT,
    }
    asked = [
        (action, resource)
        for role in parsed()["Resources"].values()
        if role["Type"] == "AWS::IAM::Role"
        for statement in role_statements(role)
        for action in listed(statement["Action"])
        for resource in (arn(one, resources) for one in listed(statement.get("Resource", [])))
    ]
    assert len(asked) > 50
    missing = {one for one in asked if not any(Decision(*one, True).is_by(bound) for bound in bounds)}
    assert not missing


def arn(value: Any, values: Mapping[str, str]) -> str:
    """Return an ARN of the stack as it will be."""
    if "Fn::Sub" in value:
        return re.sub(r"\$\{(.*?)\}", lambda found: values[found[1]], value["Fn::Sub"])
    if "Fn::GetAtt" in value:
        return f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{STACK}-{value['Fn::GetAtt'][0].lower()}"
    # Keys: the stack's own or one that is given, and those of before.
    return f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
