# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's template: that CloudFormation would take it, what it permits to whom, and what of it is kept."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from cfnlint.api import lint
from cfnlint.decode import decode_str
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._dns_records.model import Identity, Wanted, Zone
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.planning import Situation, plan_domains
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import MAILBOX_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import GROUP_PREFIX
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    account_key,
    address_key,
    name_key,
    request_key,
    series_key,
)
from tests.map_table import create_delivery_table

ROLE = Path(__file__).parents[4] / "roles" / "mail_forwarder"
KEPT = {"Deliveries", "EventsLog", "FunctionLog", "Mail", "Map", "ReleaseLog", "ReplayLog"}
OPTIONAL = {"AccessLogs", "AccessLogsPolicy", "Key", "KeyAlias"}
DATA = {*KEPT, *OPTIONAL, "MailPolicy"}
# What reads and writes with the key, and reads with one of before; see statements().
WITH_KEY = {("CreatesKey", "kms:Decrypt"), ("CreatesKey", "kms:GenerateDataKey"), ("FormerKmsKeys", "kms:Decrypt")}
TABLE, GLOBAL_TABLE = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"
CALLERS, ORGANIZATION = ["arn:aws:iam::222222222222:role/terraform", "333333333333"], "o-exampleorgid"
TAGS = {"cost-center": "0042", "team": 'it\'s <blue> & "green"'}
# What a statement's resource may end with instead of a full name, and why: messages are named by SES, log streams by
# Lambda.
OPEN_ENDS = (
    "/mail/*",
    "/quarantine/*",
    "AccessLogs.Arn}/${MailBucket}/*",
    # By the condition on the From address: see test_it_sends_as_one_address_only.
    ":identity/*",
    # The mailboxes of owners, whichever they are; and what SES has no resource for.
    ":identity/*@*",
    '"*',
    # A stack's name is its own; what follows is an id, which whoever asks by the name does not know.
    ":stack/${AWS::StackName}/*",
    *(
        f":log-group:/aws/lambda/${{AWS::StackName}}{suffix}:*"
        for suffix in ("", "-events", "-release", "-replay", "-probe", "-vend", "-read", "-owner-sync")
    ),
)


def _of(
    suffix: str, queue: str | None, mail: set[tuple[str, str]], marks: str, deliveries: str
) -> set[tuple[str, str]]:
    """Return the whole of what one function may do: what all may, and what differs from one to another."""
    log, taking = f"log-group:/aws/lambda/${{AWS::StackName}}{suffix}:*", ("ChangeMessageVisibility", "DeleteMessage")
    return {
        *((queue, f"sqs:{action}") for action in (*taking, "GetQueueAttributes", "ReceiveMessage") if queue),
        *((f"s3:::${{MailBucket}}/{prefix}/*", f"s3:{action}") for prefix, action in mail),
        *(("table/${MapTable}", f"dynamodb:{action}") for action in ("BatchGetItem", "GetItem", *marks.split())),
        *(("table/${AWS::StackName}-deliveries", f"dynamodb:{action}") for action in deliveries.split()),
        *(
            (resource, action)
            for resource in ("identity/*", "configuration-set/${AWS::StackName}")
            for action in ("ses:SendEmail", "ses:SendRawEmail")
        ),
        (log, "logs:CreateLogStream"),
        (log, "logs:PutLogEvents"),
        *WITH_KEY,
    }


