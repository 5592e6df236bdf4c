# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forwarder's life in an account of its own: deployed, taken away, deployed again, deleted; and its neighbours."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.integration.permissions import make_user
from tests.local_aws import LocalAws
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.local_aws.ses_identities import Verification

DOMAIN, SECOND_DOMAIN = "accounts.example.com", "second.example.com"
FORWARDER = {"mail_forwarder_domain": DOMAIN, "mail_forwarder_admin_address": "cloud-team@example.com"}
# As the command line and AWX surveys give them: as text.
DELETE_MAP = {"mail_forwarder_delete_map": "true"}
DELETE_MAIL = {"mail_forwarder_delete_mail": "true"}
KEEP = {"mail_forwarder_delete_map": "false", "mail_forwarder_delete_mail": "false"}
ITEM = to_attributes(AddressRecord(f"team-001@{DOMAIN}", "team-001", DOMAIN, ("jane@example.org",)).to_item())
COPY = {"pk": {"S": "m1#team-001@accounts.example.com#jane@example.org"}, "message_id": {"S": "m1"}}
# Whoever may do all that a deployment does, and look at little of what it rests on.
UNSEEN = ["iam:SimulatePrincipalPolicy", "ses:GetAccount", "ses:GetEmailIdentity", "ses:ListEmailIdentities"]
BLIND = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": UNSEEN, "Resource": "*"},
        ],
    }
)
MAP = "mail-forwarder-map"
RECORD = "mail-forwarder-deliveries"
STACK = "mail-forwarder"
LOGS = [f"/aws/lambda/{STACK}{part}" for part in ("", "-events", "-release", "-replay")]
MAIL_BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
CODE_BUCKET = "mail-forwarder-code-111122223333-eu-west-1"
# What a teardown keeps unless it is told otherwise.
DATA = {"tables": [RECORD, MAP], "buckets": [CODE_BUCKET, MAIL_BUCKET], "log groups": LOGS}


@dataclass(frozen=True)
class Account:
    """A local AWS account and a log of what is run in it."""

    aws: LocalAws
    log: Path
    # Whose credentials what is run has; the root's if not given.
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, playbook: str, variables: dict[str, Any], *options: str) -> Recap:
        return run_playbook(playbook, variables, {**self.aws.environment, **self.environment}, self.log, *options)

    def deploy(self, *options: str, **variables: Any) -> int:
        return self.run("deploy", {**FORWARDER, **variables}, *options).changed

    def teardown(self, variables: dict[str, Any], *options: str) -> int:
        return self.run("teardown", variables, *options).changed

    def table_arn(self, name: str) -> str:
        return f"arn:aws:dynamodb:{self.aws.region}:{self.aws.account_id}:table/{name}"

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules of the active rule set."""
        rules: list[dict[str, Any]] = self.aws.client("ses").describe_active_receipt_rule_set().get("Rules", [])
        return rules

    def inbound(self) -> tuple[str | None, dict[str, list[str]]]:
        """Return the active rule set's name and the names of the rules in every rule set."""
        ses = self.aws.client("ses")
        names = [rule_set["Name"] for rule_set in ses.list_receipt_rule_sets()["RuleSets"]]
        sets = {name: ses.describe_receipt_rule_set(RuleSetName=name).get("Rules", []) for name in names}
        active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        return active, {name: [rule["Name"] for rule in rules] for name, rules in sets.items()}

    def holdings(self) -> dict[str, list[str]]:
        """Return the names of what costs money or holds data, by kind."""
        stacks = self.aws.client("cloudformation").describe_stacks()["Stacks"]
        return {
            "stacks": [stack["StackName"] for stack in stacks],
            "tables": self.aws.client("dynamodb").list_tables()["TableNames"],
            "buckets": sorted(bucket["Name"] for bucket in self.aws.client("s3").list_buckets()["Buckets"]),
            "queues": self.aws.client("sqs").list_queues().get("QueueUrls", []),
            "topics": self.aws.client("sns").list_topics()["Topics"],
            "functions": self.aws.client("lambda").list_functions()["Functions"],
            "log groups": [
                group["logGroupName"] for group in self.aws.client("logs").describe_log_groups()["logGroups"]
            ],
            "alarms": self.aws.client("cloudwatch").describe_alarms()["MetricAlarms"],
            "dashboards": self.aws.client("cloudwatch").list_dashboards()["DashboardEntries"],
            "queries": self.aws.client("logs").describe_query_definitions()["queryDefinitions"],
            "configuration sets": self.aws.client("sesv2").list_configuration_sets()["ConfigurationSets"],
            "roles": self.aws.client("iam").list_roles()["Roles"],
        }


def vend(account: Account, address: str, table: str, owner: str = "jane@example.org") -> None:
    """Put the record of an address into a map."""
    local_part, _at, domain = address.partition("@")
    record = AddressRecord(address, local_part, domain, (owner,), "active")
    account.aws.client("dynamodb").put_item(TableName=table, Item=to_attributes(record.to_item()))


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with LocalAws(tmp_path / "aws", enforce_iam=True) as aws:
        # Whoever owns a domain proves it to SES once, before anything is deployed.
        for domain in (DOMAIN, SECOND_DOMAIN, "third.example.com", "new.example.com"):
            aws.client("sesv2").create_email_identity(EmailIdentity=domain)
        yield Account(aws, tmp_path / "ansible.log")


