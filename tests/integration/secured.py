# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a security team asks of a forwarder, as the role's variables; what they rest on; and who reads mail then."""

from __future__ import annotations

import json
from typing import Any

import boto3

from tests.local_aws import LocalAws

ACCOUNT, MANAGEMENT, REGION = "111122223333", "222222222222", "eu-west-1"
READER, KEYLESS = "mail-reader", "mail-reader-without-keys"
SECURITY = {
    "mail_forwarder_kms_key": "create",
    "mail_forwarder_mail_readers": [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in (READER, KEYLESS)],
    "mail_forwarder_access_log_bucket": "create",
    "mail_forwarder_permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/forwarder-boundary",
    "mail_forwarder_role_path": "/platform/",
    "mail_forwarder_cloudformation_role_arn": f"arn:aws:iam::{ACCOUNT}:role/forwarder-stack",
    "mail_forwarder_organization_principals": [MANAGEMENT],
    "mail_forwarder_tls_policy": "Require",
    "mail_forwarder_outbound_tls_policy": "Require",
    # Once a day, so that none is sent while a test looks.
    "mail_forwarder_probe_rate": "rate(1 day)",
    "mail_forwarder_owner_sync_minutes": 1440,
    "mail_forwarder_vending": "lambda",
}
READS_MAIL = ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"]
USES_KEYS = ["kms:Decrypt", "kms:GenerateDataKey"]
_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def prepare(aws: LocalAws) -> None:
    """Make what the variables name and an organization has beforehand."""
    iam = aws.client("iam")
    iam.create_policy(PolicyName="forwarder-boundary", PolicyDocument=policy([_ALL]))
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="forwarder-stack", AssumeRolePolicyDocument=policy([trust]))
    iam.put_role_policy(RoleName="forwarder-stack", PolicyName="all", PolicyDocument=policy([_ALL]))


def policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def assume(aws: LocalAws, name: str, actions: list[str]) -> boto3.session.Session:
    """Make a role that may do the actions with everything, and return a session of it."""
    iam, trusted = aws.client("iam"), {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trust = policy([{**trusted, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}])
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy([allowed]))
    return session_of(aws, arn)


def session_of(aws: LocalAws, role_arn: str, account_id: str = ACCOUNT) -> boto3.session.Session:
    """Return a session of a role, assumed by the root of an account that it trusts."""
    given = aws.client("sts", account_id).assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return boto3.session.Session(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=REGION
    )