PERMITTED = {
    "FunctionRole": _of(
        "", "Queue", {("mail", "GetObject"), ("quarantine", "PutObject")}, "UpdateItem", "DeleteItem PutItem UpdateItem"
    ),
    "EventsRole": _of(
        "-events",
        "Events",
        # What was released and bounces is read where it was released from.
        {("mail", "GetObject"), ("quarantine", "GetObject")},
        "DeleteItem PutItem",
        "BatchGetItem DeleteItem GetItem PutItem UpdateItem",
    )
    | {("s3:::${MailBucket}", "s3:ListBucket")},
    "ReleaseRole": _of(
        "-release", None, {("quarantine", "GetObject")}, "UpdateItem", "DeleteItem GetItem PutItem UpdateItem"
    ),
}
# What brings dead letters back reads neither mail nor the map, and sends no mail.
PERMITTED["ReplayRole"] = {
    *(
        (queue, f"sqs:{action}")
        for queue in ("DeadLetters", "Undelivered", "EventsDeadLetters", "EventsUndelivered")
        for action in ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    ),
    *((queue, "sqs:SendMessage") for queue in ("Queue", "Events")),
    ("s3:::${MailBucket}", "s3:ListBucket"),
    *(("table/${AWS::StackName}-deliveries", f"dynamodb:{action}") for action in ("GetItem", "UpdateItem")),
    *(
        ("log-group:/aws/lambda/${AWS::StackName}-replay:*", f"logs:{action}")
        for action in ("CreateLogStream", "PutLogEvents")
    ),
    *WITH_KEY,
}
# What sends the probe reads nothing at all.
PERMITTED["ProbeRole"] = {
    *(("identity/*", action) for action in ("ses:SendEmail", "ses:SendRawEmail")),
    *(
        ("log-group:/aws/lambda/${AWS::StackName}-probe:*", f"logs:{action}")
        for action in ("CreateLogStream", "PutLogEvents")
    ),
}
# What vends for callers outside Ansible sends no mail and reads none.
PERMITTED |= {
    role: {
        *(("table/${MapTable}", f"dynamodb:{action}") for action in ("BatchGetItem", "GetItem", *actions)),
        *(
            (f"log-group:/aws/lambda/${{AWS::StackName}}{suffix}:*", f"logs:{action}")
            for action in ("CreateLogStream", "PutLogEvents")
        ),
        *WITH_KEY,
    }
    for role, suffix, actions in (
        ("VendRole", "-vend", ("ConditionCheckItem", "PutItem", "UpdateItem")),
        ("ReadRole", "-read", ("Scan",)),
    )
}
# What reads groups from the directory opens no mail and sends none.
PERMITTED["OwnerSyncRole"] = {
    *(("table/${MapTable}", f"dynamodb:{action}") for action in ("BatchGetItem", "PutItem", "Scan")),
    *(("*", f"identitystore:{action}") for action in ("DescribeGroup", "DescribeUser", "ListGroupMemberships")),
    *(("*", action) for action in ("identitystore:ListGroups", "identitystore:ListUsers", "sso:ListInstances")),
    *(
        ("log-group:/aws/lambda/${AWS::StackName}-owner-sync:*", f"logs:{action}")
        for action in ("CreateLogStream", "PutLogEvents")
    ),
    *WITH_KEY,
}
# The whole of what the organization's management account may do.
PERMITTED_TO_ORGANIZATION = {
    *(
        ("table/${MapTable}", f"dynamodb:{action}")
        for action in ("BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Scan", "UpdateItem")
    ),
    ("table/${AWS::StackName}-deliveries/index/by-address", "dynamodb:Query"),
    ("table/${AWS::StackName}-deliveries", "dynamodb:BatchGetItem"),
    ("stack/${AWS::StackName}/*", "cloudformation:DescribeStacks"),
    ("s3:::${MailBucket}", "s3:ListBucket"),
    ("s3:::${MailBucket}/mail/*", "s3:GetObject"),
    *(("identity/*@*", f"ses:{action}") for action in ("CreateEmailIdentity", "GetEmailIdentity", "TagResource")),
    *(("*", f"ses:{action}") for action in ("GetAccount", "ListEmailIdentities", "VerifyEmailIdentity")),
    *WITH_KEY,
}
# Who besides people of this account may do what, and on behalf of which resource of this account.
SERVICES = {
    ("MailPolicy", "ses.amazonaws.com", "s3:PutObject"): ["receipt-rule-set/*:receipt-rule/${AWS::StackName}"],
    ("ReceivedPolicy", "ses.amazonaws.com", "sns:Publish"): ["receipt-rule-set/*:receipt-rule/${AWS::StackName}"],
    ("QueuePolicy", "sns.amazonaws.com", "sqs:SendMessage"): ["Received"],
    ("UndeliveredPolicy", "sns.amazonaws.com", "sqs:SendMessage"): ["Received"],
    ("EventsUndeliveredPolicy", "sns.amazonaws.com", "sqs:SendMessage"): ["Sent"],
    ("SentPolicy", "ses.amazonaws.com", "sns:Publish"): ["configuration-set/${AWS::StackName}"],
    ("EventsPolicy", "sns.amazonaws.com", "sqs:SendMessage"): ["Sent"],
    ("AlarmsPolicy", "cloudwatch.amazonaws.com", "sns:Publish"): ["alarm:${AWS::StackName}-*"],
    ("AlarmsPolicy", "events.amazonaws.com", "sns:Publish"): ["rule/${AWS::StackName}-key"],
    ("AccessLogsPolicy", "logging.s3.amazonaws.com", "s3:PutObject"): ["s3:::${MailBucket}"],
    **{
        (role, "lambda.amazonaws.com", "sts:AssumeRole"): [
            f"function:${{AWS::StackName}}{suffix}",
            f"function:${{AWS::StackName}}{suffix}:*",
        ]
        for role, suffix in (
            ("FunctionRole", ""),
            ("EventsRole", "-events"),
            ("ReleaseRole", "-release"),
            ("ReplayRole", "-replay"),
            ("ProbeRole", "-probe"),
            ("VendRole", "-vend"),
            ("ReadRole", "-read"),
            ("OwnerSyncRole", "-owner-sync"),
        )
    },
}


# Two domains as they are planned: one whose identity the stack creates, one whose identity was there.
FRESH, THERE = "accounts.example.com", "payments.example.com"
ZONE = Zone("Z0123456789ABCDEFGHIJ", "example.com")
RECORDED = [
    plan.to_dict()
    for plan in plan_domains(
        Situation(
            (FRESH, THERE),
            Wanted("eu-west-1", "bounce", "v=DMARC1; p=reject"),
            {THERE: Identity(THERE, "SUCCESS", ("abc", "def", "ghi"), "dkim.example.net")},
            ZONE,
        )
    )
]


OWNER_SYNC = {
    "owner_sync_minutes": 15,
    "owner_sync_max_loss_percent": 50,
    "identity_store_id": "",
    "identity_center_region": "us-east-1",
    "identity_center_role_arn": "",
}