def kept(**kinds: list[str]) -> dict[str, list[str]]:
    """Return holdings of nothing but these."""
    nothing: dict[str, list[str]] = {
        kind: []
        for kind in (
            "stacks",
            "tables",
            "buckets",
            "queues",
            "topics",
            "functions",
            "log groups",
            "alarms",
            "dashboards",
            "queries",
            "configuration sets",
            "roles",
        )
    }
    return {**nothing, **kinds}


def test_what_cannot_work_is_found_before_anything_is_made(account: Account) -> None:
    """Refused where mail could not work; told with ``warn``, and where the caller may not look."""
    only = {"mail_forwarder_preflight_only": True}
    account.aws.sending.enabled = False
    account.aws.verifications.set(DOMAIN, Verification("PENDING", "HOST_NOT_FOUND", dkim="PENDING"))
    for variables in (only, {}):
        with pytest.raises(
            PlaybookFailedError, match=r"Sending is paused.*PENDING; HOST_NOT_FOUND.*Nothing was changed"
        ):
            account.deploy(**variables)
    account.aws.verifications.set(DOMAIN)
    account.aws.sending.enabled = True
    assert account.deploy(**only) == 0
    assert account.deploy("--tags", "preflight") == 0
    assert (account.holdings(), account.inbound()) == (kept(), (None, {}))

    blind = replace(account, environment=make_user(account.aws, "blind", BLIND, account.aws.account_id))
    assert blind.deploy()
    said = account.log.read_text().rpartition("preflight | Report the checks")[2]
    skipped = re.findall(r"SKIP ([\w, ]+): .*(?:AccessDenied|not authorized)", said)
    assert {name for names in skipped for name in names.split(", ")} == {
        "sending",
        "sandbox",
        "quota",
        "identity",
        "dkim",
        "from_address",
        "receiving_domains",
        "rights",
    }
    account.aws.sending.enabled = False
    assert account.deploy(mail_forwarder_preflight="warn") == 0
    assert (
        "FAIL sending: Sending is paused for the account." in account.log.read_text().rpartition("Report the checks")[2]
    )


def test_deployed_taken_away_deployed_again_and_deleted(account: Account) -> None:
    empty = account.holdings()
    assert empty == kept()
    assert account.deploy("--check")
    assert account.holdings() == empty

    assert account.deploy()
    assert account.inbound() == (STACK, {STACK: [STACK]})
    assert account.deploy() == 0
    assert account.deploy("--check") == 0
    account.aws.client("lambda").update_function_code(FunctionName=f"{STACK}-events", ZipFile=package_of_others())
    with pytest.raises(PlaybookFailedError, match=f"The function {STACK}-events runs code with the SHA-256"):
        account.deploy()
    assert map_type(account) == "AWS::DynamoDB::GlobalTable"
    dynamodb = account.aws.client("dynamodb")
    dynamodb.put_item(TableName=MAP, Item=ITEM)
    dynamodb.put_item(TableName=RECORD, Item=COPY)
    with pytest.raises(dynamodb.exceptions.ClientError, match="eletion protection"):
        dynamodb.delete_table(TableName=MAP)

    assert account.teardown({}, "--check")
    assert account.inbound() == (STACK, {STACK: [STACK]})
    assert account.teardown(KEEP)
    assert account.inbound() == (None, {})
    assert account.holdings() == kept(stacks=[STACK], **DATA)
    assert account.teardown({}) == 0

    assert account.deploy()
    assert dynamodb.get_item(TableName=MAP, Key={"pk": ITEM["pk"]})["Item"] == ITEM
    assert dynamodb.get_item(TableName=RECORD, Key={"pk": COPY["pk"]})["Item"] == COPY
    assert account.teardown({**DELETE_MAP, **DELETE_MAIL}, "--check")
    assert account.holdings()["buckets"] == [CODE_BUCKET, MAIL_BUCKET]
    assert account.teardown({**DELETE_MAP, **DELETE_MAIL})
    assert account.inbound() == (None, {})
    assert account.holdings() == empty


# The template of the release before, as CloudFormation has it of a stack that it made, and what that was deployed with.
PREVIOUS = Path(__file__).with_name("previous_template.json")
PREVIOUS_PARAMETERS = {
    "Forwarding": "true",
    "KeepMap": "true",
    "KeepMail": "true",
    "Protection": "true",
    "MapTable": MAP,
    "MailBucket": MAIL_BUCKET,
    "MailDays": "365",
    "CodeBucket": CODE_BUCKET,
    "CodeKey": "previous.zip",
    "RuleSet": STACK,
    "FromAddress": f"aws-accounts@{DOMAIN}",
    "AlarmAddress": "",
    "AlarmTopicArn": "arn:aws:sns:eu-west-1:111122223333:mail-forwarder-alarms",
    "LogLevel": "INFO",
    "LogDays": "90",
    "Timeout": "60",
    "QueueTimeout": "360",
    "Memory": "1024",
    "Concurrency": "2",
    "Tries": "48",
}


def deploy_previous(account: Account) -> dict[str, str]:
    """Make the stack and its data as the release before did; return the physical ids of the data."""
    s3, cloudformation = account.aws.client("s3"), account.aws.client("cloudformation")
    s3.create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=CODE_BUCKET, Key="previous.zip", Body=package_of_others())
    s3.put_object(Bucket=CODE_BUCKET, Key="previous.json", Body=PREVIOUS.read_bytes())
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in PREVIOUS_PARAMETERS.items()]
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"https://s3.eu-west-1.amazonaws.com/{CODE_BUCKET}/previous.json",
        Parameters=parameters,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    dynamodb = account.aws.client("dynamodb")
    dynamodb.put_item(TableName=MAP, Item=ITEM)
    dynamodb.put_item(TableName=RECORD, Item=COPY)
    s3.put_object(Bucket=MAIL_BUCKET, Key="mail/1", Body=b"mail")
    return physical_ids(account)


def package_of_others() -> bytes:
    """Return a function's package that is not this release's."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("forwarder/__init__.py", "")
    return code.getvalue()


def physical_ids(account: Account) -> dict[str, str]:
    """Return the physical ids of what holds data, with when a table was made: one in its place has another."""
    pages = account.aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    ids = {
        one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]
    }
    describe = account.aws.client("dynamodb").describe_table
    made = {name: str(describe(TableName=name)["Table"]["CreationDateTime"]) for name in (MAP, RECORD)}
    return {**{key: ids[key] for key in ("Mail", "Map", "Deliveries", "FunctionLog")}, **made}


def map_type(account: Account) -> str:
    resources = account.aws.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId="Map")
    found: str = resources["StackResourceDetail"]["ResourceType"]
    return found


def test_a_stack_of_the_release_before_is_updated_in_place_and_can_be_taken_away(account: Account) -> None:
    before = deploy_previous(account)
    account.deploy()
    assert account.deploy() == 0
    assert physical_ids(account) == before
    # CloudFormation may delete the table of a resource that is turned into a GlobalTable.
    assert map_type(account) == "AWS::DynamoDB::Table"
    dynamodb, s3 = account.aws.client("dynamodb"), account.aws.client("s3")
    assert dynamodb.get_item(TableName=MAP, Key={"pk": ITEM["pk"]})["Item"] == ITEM
    assert s3.get_object(Bucket=MAIL_BUCKET, Key="mail/1")["Body"].read() == b"mail"
    account.teardown({**DELETE_MAP, **DELETE_MAIL})
    assert account.holdings() == kept()
    # The next one is taken away by this release before it has ever deployed it.
    deploy_previous(account)
    account.teardown({})
    assert dynamodb.get_item(TableName=MAP, Key={"pk": ITEM["pk"]})["Item"] == ITEM


def test_map_and_mail_are_deleted_each_on_its_own(account: Account) -> None:
    """The record of deliveries goes with the mail, also where a teardown before has left nothing else to change."""
    account.deploy()
    account.teardown({})
    # A version under the newest, which emptying a bucket has to reach too.
    for body in (b"old", b"new"):
        account.aws.client("s3").put_object(Bucket=MAIL_BUCKET, Key="mail/1", Body=body)
    account.teardown(DELETE_MAIL)
    assert account.holdings() == kept(stacks=[STACK], tables=[MAP], buckets=[CODE_BUCKET])
    account.deploy()
    account.teardown(DELETE_MAP)
    assert account.holdings() == kept(stacks=[STACK], **{**DATA, "tables": [RECORD]})
    account.teardown(DELETE_MAIL)
    assert account.holdings() == kept()


def test_a_stack_deleted_by_other_means_leaves_the_data(account: Account) -> None:
    account.deploy()
    cloudformation = account.aws.client("cloudformation")
    with pytest.raises(cloudformation.exceptions.ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName=STACK)
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    left = kept(**DATA)
    assert account.holdings() == left
    with pytest.raises(PlaybookFailedError, match=f"There is a table {MAP} already that is not in the stack"):
        account.deploy()
    # A deployment that finds the names taken ends without touching them, and without a stack that is in the way.
    with pytest.raises(
        PlaybookFailedError,
        match=r"Failed to deploy the stack mail-forwarder; what was begun has been undone.*import it into a stack of",
    ):
        account.deploy(mail_forwarder_preflight="warn")
    assert account.holdings() == left


def test_a_stack_that_something_else_is_changing_is_left_alone(account: Account) -> None:
    waiting = {
        "Parameters": {
            "MapTable": {"Type": "String", "Default": MAP},
            "MailBucket": {"Type": "String", "Default": MAIL_BUCKET},
        },
        "Resources": {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Wait": {
                "Type": "AWS::CloudFormation::WaitCondition",
                "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "900"},
            },
        },
    }
    account.aws.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(waiting))
    with pytest.raises(
        PlaybookFailedError, match=r"The stack mail-forwarder is CREATE_IN_PROGRESS\..*Nothing was changed"
    ):
        account.deploy()
    for play, more in (("deploy", {"mail_forwarder_preflight": "warn"}), ("teardown", {})):
        with pytest.raises(PlaybookFailedError, match=r"is CREATE_IN_PROGRESS; nothing was changed\. Something else"):
            account.run(play, {**FORWARDER, **more})


def test_what_an_organization_has_put_on_the_stack_and_its_bucket_stays(account: Account) -> None:
    account.deploy(mail_forwarder_tags={"team": "blue"})
    cloudformation, s3 = account.aws.client("cloudformation"), account.aws.client("s3")
    bucket = f"{STACK}-code-{account.aws.account_id}-{account.aws.region}"
    theirs = [{"Key": "team", "Value": "blue"}, {"Key": "backup", "Value": "no"}]
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    parameters = [{"ParameterKey": each["ParameterKey"], "UsePreviousValue": True} for each in stack["Parameters"]]
    cloudformation.update_stack(
        StackName=STACK,
        UsePreviousTemplate=True,
        Parameters=parameters,
        Tags=theirs,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": theirs})
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=encryption)

    def tags() -> list[dict[str, str]]:
        [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        both = (stack["Tags"], s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
        return [{each["Key"]: each["Value"] for each in listed} for listed in both]

    # The tags of the stack do not reach the map by themselves.
    assert account.deploy() == 1
    for given in ({}, {"mail_forwarder_tags": {"team": "blue"}}):
        assert account.deploy(**given) == 0
        assert tags() == [{"team": "blue", "backup": "no"}] * 2
    dynamodb = account.aws.client("dynamodb")
    assert dynamodb.list_tags_of_resource(ResourceArn=account.table_arn(MAP))["Tags"] == theirs
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    account.deploy(mail_forwarder_tags={"team": "red"}, mail_forwarder_purge_tags=True)
    assert tags() == [{"team": "red"}] * 2
    # With that of the stack they are more than AWS allows, which only AWS can say. No name is to blame for it.
    s3.delete_bucket_tagging(Bucket=bucket)
    with pytest.raises(
        PlaybookFailedError, match="Failed to deploy the stack mail-forwarder; what was begun"
    ) as failed:
        account.deploy(mail_forwarder_tags={f"tag-{number}": "x" for number in range(50)})
    assert "50 tags" in str(failed.value)
    assert "import it" not in str(failed.value)


def test_neighbours_in_the_rule_set_in_use(account: Account) -> None:
    account.aws.client("sesv2").create_email_identity(EmailIdentity="example.com")
    ses = account.aws.client("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    ses.create_receipt_rule(RuleSetName="inbound", Rule={"Name": "theirs", "Enabled": True, "Actions": []})
    account.deploy(mail_forwarder_rule_position="first")
    account.deploy(mail_forwarder_stack_name="second", mail_forwarder_domain="second.example.com")
    # One below another's domain is a domain of its own; one of another's is refused, also among others.
    third = {"mail_forwarder_stack_name": "third", "mail_forwarder_domain": ""}
    with pytest.raises(PlaybookFailedError, match=r"The receipt rule second of .* for second\.example\.com already"):
        account.deploy(**third, mail_forwarder_domains="third.example.com Second.example.com")
    account.deploy(**third, mail_forwarder_domains=f"third.example.com eu.{DOMAIN}")
    assert account.inbound() == ("inbound", {"inbound": [STACK, "theirs", "second", "third"]})
    assert account.deploy(mail_forwarder_rule_position="first") == 0
    stacks = {DOMAIN: STACK, "second.example.com": "second", f"eu.{DOMAIN}": "third"}
    for domain, stack in stacks.items():
        vend(account, f"app@{domain}", f"{stack}-map", f"{stack}@example.org")
        account.aws.send_mail("a@example.net", [f"app@{domain}"], b"From: a@example.net\r\nSubject: hi\r\n\r\nhi\r\n")
    got = account.aws.outbox.wait_for(count=len(stacks), timeout=90)
    assert sorted(mailbox for mail in got for mailbox in mail.recipients) == [
        "mail-forwarder@example.org",
        "second@example.org",
        "third@example.org",
    ]
    account.teardown({**DELETE_MAP, **DELETE_MAIL})
    assert account.inbound() == ("inbound", {"inbound": ["theirs", "second", "third"]})
    tables = [f"{stack}-{table}" for stack in ("second", "third") for table in ("deliveries", "map")]
    assert account.holdings()["tables"] == tables


def test_a_rule_of_our_name_that_is_not_ours_is_left_alone(account: Account) -> None:
    ses = account.aws.client("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    ses.create_receipt_rule(RuleSetName="inbound", Rule={"Name": STACK, "Enabled": True, "Actions": []})
    with pytest.raises(PlaybookFailedError, match="does not belong to this forwarder"):
        account.deploy()
    assert account.holdings() == kept()
    assert account.teardown({}) == 0
    assert account.inbound() == ("inbound", {"inbound": [STACK]})


def test_the_map_and_a_domain_in_use_of_a_deployed_stack_are_for_life(account: Account) -> None:
    account.deploy()
    vend(account, "team-001@accounts.example.com", MAP)
    before = account.holdings(), account.rules()
    with pytest.raises(
        PlaybookFailedError, match=r"has its map in the table mail-forwarder-map, .* and not in another"
    ):
        account.deploy(mail_forwarder_map_table="another")
    with pytest.raises(PlaybookFailedError, match=rf"{DOMAIN} has 1 that is not retired: team-001@{DOMAIN}"):
        account.deploy(mail_forwarder_domain="new.example.com")
    with pytest.raises(PlaybookFailedError, match=rf"rule mail-forwarder of .* receives mail for {DOMAIN} already"):
        account.deploy(mail_forwarder_stack_name="second", mail_forwarder_domain=DOMAIN.upper())
    assert (account.holdings(), account.rules()) == before

    # Nor does what only the data is left of get another map.
    account.teardown({})
    with pytest.raises(
        PlaybookFailedError, match=r"has its map in the table mail-forwarder-map, .* and not in another"
    ):
        account.deploy(mail_forwarder_map_table="another")
    # And what it vended in is known from the map, where no rule tells of it any more.
    with pytest.raises(PlaybookFailedError, match=rf"{DOMAIN} has 1 that is not retired: team-001@{DOMAIN}"):
        account.deploy(mail_forwarder_domain="new.example.com")
    assert account.inbound() == (None, {})


def test_a_disabled_rule_for_our_domain_is_no_hindrance_and_an_enabled_one_is(account: Account) -> None:
    ses = account.aws.client("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    theirs = {"Name": "theirs", "Enabled": True, "Recipients": [DOMAIN.title()], "Actions": []}
    ses.create_receipt_rule(RuleSetName="inbound", Rule=theirs)
    with pytest.raises(PlaybookFailedError, match=f"The receipt rule theirs of .* receives mail for {DOMAIN} already"):
        account.deploy()
    assert account.holdings() == kept()
    ses.update_receipt_rule(RuleSetName="inbound", Rule={**theirs, "Enabled": False})
    account.deploy()
    assert account.inbound() == ("inbound", {"inbound": ["theirs", STACK]})


def test_a_rule_is_replaced_without_a_moment_in_which_nothing_receives(account: Account) -> None:
    ses = account.aws.client("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    sample = {"Name": "sample", "Enabled": True, "Recipients": [DOMAIN, "example.org"], "Actions": []}
    ses.create_receipt_rule(RuleSetName="inbound", Rule=sample)
    replacing = {"mail_forwarder_replaced_rule": "sample"}
    for variables, says in (
        ({"mail_forwarder_replaced_rule": "smaple"}, "The rule set inbound has no receipt rule smaple"),
        (replacing, "The receipt rule sample receives example.org, and this forwarder only accounts.example.com"),
    ):
        with pytest.raises(PlaybookFailedError, match=says):
            account.deploy(**variables)
    assert account.holdings() == kept()
    ses.update_receipt_rule(RuleSetName="inbound", Rule={**sample, "Recipients": [DOMAIN]})

    account.deploy(mail_forwarder_rule_enabled="false")
    assert [(rule["Name"], rule["Enabled"]) for rule in account.rules()] == [("sample", True), (STACK, False)]
    account.deploy(**replacing)
    assert [(rule["Name"], rule["Enabled"]) for rule in account.rules()] == [("sample", False), (STACK, True)]
    assert account.deploy(**replacing) == 0
    # Another set has been activated since: both sets lose our rule, and nothing else.
    ses.clone_receipt_rule_set(RuleSetName="changed", OriginalRuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="changed")
    ses.create_receipt_rule(
        RuleSetName="changed", Rule={"Name": "theirs", "Recipients": ["example.net"], "Actions": []}
    )
    account.teardown({})
    assert account.inbound() == ("changed", {"changed": ["theirs", "sample"], "inbound": ["sample"]})


def test_a_rule_that_keeps_the_mail_from_us_is_refused_and_one_that_shares_it_is_told(account: Account) -> None:
    ses = account.aws.client("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    theirs = {"Name": "theirs", "Enabled": True, "Actions": [{"StopAction": {"Scope": "RuleSet"}}]}
    ses.create_receipt_rule(RuleSetName="inbound", Rule=theirs)
    with pytest.raises(PlaybookFailedError, match=r"The receipt rule theirs of .* comes before ours"):
        account.deploy()
    assert account.holdings() == kept()
    account.deploy(mail_forwarder_rule_position="first")
    assert account.inbound() == ("inbound", {"inbound": [STACK, "theirs"]})
    # Somebody moves it back: the next deploy tells of it, and mends nothing that it was not told to.
    ses.set_receipt_rule_position(RuleSetName="inbound", RuleName=STACK, After="theirs")
    with pytest.raises(PlaybookFailedError, match=r"The receipt rule theirs of .* comes before ours"):
        account.deploy()
    ses.update_receipt_rule(RuleSetName="inbound", Rule={**theirs, "Actions": []})
    account.deploy()
    assert "theirs of the rule set inbound gets the mail" in account.log.read_text()


def test_a_copy_of_the_rule_set_goes_on_receiving_when_it_is_activated(account: Account) -> None:
    """Sets are changed by cloning, editing and activating them; mail is then received by another set's rule."""
    account.deploy()
    ses = account.aws.client("ses")
    ses.clone_receipt_rule_set(RuleSetName="edited", OriginalRuleSetName=STACK)
    ses.set_active_receipt_rule_set(RuleSetName="edited")
    mail = b"From: a@example.net\r\nTo: nobody\r\nSubject: hi\r\n\r\nhi\r\n"
    account.aws.send_mail("a@example.net", [f"nobody@{DOMAIN}"], mail)
    assert account.aws.outbox.wait_for(FORWARDER["mail_forwarder_admin_address"], timeout=90)