def rendered(
    map_goes: bool = False,
    mail_goes: bool = False,
    forwards: bool = True,
    map_type: str = GLOBAL_TABLE,
    recorded: Sequence[Mapping[str, Any]] = (),
    zone_role: str = "",
    probe_rate: str = "rate(1 hour)",
    vending: str = "url",
    **options: Any,
) -> str:
    """Return the template as Ansible's template lookup renders it; identities go where the mail does."""
    loader = FileSystemLoader(ROLE / "templates")
    jinja = Environment(loader=loader, trim_blocks=True, undefined=StrictUndefined, autoescape=False)
    return jinja.get_template("stack.yml.j2").render(
        {
            "__mail_forwarder_forwards": forwards,
            "__mail_forwarder_map_goes": map_goes,
            "__mail_forwarder_mail_goes": mail_goes,
            "__mail_forwarder_map_type": map_type,
            "__mail_forwarder_map_tags": TAGS,
            "__mail_forwarder_identity_goes": mail_goes,
            "__mail_forwarder_identities": [one for one in recorded if one["managed"]],
            "__mail_forwarder_recorded": recorded,
            "__mail_forwarder_stack_zone": "" if zone_role else ZONE.id,
            "__mail_forwarder_noted_zone": ZONE.id if zone_role else "",
            "__mail_forwarder": {
                **OWNER_SYNC,
                "hosted_zone_role_arn": zone_role,
                "probe_rate": probe_rate,
                "vending": vending,
                "vending_principals": [] if vending == "none" else CALLERS,
                "vending_organization_id": "" if vending == "none" else ORGANIZATION,
                **options,
            },
            "__mail_forwarder_probe_period": 3600 if probe_rate else 0,
            "__mail_forwarder_probe_domain": FRESH,
            "__mail_forwarder_sample_domain": FRESH,
        }
    )


def parsed(
    map_goes: bool = False,
    mail_goes: bool = False,
    forwards: bool = True,
    map_type: str = GLOBAL_TABLE,
    recorded: Sequence[Mapping[str, Any]] = (),
    probe_rate: str = "rate(1 hour)",
    vending: str = "url",
    **options: Any,
) -> dict[str, Any]:
    text = rendered(
        map_goes, mail_goes, forwards, map_type, recorded, probe_rate=probe_rate, vending=vending, **options
    )
    template, errors = decode_str(text)
    assert not errors
    assert template is not None
    return template