# What is there only where a variable asks for it: functions, and alarms of the same or other names.
OPTIONAL = [f"{STACK}-{name}" for name in ("owner-groups", "owner-sync", "probe", "read", "vend", "vending")]


def test_alarms_go_to_a_topic_that_is_there_and_what_is_optional_goes_with_its_variable(account: Account) -> None:
    cloudwatch, functions = account.aws.client("cloudwatch"), account.aws.client("lambda")

    def topics() -> set[str]:
        return {topic for alarm in cloudwatch.describe_alarms()["MetricAlarms"] for topic in alarm["AlarmActions"]}

    def optional() -> set[str]:
        names = [alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]]
        names += [function["FunctionName"] for function in functions.list_functions()["Functions"]]
        return {name for name in names if name in OPTIONAL}

    theirs = "arn:aws:sns:eu-west-1:444455556666:operations"
    account.deploy(
        mail_forwarder_alarm_topic_arn=theirs,
        mail_forwarder_probe_rate="rate(1 hour)",
        mail_forwarder_owner_sync_minutes=1440,
        mail_forwarder_vending="url",
    )
    assert topics() == {theirs}
    assert optional() == {*OPTIONAL}
    assert f"The alarms go to {theirs} of another account" in account.log.read_text()
    with pytest.raises(PlaybookFailedError, match="is not in the partition aws of the account 111122223333"):
        account.deploy(mail_forwarder_alarm_topic_arn=theirs.replace(":aws:", ":aws-us-gov:"))
    account.deploy()
    assert topics() == {f"arn:aws:sns:eu-west-1:111122223333:{STACK}-alarms"}
    assert optional() == set()