def name(value: Any) -> str:
    """Return the logical id that a value refers to, or the last part of the ARN that it makes."""
    if isinstance(value, str):
        return value
    (function, argument), *_unused = value.items()
    if function == "Fn::Sub":
        return str(argument.split("${AWS::AccountId}:")[-1].removeprefix("arn:${AWS::Partition}:"))
    return str(argument[0] if isinstance(argument, list) else argument.split(".")[0])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the statements of all policies of a resource, those in an Fn::If included."""
    properties = resource.get("Properties", {})
    documents = [properties.get("PolicyDocument"), properties.get("AssumeRolePolicyDocument")]
    documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    for document in filter(None, documents):
        for statement in document["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def all_statements() -> list[tuple[str, dict[str, Any]]]:
    return [(key, statement) for key, resource in parsed()["Resources"].items() for statement in statements(resource)]


@pytest.mark.parametrize("forwards", [True, False], ids=["all", "the data"])
@pytest.mark.parametrize("goes", [False, True], ids=["data kept", "data goes"])
def test_cloudformation_takes_the_template(forwards: bool, goes: bool) -> None:
    template = rendered(goes, goes, forwards, recorded=RECORDED)
    assert not [str(match) for match in lint(template, regions=["eu-west-1", "us-east-1"])]
    # Of TemplateURL and TemplateBody (AWS CloudFormation User Guide, quotas).
    assert len(template.encode()) <= (1_000_000 if forwards else 51_200)


def test_records_in_a_zone_of_another_account_are_noted_and_not_made() -> None:
    role = "arn:aws:iam::222222222222:role/dns"
    template = rendered(recorded=RECORDED, zone_role=role)
    assert not [str(match) for match in lint(template, regions=["eu-west-1"])]
    found, _errors = decode_str(template)
    assert found is not None
    assert "AWS::Route53::RecordSet" not in {resource["Type"] for resource in found["Resources"].values()}
    outputs = found["Outputs"]
    assert (outputs["HostedZoneId"]["Value"], outputs["HostedZoneRoleArn"]["Value"]) == (ZONE.id, role)
    fresh, there = (outputs[f"ZoneRecords{one['resource'][-12:]}"]["Value"]["Fn::Join"] for one in RECORDED)
    identity = RECORDED[0]["resource"]
    noted = [
        f"{record['name']} {record['type']} {record['values'][0]}"
        if record["values"]
        else {"Fn::Join": [" ", [_told_by(identity, "Name", key), "CNAME", _told_by(identity, "Value", key)]]}
        for record in RECORDED[0]["records"]
        for key in record["key"][-1]
    ]
    assert fresh == ["\n", noted]
    assert there[1][1] == f"abc._domainkey.{THERE} CNAME abc.dkim.example.net"


def _told_by(identity: str, part: str, number: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [identity, f"DkimDNSToken{part}{number}"]}


@pytest.mark.parametrize(
    ("logical_id", "permitted"),
    [
        *(pytest.param(role, permitted, id=role) for role, permitted in PERMITTED.items()),
        pytest.param("OrganizationRole", PERMITTED_TO_ORGANIZATION, id="the organization's management account"),
    ],
)
def test_a_role_may_do_this_and_no_more(logical_id: str, permitted: set[tuple[str, str]]) -> None:
    role = parsed()["Resources"][logical_id]["Properties"]
    assert "ManagedPolicyArns" not in role
    found = {
        (name(resource), action)
        for statement in statements({"Properties": {"Policies": role["Policies"]}})
        for resource in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert found == permitted


def test_it_sends_as_one_address_only() -> None:
    sending = {key: item for key, item in all_statements() if "ses:SendEmail" in listed(item["Action"])}
    assert PERMITTED.keys() - sending.keys() == {"ReplayRole", "VendRole", "ReadRole", "OwnerSyncRole"}
    assert sending.pop("ProbeRole")["Condition"] == {"StringEquals": {"ses:FromAddress": f"doctor@{FRESH}"}}
    for item in sending.values():
        assert item["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "FromAddress"}}}


def test_the_functions_of_mail_change_marks_in_the_map_and_what_vends_all_that_an_address_has() -> None:
    changing = {
        key: item
        for key, item in all_statements()
        if key in PERMITTED.keys() - {"OwnerSyncRole"}
        and name(listed(item.get("Resource", ""))[0]) == "table/${MapTable}"
        and not all("Get" in action or "Scan" in action for action in listed(item["Action"]))
    }
    assert PERMITTED.keys() - changing.keys() == {"ReplayRole", "ProbeRole", "ReadRole", "OwnerSyncRole"}
    kinds = [key("").partition("#")[0] for key in (account_key, address_key, name_key, request_key, series_key)]
    assert changing.pop("VendRole")["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{kind}#*" for kind in kinds]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    for item in changing.values():
        assert item["Condition"] == {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": f"{MAILBOX_PREFIX}*"},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }


def test_what_reads_groups_changes_nothing_in_the_map_but_them() -> None:
    of_role = [item for key, item in all_statements() if key == "OwnerSyncRole"]
    (changing,) = [item for item in of_role if item.get("Sid") == "WriteGroups"]
    assert changing["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": f"{GROUP_PREFIX}*"},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert listed(changing["Action"]) == ["dynamodb:PutItem"]


def test_identity_center_elsewhere_is_read_by_a_role_there_and_no_other_way() -> None:
    role = "arn:aws:iam::222222222222:role/read-identity-center"
    of_role = parsed(identity_center_role_arn=role)["Resources"]["OwnerSyncRole"]
    allowed = {(action, str(one.get("Resource"))) for one in statements(of_role) for action in listed(one["Action"])}
    assert ("sts:AssumeRole", str([role])) in allowed
    assert not [action for action, _resource in allowed if action.startswith(("identitystore:", "sso:"))]


def test_nothing_is_allowed_by_wildcard() -> None:
    allowed = [(key, item) for key, item in all_statements() if item["Effect"] == "Allow"]
    assert len(allowed) > len(SERVICES)
    for key, item in allowed:
        assert item.get("Principal") != "*", key
        for value in [*listed(item["Action"]), *map(json.dumps, listed(item.get("Resource", [])))]:
            assert "*" not in value or value.rstrip('"}').endswith(OPEN_ENDS), (key, value)


def test_each_service_is_bound_to_this_account_and_one_resource_of_it() -> None:
    found = {}
    for key, item in all_statements():
        if "Service" not in (item.get("Principal") or {}):
            continue
        conditions: dict[str, Any] = {}
        for operator, values in item["Condition"].items():
            assert operator in ("StringEquals", "ArnEquals", "ArnLike", "StringEqualsIfExists", "ArnLikeIfExists"), key
            conditions.update(values)
        assert conditions["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}, key
        sources = [name(source) for source in listed(conditions["aws:SourceArn"])]
        found[key, item["Principal"]["Service"], item["Action"]] = sources
    assert found == SERVICES


def test_people_of_other_accounts_are_let_in_by_one_role_and_by_name() -> None:
    let_in = [
        (key, item["Principal"], item["Action"])
        for key, item in all_statements()
        if item["Effect"] == "Allow" and "Service" not in (item.get("Principal") or {"Service": ""})
    ]
    assert let_in == [("OrganizationRole", {"AWS": {"Ref": "OrganizationPrincipals"}}, "sts:AssumeRole")]


def test_only_these_services_are_bound_where_they_say_so() -> None:
    """Where AWS does not document a key, a condition that needs it could stop all mail."""
    lenient = {
        (item["Principal"]["Service"], key.lower())
        for _key, item in all_statements()
        if "Service" in (item.get("Principal") or {})
        for operator, values in item["Condition"].items()
        if operator.endswith("IfExists")
        for key in values
    }
    assert lenient == {
        ("sns.amazonaws.com", "aws:sourceaccount"),
        ("events.amazonaws.com", "aws:sourceaccount"),
        ("events.amazonaws.com", "aws:sourcearn"),
        ("lambda.amazonaws.com", "aws:sourceaccount"),
        ("lambda.amazonaws.com", "aws:sourcearn"),
    }


def test_mail_travels_encrypted_and_is_never_public() -> None:
    resources = parsed()["Resources"]
    denied = [item for item in statements(resources["MailPolicy"]) if item["Effect"] == "Deny"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [item["Condition"] for item in denied]
    mail = resources["Mail"]["Properties"]
    assert set(mail["PublicAccessBlockConfiguration"].values()) == {True}
    assert mail["VersioningConfiguration"] == {"Status": "Enabled"}
    assert resources["ConfigurationSet"]["Properties"]["DeliveryOptions"]["TlsPolicy"] == {"Ref": "OutboundTls"}


def test_queues_and_topics_take_encrypted_requests_only() -> None:
    resources = parsed()["Resources"]
    of = {"AWS::SQS::Queue": ("Queues", "sqs:*"), "AWS::SNS::Topic": ("Topics", "sns:Publish")}
    expected = {key: of[item["Type"]][1] for key, item in resources.items() if item["Type"] in of}
    denied = {
        name(resource): statement["Action"]
        for item in resources.values()
        for resource in item["Properties"].get("Queues", item["Properties"].get("Topics", []))
        for statement in statements(item)
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert denied == expected


@pytest.mark.parametrize("forwards", [True, False], ids=["deployed", "torn down"])
def test_named_readers_alone_read_mail_and_nobody_is_locked_out_of_the_policy(forwards: bool) -> None:
    template = parsed(forwards=forwards)
    (item,) = [one for one in statements(template["Resources"]["MailPolicy"]) if one["Sid"] == "NamedReadersOnly"]
    assert (item["Effect"], item["Principal"], item["Action"]) == ("Deny", "*", "s3:GetObject*")
    assert item["Resource"] == {"Fn::Sub": "${Mail.Arn}/*"}, "of the objects, not of the bucket and its policy"
    (readers,) = item["Condition"]["StringNotLike"].values()
    if not forwards:
        assert readers == {"Ref": "MailReaders"}
        return
    named, *roles = readers["Fn::Split"][1]["Fn::Join"][1]
    assert named == {"Fn::Join": [",", {"Ref": "MailReaders"}]}
    organization = roles.pop()["Fn::If"]
    assert organization == ["ServesOrganization", {"Fn::GetAtt": ["OrganizationRole", "Arn"]}, {"Ref": "AWS::NoValue"}]
    reading = {role for role, permitted in PERMITTED.items() if "s3:GetObject" in {action for _on, action in permitted}}
    assert {name(role) for role in roles} == reading


def test_the_key_is_for_what_the_services_do_for_this_stack() -> None:
    resources = parsed()["Resources"]
    key = resources["Key"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert (key["Properties"]["EnableKeyRotation"], key["Properties"]["PendingWindowInDays"]) == (True, 30)
    policies_of_this_account, *services = key["Properties"]["KeyPolicy"]["Statement"]
    assert policies_of_this_account["Principal"] == {
        "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    }
    bound = {
        json.dumps(item["Principal"]["Service"]): [
            name(source)
            for operator, values in item["Condition"].items()
            if operator.startswith("Arn")
            for sources in values.values()
            for source in listed(sources)
        ]
        for item in services
    }
    assert bound == {
        '"ses.amazonaws.com"': [
            "receipt-rule-set/*:receipt-rule/${AWS::StackName}",
            "configuration-set/${AWS::StackName}",
        ],
        '"sns.amazonaws.com"': ["${AWS::StackName}-*"],
        '{"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}': ["log-group:/aws/lambda/${AWS::StackName}*"],
    }
    for item in services:
        assert {"kms:CreateGrant", "kms:*"}.isdisjoint(item["Action"])


def _of_if(value: Any, name: str) -> Any:
    """Return a member of what is there under a condition, as if the condition were the member's."""
    condition, there, otherwise = value["Fn::If"]
    assert list(there) == [name]
    return {"Fn::If": [condition, there[name], otherwise]}


ENCRYPTED = {
    "AWS::DynamoDB::Table": lambda one: one["SSESpecification"]["KMSMasterKeyId"],
    "AWS::DynamoDB::GlobalTable": lambda one: _of_if(one["Replicas"][0]["SSESpecification"], "KMSMasterKeyId"),
    "AWS::Lambda::Function": lambda one: one["KmsKeyArn"],
    "AWS::Logs::LogGroup": lambda one: one["KmsKeyId"],
    "AWS::S3::Bucket": lambda one: one["BucketEncryption"]["ServerSideEncryptionConfiguration"][0][
        "ServerSideEncryptionByDefault"
    ]["KMSMasterKeyID"],
    "AWS::SNS::Topic": lambda one: one["KmsMasterKeyId"],
    "AWS::SQS::Queue": lambda one: one["KmsMasterKeyId"],
}
# Alarms tell that the key is gone, and S3 delivers no access logs to a bucket with a key of the customer's.
# The function that sends the probe is told a domain and nobody's mailbox.
NOT_ENCRYPTED = {"AccessLogs", "Alarms", "ProbeFunction"}


def test_the_key_encrypts_all_that_holds_mail_or_owners() -> None:
    key = {"Fn::If": ["CreatesKey", {"Fn::GetAtt": ["Key", "Arn"]}, {"Ref": "KmsKey"}]}
    for logical_id, item in parsed()["Resources"].items():
        if item["Type"] in ENCRYPTED and logical_id not in NOT_ENCRYPTED:
            with_key = ENCRYPTED[item["Type"]](item["Properties"])
            assert with_key == {"Fn::If": ["Encrypts", key, {"Ref": "AWS::NoValue"}]}, logical_id


def test_each_role_has_the_boundary_and_the_path() -> None:
    roles = [item["Properties"] for item in parsed()["Resources"].values() if item["Type"] == "AWS::IAM::Role"]
    assert len(roles) == len(PERMITTED) + 1
    for role in roles:
        assert role["Path"] == {"Fn::If": ["HasRolePath", {"Ref": "RolePath"}, {"Ref": "AWS::NoValue"}]}
        assert role["PermissionsBoundary"] == {
            "Fn::If": ["Bounded", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]
        }


def test_all_but_the_data_goes_when_forwarding_ends() -> None:
    resources, data = parsed()["Resources"], parsed(forwards=False)["Resources"]
    assert set(data) == DATA
    conditions = {key: item["Condition"] for key, item in data.items()}
    assert {conditions[key] for key in DATA - OPTIONAL} == {"KeepsMail", "KeepsMap"}
    assert {item.get("Condition") for key, item in resources.items() if key not in DATA} == {
        None,
        "Encrypts",
        "MailsAlarms",
        "ServesOrganization",
    }
    # The bucket's policy no longer lets SES write.
    assert {key for key in DATA if data[key] != resources[key]} == {"MailPolicy"}