def test_a_stack_of_our_name_that_is_not_ours_is_left_alone(account: Account) -> None:
    template = {"Resources": {"Theirs": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "theirs"}}}}
    cloudformation = account.aws.client("cloudformation")
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    before = account.holdings()
    with pytest.raises(
        PlaybookFailedError, match="There is a stack mail-forwarder already that is not a mail forwarder"
    ):
        account.deploy()
    assert account.holdings() == before
    assert account.inbound() == (None, {})


# What cannot work, and what is said about it.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "domain": ({"mail_forwarder_domain": "example"}, "mail_forwarder_domain: 'example' is not a domain"),
    "no domain": ({"mail_forwarder_domain": ""}, "mail_forwarder_domain, mail_forwarder_domains: neither is given"),
    "disagreeing domains": (
        {"mail_forwarder_domains": f"{DOMAIN}, eu.{DOMAIN}"},
        f"mail_forwarder_domain, mail_forwarder_domains: {DOMAIN} and {DOMAIN}, eu.{DOMAIN} disagree",
    ),
    "a domain twice": (
        {"mail_forwarder_domain": "", "mail_forwarder_domains": [DOMAIN, DOMAIN.upper()]},
        f"mail_forwarder_domains: {DOMAIN} is there more than once",
    ),
    "admin in another domain": (
        {"mail_forwarder_domain": "", "mail_forwarder_domains": f"{DOMAIN} example.com"},
        "mail_forwarder_admin_address: cloud-team@example.com is in example.com, so",
    ),
    "admin of a domain in another": (
        {
            "mail_forwarder_domain": "",
            "mail_forwarder_domains": [DOMAIN, {"domain": "b.example.org", "admin_address": f"jane@{DOMAIN}"}],
        },
        f"mail_forwarder_domains: admin_address of b.example.org: jane@{DOMAIN} is in {DOMAIN}, so",
    ),
    "long domain": ({"mail_forwarder_domain": f"{'a' * 60}.{'b' * 60}.com"}, "62 characters at most"),
    "domain with two dots": ({"mail_forwarder_domain": f"{DOMAIN}.."}, "mail_forwarder_domain: .* is not a domain"),
    "domain in signs": ({"mail_forwarder_domain": "\u212aelvin.example"}, "mail_forwarder_domain: .* is not a domain"),
    "admin with a dot": ({"mail_forwarder_admin_address": "a@example.org."}, "is not a plain email address"),
    "quoted alarms": (
        {"mail_forwarder_alarm_address": '"jane"@example.org'},
        "mail_forwarder_alarm_address: .* is not a plain email address",
    ),
    "no admin": ({"mail_forwarder_admin_address": ""}, "mail_forwarder_admin_address: is not given"),
    "named admin": ({"mail_forwarder_admin_address": "Jane <jane@example.com>"}, "is not a plain email address"),
    "admin inside": ({"mail_forwarder_admin_address": "jane@ACCOUNTS.example.com"}, "go round in a loop"),
    "alarms inside": ({"mail_forwarder_alarm_address": f"jane@{DOMAIN}"}, "mail_forwarder_alarm_address: .* in a loop"),
    "fallback inside": (
        {"mail_forwarder_fallback_owners": [f"jane@{DOMAIN}"]},
        "mail_forwarder_fallback_owners: .* is not a plain email address outside of",
    ),
    "fallback to itself": (
        {
            "mail_forwarder_from_address": "aws@example.com",
            "mail_forwarder_identity": "example.com",
            "mail_forwarder_fallback_owners": ["AWS@example.com"],
        },
        "mail_forwarder_fallback_owners: .* other than aws@example.com",
    ),
    "fallback, eleven": (
        {"mail_forwarder_fallback_owners": [f"jane-{number}@example.org" for number in range(11)]},
        "mail_forwarder_fallback_owners: 11 mailboxes .* give 10 at most",
    ),
    "suppression": (
        {"mail_forwarder_suppression": "some"},
        "mail_forwarder_suppression must be one of: all, complaints",
    ),
    "alarms elsewhere": (
        {"mail_forwarder_alarm_topic_arn": "arn:aws:sns:us-east-1:111122223333:operations"},
        "mail_forwarder_alarm_topic_arn: .*is not the ARN of an SNS topic in eu-west-1",
    ),
    "alarms to a queue": (
        {"mail_forwarder_alarm_topic_arn": "arn:aws:sqs:eu-west-1:111122223333:operations"},
        "mail_forwarder_alarm_topic_arn: .*is not the ARN of an SNS topic",
    ),
    "alarms by name": (
        {"mail_forwarder_alarm_topic_arn": "operations"},
        "mail_forwarder_alarm_topic_arn: .*is not the ARN",
    ),
    "alarms two ways": (
        {
            "mail_forwarder_alarm_topic_arn": "arn:aws:sns:eu-west-1:111122223333:operations",
            "mail_forwarder_alarm_address": "jane@example.org",
        },
        "mail_forwarder_alarm_topic_arn, mail_forwarder_alarm_address: give one of them",
    ),
    "sender": ({"mail_forwarder_from_address": "aws@"}, "mail_forwarder_from_address: .* is not a plain email address"),
    "other identity": ({"mail_forwarder_identity": "example.org"}, "does not belong to the SES identity example.org"),
    "ending only": ({"mail_forwarder_identity": "s.example.com"}, "does not belong to the SES identity s.example.com"),
    "sender to itself": (
        {
            "mail_forwarder_from_address": "Cloud-Team@example.com",
            "mail_forwarder_admin_address": "cloud-team@EXAMPLE.com",
        },
        "mail_forwarder_admin_address: cloud-team@EXAMPLE.com is mail_forwarder_from_address",
    ),
    "long admin": (
        {"mail_forwarder_admin_address": f"a@{'b' * 62}.{'c' * 62}.{'d' * 62}.{'e' * 60}.com"},
        "mail_forwarder_admin_address: .* 254 characters at most",
    ),
    "two domains": ({"mail_forwarder_domain": f"{DOMAIN}\n{DOMAIN}"}, "mail_forwarder_domain: .* is not a domain"),
    "two admins": ({"mail_forwarder_admin_address": "a@example.org\nb@example.org"}, "is not a plain email address"),
    "two stacks": ({"mail_forwarder_stack_name": "forwarder\nb"}, "mail_forwarder_stack_name: "),
    "two tables": ({"mail_forwarder_map_table": "map\nb"}, "mail_forwarder_map_table: .* is not a table's name"),
    "two regions": ({"mail_forwarder_region": "eu-west-1\nb"}, "is not the name of an AWS region"),
    "tag": ({"mail_forwarder_tags": {"team": "R&D"}}, "mail_forwarder_tags: .*'R&D', holds '&'"),
    "line separator": ({"mail_forwarder_sender_name": "a\u2028b"}, "mail_forwarder_sender_name: .* cannot be"),
    "right to left": ({"mail_forwarder_sender_name": "a\u202eb"}, "mail_forwarder_sender_name: .* cannot be"),
    "two lines": (
        {"mail_forwarder_sender_name": "a\r\nBcc: b@example.org"},
        "mail_forwarder_sender_name: .* cannot be",
    ),
    "stack": ({"mail_forwarder_stack_name": "Mail_Forwarder"}, "mail_forwarder_stack_name: "),
    "long stack": ({"mail_forwarder_stack_name": "a" * 36}, "35 characters at most in eu-west-1"),
    "timeout": ({"mail_forwarder_timeout": 901}, "mail_forwarder_timeout: 901 is out of range; give 10 to 900"),
    "concurrency": ({"mail_forwarder_concurrency": 1}, "mail_forwarder_concurrency: 1 is out of range"),
    "tries": ({"mail_forwarder_tries": 4}, "mail_forwarder_tries: 4 is out of range; give 5 to 96"),
    "mail days": ({"mail_forwarder_mail_days": 28}, "mail_forwarder_mail_days: 28 is out of range; give 0, or 29 to"),
    "many mail days": ({"mail_forwarder_mail_days": 36501}, "mail_forwarder_mail_days: 36501 is out of range"),
    "record days": (
        {"mail_forwarder_record_days": 89},
        "mail_forwarder_record_days: 89 is out of range; give 90 to 3650: copies have to be known as sent",
    ),
    "log days": ({"mail_forwarder_log_days": 8}, "value of mail_forwarder_log_days must be one of"),
    "table": ({"mail_forwarder_map_table": "a b"}, "mail_forwarder_map_table: .* is not a table's name"),
    "region": ({"mail_forwarder_region": "Ireland"}, "Ireland is not the name of an AWS region"),
    "key by alias": (
        {"mail_forwarder_kms_key": "arn:aws:kms:eu-west-1:111122223333:alias/mail"},
        "mail_forwarder_kms_key: .* An alias does not do",
    ),
    "key elsewhere": (
        {"mail_forwarder_kms_key": "arn:aws:kms:us-east-1:111122223333:key/1234"},
        "mail_forwarder_kms_key: .* is neither create nor the ARN of a KMS key in eu-west-1",
    ),
    "session of a reader": (
        {"mail_forwarder_mail_readers": "arn:aws:sts::111122223333:assumed-role/mail/jane"},
        "mail_forwarder_mail_readers: .* give its role",
    ),
    "everybody reads": (
        {"mail_forwarder_mail_readers": ["arn:aws:iam::111122223333:role/*"]},
        "mail_forwarder_mail_readers: .* is not the ARN of an IAM role or user",
    ),
    "nobody and somebody": (
        {"mail_forwarder_mail_readers": ["nobody", "arn:aws:iam::111122223333:role/mail"]},
        'mail_forwarder_mail_readers: "nobody" is not the ARN',
    ),
    "boundary": (
        {"mail_forwarder_permissions_boundary": "mail"},
        "mail_forwarder_permissions_boundary: .* is not an ARN",
    ),
    "path": ({"mail_forwarder_role_path": "platform"}, "mail_forwarder_role_path: .* begins and ends with /"),
    "role of CloudFormation": (
        {"mail_forwarder_cloudformation_role_arn": "arn:aws:iam::111122223333:user/jane"},
        "mail_forwarder_cloudformation_role_arn: .* is not the ARN of an IAM role",
    ),
    "logs": (
        {"mail_forwarder_access_log_bucket": "Logs"},
        "mail_forwarder_access_log_bucket: .* is neither create nor",
    ),
    "archive": (
        {"mail_forwarder_archive_arn": "arn:aws:ses:us-east-1:111122223333:mailmanager-archive/a-1"},
        "mail_forwarder_archive_arn: .* is not an ARN of a Mail Manager archive in eu-west-1",
    ),
    "delivery": (
        {"mail_forwarder_max_delivery_seconds": 299},
        "mail_forwarder_max_delivery_seconds: 299 is out of range; give 0, or 300 to 50400",
    ),
    "two places": ({"mail_forwarder_rule_position": "first", "mail_forwarder_rule_after": "x"}, "give one of them"),
}