@pytest.mark.parametrize("map_goes", [False, True], ids=["map kept", "map goes"])
@pytest.mark.parametrize("mail_goes", [False, True], ids=["mail kept", "mail goes"])
def test_the_data_outlives_the_stack_unless_it_is_to_go(map_goes: bool, mail_goes: bool) -> None:
    resources = parsed(map_goes, mail_goes)["Resources"]
    policies = {key: resources[key]["DeletionPolicy"] for key in KEPT}
    # Mail cannot be deleted with the stack: a bucket has to be emptied before.
    of_mail = "Delete" if mail_goes else "RetainExceptOnCreate"
    assert policies == {
        **dict.fromkeys(KEPT, of_mail),
        "Mail": "RetainExceptOnCreate",
        "Map": "Delete" if map_goes else "RetainExceptOnCreate",
    }
    assert {resources[key]["UpdateReplacePolicy"] for key in policies} == {"Retain"}


@pytest.mark.parametrize("forwards", [False, True], ids=["data", "all"])
@pytest.mark.parametrize("map_type", [TABLE, GLOBAL_TABLE])
def test_the_map_is_protected_whichever_type_it_has(map_type: str, forwards: bool) -> None:
    """A stack of an earlier release keeps its Table: CloudFormation does not turn one into a GlobalTable."""
    assert not lint(rendered(forwards=forwards, map_type=map_type), regions=["eu-west-1", "us-east-1"])
    resource = parsed(forwards=forwards, map_type=map_type)["Resources"]["Map"]
    assert resource["Type"] == map_type
    properties = resource["Properties"]
    if map_type == GLOBAL_TABLE:
        (settings,) = properties["Replicas"]
        assert settings["Region"] == {"Ref": "AWS::Region"}
        assert {tag["Key"]: tag["Value"] for tag in settings["Tags"]} == TAGS
    else:
        settings = properties
    assert settings["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert settings["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    assert properties["SSESpecification"]["SSEEnabled"] is True


def test_a_teardown_after_a_teardown_changes_more_than_the_deletion_policy_of_the_record() -> None:
    """CloudFormation does not update a deletion policy alone, but metadata (User Guide, troubleshooting)."""
    kept, goes = (parsed(mail_goes=goes)["Resources"]["Deliveries"] for goes in (False, True))
    assert kept["Metadata"] != goes["Metadata"]
    assert kept["Properties"] == goes["Properties"]


def test_the_record_has_the_indexes_that_tests_and_modules_know() -> None:
    properties = parsed()["Resources"]["Deliveries"]["Properties"]
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_delivery_table(dynamodb, "deliveries")
        made = dynamodb.describe_table(TableName="deliveries")["Table"]
    for part in ("KeySchema", "AttributeDefinitions"):
        assert properties[part] == made[part]
    indexes = [
        {name: one[name] for name in properties["GlobalSecondaryIndexes"][0]} for one in made["GlobalSecondaryIndexes"]
    ]
    assert properties["GlobalSecondaryIndexes"] == indexes


def test_a_rule_and_nobody_else_calls_the_function_that_sends_the_probe() -> None:
    resources = parsed()["Resources"]
    function, rule = resources["ProbeFunction"]["Properties"], resources["ProbeSchedule"]["Properties"]
    assert callable(importlib.import_module("forwarder.handler").handle_probe)
    assert function["Handler"] == "forwarder.handler.handle_probe"
    assert function["Environment"]["Variables"]["PROBE_DOMAIN"] == FRESH
    assert (rule["ScheduleExpression"], len(rule["Targets"])) == ("rate(1 hour)", 1)
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["ProbeFunction", "Arn"]}
    permission = resources["ProbePermission"]["Properties"]
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["ProbeSchedule", "Arn"]}
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_a_rule_and_nobody_else_calls_the_function_that_reads_groups() -> None:
    resources = parsed()["Resources"]
    function, rule = resources["OwnerSyncFunction"]["Properties"], resources["OwnerSyncSchedule"]["Properties"]
    assert function["Handler"] == "forwarder.owner_sync.handle"
    assert callable(importlib.import_module("forwarder.owner_sync").handle)
    assert (rule["ScheduleExpression"], len(rule["Targets"])) == ("rate(15 minutes)", 1)
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["OwnerSyncFunction", "Arn"]}
    permission = resources["OwnerSyncPermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["OwnerSyncSchedule", "Arn"]}
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_without_minutes_there_is_nothing_that_reads_groups_and_all_else_is_as_it_was() -> None:
    without, everything = parsed(owner_sync_minutes=0), parsed()
    of_sync = everything["Resources"].keys() - without["Resources"].keys()
    parts = ("SyncAlarm", "GroupsAlarm", "SyncFunction", "SyncLog", "SyncPermission", "SyncRole", "SyncSchedule")
    assert of_sync == {f"Owner{part}" for part in parts}
    assert {key for key, item in without["Resources"].items() if item != everything["Resources"][key]} == {"Dashboard"}


def test_without_a_rate_there_is_nothing_of_the_probe_and_all_else_is_as_it_was() -> None:
    without, everything = parsed(probe_rate=""), parsed()
    of_probe = everything["Resources"].keys() - without["Resources"].keys()
    assert of_probe == {f"Probe{part}" for part in ("Alarm", "Function", "Log", "Permission", "Role", "Schedule")}
    changed = {key for key, item in without["Resources"].items() if item != everything["Resources"][key]}
    assert changed == {"Dashboard"}
    assert not [str(match) for match in lint(rendered(probe_rate=""), regions=["eu-west-1"])]


def test_without_vending_there_is_nothing_of_it_and_all_else_is_as_it_was() -> None:
    without, everything = parsed(vending="none"), parsed()
    of_vending = everything["Resources"].keys() - without["Resources"].keys()
    assert of_vending == {
        "VendAlarm",
        *(f"{kind}{part}" for kind in ("Vend", "Read") for part in ("Function", "Log", "Role", "Url")),
        *(
            f"{kind}{url}Caller{who}"
            for kind in ("Vend", "Read")
            for url in ("", "Url")
            for who in ("1", "2", "Organization")
        ),
    }
    changed = {key for key, item in without["Resources"].items() if item != everything["Resources"][key]}
    assert changed == {"Dashboard"}
    for vending in ("none", "lambda"):
        assert not [str(match) for match in lint(rendered(vending=vending), regions=["eu-west-1"])]


@pytest.mark.parametrize("kind", ["Vend", "Read"])
@pytest.mark.parametrize("vending", ["lambda", "url"])
def test_who_may_call_what_vends(vending: str, kind: str) -> None:
    template = parsed(vending=vending)
    resources = template["Resources"]
    function = resources[f"{kind}Function"]["Properties"]
    assert callable(getattr(importlib.import_module("forwarder.vending"), f"handle_{kind.lower()}"))
    assert function["Handler"] == f"forwarder.vending.handle_{kind.lower()}"
    assert function["Environment"]["Variables"]["HAS_URL"] == ("true" if vending == "url" else "false")
    permissions = [
        {name: value for name, value in item["Properties"].items() if name != "FunctionName"}
        for item in resources.values()
        if item["Type"] == "AWS::Lambda::Permission"
        and item["Properties"]["FunctionName"] == {"Ref": f"{kind}Function"}
    ]
    callers: list[dict[str, Any]] = [
        *({"Principal": caller} for caller in CALLERS),
        {"Principal": "*", "PrincipalOrgID": ORGANIZATION},
    ]
    invoke: dict[str, Any] = {"Action": "lambda:InvokeFunction"}
    call = {"Action": "lambda:InvokeFunctionUrl"}
    expected = {
        "lambda": [invoke],
        # Whoever could invoke it as well could say to be somebody else: see the template.
        "url": [{**call, "FunctionUrlAuthType": "AWS_IAM"}, {**invoke, "InvokedViaFunctionUrl": True}],
    }[vending]
    assert permissions == [{**caller, **one} for caller in callers for one in expected]
    urls = [item["Properties"]["AuthType"] for item in resources.values() if item["Type"] == "AWS::Lambda::Url"]
    assert urls == (["AWS_IAM"] * 2 if vending == "url" else [])
    assert (f"{kind}Url" in template["Outputs"]) is (vending == "url")


@pytest.mark.parametrize(
    ("function", "entry", "queue"),
    [
        ("Function", "handle", ["QUEUE_URL"]),
        ("EventsFunction", "handle_events", ["QUEUE_URL"]),
        ("ReleaseFunction", "handle_release", []),
        ("ReplayFunction", "handle_replay", ["DEAD_LETTER_QUEUES"]),
    ],
)
def test_each_function_has_its_entry_point_and_the_settings(function: str, entry: str, queue: list[str]) -> None:
    properties = parsed()["Resources"][function]["Properties"]
    module, _dot, called = properties["Handler"].rpartition(".")
    assert (called, properties["Runtime"]) == (entry, "python3.13")
    assert callable(getattr(importlib.import_module(module), called))
    powertools = [f"POWERTOOLS_{one}" for one in ("LOG_LEVEL", "METRICS_NAMESPACE", "SERVICE_NAME")]
    assert sorted(properties["Environment"]["Variables"]) == sorted([*powertools, *queue, "SETTINGS"])


def test_dead_letters_go_back_to_the_queue_whose_they_are() -> None:
    (routes,) = parsed()["Resources"]["ReplayFunction"]["Properties"]["Environment"]["Variables"][
        "DEAD_LETTER_QUEUES"
    ].values()
    assert json.loads(routes) == {
        "${DeadLetters}": "${Queue}",
        "${Undelivered}": "${Queue}",
        "${EventsDeadLetters}": "${Events}",
        "${EventsUndelivered}": "${Events}",
    }


# Those of the first release, that a teardown passes on.
PARAMETERS_BEFORE = {"KeepMap", "KeepMail", "Protection", "MapTable", "MailBucket", "MailDays"}


def test_a_stack_of_an_earlier_release_can_be_taken_away() -> None:
    """A teardown gives the parameters that the stack has: those that came later need a default."""
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    parameters = parsed(forwards=False)["Parameters"]
    assert set(variables["__mail_forwarder_data_parameters"]) == set(parameters)
    assert {name for name, parameter in parameters.items() if "Default" not in parameter} <= PARAMETERS_BEFORE
    given = re.findall(r"template_parameters: >-\n *{{ (\w+)", (ROLE / "tasks" / "stack_absent.yml").read_text())
    assert set(given) == {"__mail_forwarder_parameters_left"}


@pytest.mark.parametrize(
    ("option", "reasons"),
    [("all", "BOUNCE,COMPLAINT"), ("complaints", "COMPLAINT"), ("none", "")],
)
def test_the_suppression_list_is_honoured_as_asked(option: str, reasons: str) -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert option in specs["mail_forwarder_suppression"]["choices"]
    text = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__mail_forwarder_stack_parameters"]
    jinja = Environment(autoescape=False).from_string(text["SuppressedReasons"])
    assert jinja.render(__mail_forwarder={"suppression": option}) == reasons
    template = parsed()
    suppression = template["Resources"]["ConfigurationSet"]["Properties"]["SuppressionOptions"]
    assert suppression["SuppressedReasons"] == {"Fn::If": ["Suppresses", {"Ref": "SuppressedReasons"}, []]}
    assert suppression["ValidationOptions"] == {"ConditionThreshold": {"ConditionThresholdEnabled": "DISABLED"}}
    assert template["Conditions"]["Suppresses"] == {
        "Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "SuppressedReasons"}]}, ""]}]
    }


def test_the_role_gives_every_parameter() -> None:
    given = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__mail_forwarder_stack_parameters"]
    assert set(given) == set(parsed()["Parameters"])


def test_the_poller_takes_one_mail_at_a_time_and_no_more_copies_than_told() -> None:
    source = parsed()["Resources"]["FunctionSource"]["Properties"]
    assert source["BatchSize"] == 1
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "Concurrency"}}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_dead_letters_have_one_source_each() -> None:
    """A redrive is documented for what came from a queue, not from a topic (Amazon SQS API Reference,
    StartMessageMoveTask)."""
    resources = parsed()["Resources"]
    sources: dict[str, list[str]] = {}
    for key, item in resources.items():
        if policy := item.get("Properties", {}).get("RedrivePolicy"):
            sources.setdefault(name(policy["deadLetterTargetArn"]), []).append(key)
    assert sources["DeadLetters"] == ["Queue"]
    assert sources["Undelivered"] == ["Subscription"]
    assert {len(keys) for keys in sources.values()} == {1}
    for queue in sources:
        assert resources[queue]["Properties"]["MessageRetentionPeriod"] == 14 * 86400


def test_mail_outlives_its_notice_redriven_once() -> None:
    """A redrive makes a notice new (Amazon SQS Developer Guide, dead-letter queue redrive)."""
    retention = parsed()["Resources"]["DeadLetters"]["Properties"]["MessageRetentionPeriod"]
    tasks = yaml.safe_load((ROLE / "tasks" / "validate.yml").read_text())
    (check,) = [task["ansible.builtin.assert"]["that"] for task in tasks if task["name"].endswith("mail is kept")]
    days = Environment(autoescape=False).compile_expression(check)
    assert [day for day in range(60) if days(__mail_forwarder={"mail_days": day})][:2] == [
        0,
        2 * retention // 86400 + 1,
    ]


def test_outputs_are_those_that_the_role_reads() -> None:
    read = re.findall(r"__outputs\.(\w+)", (ROLE / "tasks" / "report.yml").read_text())
    kept = re.findall(r"__mail_forwarder_outputs_before\.(\w+)", (ROLE / "vars" / "main.yml").read_text())
    # The last is read by module_utils/_stack.py.
    assert set(parsed()["Outputs"]) == {*read, *kept, "ProbeFunctionName"}
    assert set(parsed(forwards=False)["Outputs"]) == set(kept)


def _identity_resources(forwards: bool = True, goes: bool = False) -> dict[str, Any]:
    resources = parsed(mail_goes=goes, forwards=forwards, recorded=RECORDED)["Resources"]
    return {
        key: item for key, item in resources.items() if item["Type"].startswith(("AWS::Route53", "AWS::SES::Email"))
    }