def attempt(name: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return a task that runs the role with these variables and keeps the message that it ends with."""
    role = {"name": "account_factory.email.mail_forwarder"}
    message = "{{ ansible_failed_result.results | default([]) | selectattr('failed', 'defined') | selectattr('failed')"
    message += " | map(attribute='msg') | first | default(ansible_failed_result.msg) }}"
    said = {"said": "{{ said | combine({'" + name + "': message}) }}"}
    return {
        "vars": {**FORWARDER, **variables},
        "block": [{"ansible.builtin.include_role": role}],
        "rescue": [{"vars": {"message": message}, "ansible.builtin.set_fact": said}],
    }


def test_what_cannot_work_is_refused_before_anything_is_asked_of_aws(tmp_path: Path) -> None:
    tasks: list[dict[str, Any]] = [{"ansible.builtin.set_fact": {"said": {}}}]
    tasks += [attempt(name, variables) for name, (variables, _says) in REFUSED.items()]
    tasks += [{"ansible.builtin.copy": {"dest": str(tmp_path / "said.json"), "content": "{{ said | to_json }}"}}]
    play = [{"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": tasks}]
    (tmp_path / "play.yml").write_text(json.dumps(play))
    # Nothing answers there, so whatever came as far as AWS would say something else.
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1", "ANSIBLE_HOME": str(tmp_path)}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(tmp_path / "play.yml")]
    ended = subprocess.run(command, env={**os.environ, **aws}, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    said = json.loads((tmp_path / "said.json").read_text())
    missed = {
        name: said.get(name) for name, (_variables, says) in REFUSED.items() if not re.search(says, said.get(name, ""))
    }
    assert not missed


@pytest.mark.parametrize("playbook", ["deploy", "teardown"])
def test_an_empty_region_is_that_of_the_environment(tmp_path: Path, playbook: str) -> None:
    log, empty = tmp_path / "ansible.log", {"aws_region": "", "mail_forwarder_region": ""}
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    with pytest.raises(PlaybookFailedError, match="mail_forwarder_region: no region is set"):
        run_playbook(playbook, {**FORWARDER, **empty}, aws, log)
    # It gets as far as AWS, which is not there.
    with pytest.raises(PlaybookFailedError, match="Could not connect to the endpoint URL"):
        run_playbook(playbook, {**FORWARDER, **empty}, {**aws, "AWS_REGION": "eu-west-1", "AWS_MAX_ATTEMPTS": "1"}, log)


def test_a_delete_flag_that_is_no_boolean_deletes_nothing(tmp_path: Path) -> None:
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1"}
    with pytest.raises(PlaybookFailedError, match="mail_forwarder_delete_map"):
        run_playbook("teardown", {"mail_forwarder_delete_map": "perhaps"}, aws, tmp_path / "ansible.log")