def test_the_records_of_dkim_are_what_ses_says_of_the_identity() -> None:
    resources = _identity_resources()
    (identity,) = (key for key, item in resources.items() if item["Type"] == "AWS::SES::EmailIdentity")
    records = {
        (json.dumps(item["Properties"]["Name"]), item["Properties"]["Type"]): item["Properties"]["ResourceRecords"]
        for item in resources.values()
        if item["Type"] == "AWS::Route53::RecordSet"
    }
    for number in (1, 2, 3):
        name, value = ({"Fn::GetAtt": [identity, f"DkimDNSToken{kind}{number}"]} for kind in ("Name", "Value"))
        assert records.pop((json.dumps(name), "CNAME")) == [value]
    inbound = ["10 inbound-smtp.eu-west-1.amazonaws.com"]
    assert records == {
        **{
            (f'"{token}._domainkey.{THERE}"', "CNAME"): [f"{token}.dkim.example.net"] for token in ("abc", "def", "ghi")
        },
        **{(f'"{domain}"', "MX"): inbound for domain in (FRESH, THERE)},
        (f'"bounce.{FRESH}"', "MX"): ["10 feedback-smtp.eu-west-1.amazonses.com"],
        (f'"bounce.{FRESH}"', "TXT"): ['"v=spf1 include:amazonses.com ~all"'],
        (f'"_dmarc.{FRESH}"', "TXT"): ['"v=DMARC1; p=reject"'],
    }


def test_an_identity_stays_and_its_records_go_with_the_forwarder() -> None:
    (identity,) = _identity_resources(forwards=False).values()
    assert identity["Properties"]["EmailIdentity"] == FRESH
    assert identity["DeletionPolicy"] == "RetainExceptOnCreate"
    (going,) = _identity_resources(forwards=False, goes=True).values()
    assert going["DeletionPolicy"] == "Delete"
    # Without a change of something else, CloudFormation takes no note of it.
    assert going["Metadata"] != identity["Metadata"]


def test_ses_sends_with_its_own_mail_from_domain_while_ours_is_not_right() -> None:
    (identity,) = (item for item in _identity_resources().values() if item["Type"] == "AWS::SES::EmailIdentity")
    assert identity["Properties"]["MailFromAttributes"] == {
        "MailFromDomain": f"bounce.{FRESH}",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    }
