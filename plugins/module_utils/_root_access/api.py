# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls about root users: a session of one, and in it its credentials. Errors arrive as AwsError.

In a session of a root user, IAM is asked without a user name: it is about the caller's own credentials.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import Credential, RootCredentials

# AssumeRoot, DurationSeconds: 900 at most. What is done in a session takes seconds.
_SESSION_SECONDS = 900
_STS = Service(
    retried=("Throttling", "ThrottlingException"),
    remedies={
        "AccessDenied": (
            "AWS does not say which it is: the credentials have to be those of a role or user, not of a root user, in"
            " the organization's management account or a delegated administrator for IAM, with sts:AssumeRoot on"
            " arn:aws:iam::*:root; the account has to be an active member account, and no service control policy may"
            " deny it to its root user; and root access has to be centralized: aws organizations"
            " enable-aws-service-access --service-principal iam.amazonaws.com && aws iam"
            " enable-organizations-root-credentials-management"
        )
    },
)
_IAM = Service(
    retried=("ConcurrentModification", "EntityTemporarilyUnmodifiable", "ServiceFailure", "Throttling"),
    remedies={
        "AccessDenied": (
            "A root session of the task may do this, so that a service control policy denies it: exempt sessions that"
            " have aws:AssumedRoot in their context"
        )
    },
)
_NOT_THERE = "NoSuchEntity"
_THERE_ALREADY = "EntityAlreadyExists"


def assume_root(sts: Any, account_id: str, task: str) -> dict[str, str]:
    """Return credentials of the account's root user that may do the task of a task policy, and nothing else."""
    operation = getattr(sts, "assume_root", None)
    if operation is None:
        raise TaskError("botocore is older than 1.35.61, which is the first that knows sts:AssumeRoot; update it")
    answer = _STS.call(
        f"take a session of the root user of account {account_id} ({task})",
        operation,
        TargetPrincipal=account_id,
        TaskPolicyArn={"arn": f"arn:{sts.meta.partition}:iam::aws:policy/root-task/{task}"},
        DurationSeconds=_SESSION_SECONDS,
    )
    credentials: dict[str, str] = answer["Credentials"]
    return credentials


def read_credentials(iam: Any, account_id: str) -> RootCredentials:
    """Return the credentials of the root user whose session it is."""

    def listed(operation: Callable[..., Any], key: str, name: str, time: str) -> tuple[Credential, ...]:
        found, start = [], dict[str, str]()
        while True:
            page = _IAM.call(f"list credentials of the root user of account {account_id}", operation, **start)
            found += [Credential(one[name], utc_text(one[time])) for one in page[key]]
            if not page.get("IsTruncated"):
                return tuple(sorted(found, key=lambda one: one.id))
            start = {"Marker": page["Marker"]}

    return RootCredentials(
        account_id,
        _password_created_at(iam, account_id),
        listed(iam.list_access_keys, "AccessKeyMetadata", "AccessKeyId", "CreateDate"),
        listed(iam.list_mfa_devices, "MFADevices", "SerialNumber", "EnableDate"),
        listed(iam.list_signing_certificates, "Certificates", "CertificateId", "UploadDate"),
    )


def _password_created_at(iam: Any, account_id: str) -> str | None:
    try:
        answer = _IAM.call(f"look for a password of the root user of account {account_id}", iam.get_login_profile)
    except error_with_code(_NOT_THERE):
        return None
    return utc_text(answer["LoginProfile"]["CreateDate"])


def allow_recovery(iam: Any, account_id: str) -> str:
    """Let whoever reads the root user's mailbox set a password; return since when that is so.

    It is a login profile without a password. That this is the call behind "Allow password recovery" is what the task
    policy IAMCreateRootUserPassword says, which allows it and nothing else that writes; not verified on AWS.
    """
    try:
        answer = _IAM.call(f"allow the root user of account {account_id} to recover", iam.create_login_profile)
    except error_with_code(_THERE_ALREADY):
        # A call that was made twice, since its first answer did not arrive.
        answer = _IAM.call(f"look for a password of the root user of account {account_id}", iam.get_login_profile)
    return utc_text(answer["LoginProfile"]["CreateDate"])


def delete_credentials(iam: Any, credentials: RootCredentials) -> None:
    """Delete all of the credentials; those that are gone already are passed over."""
    whose = f"of the root user of account {credentials.account_id}"
    # The password first: with the mailbox it is the way to all others.
    if credentials.has_password:
        _delete(f"delete the password {whose}", iam.delete_login_profile)
    for key in credentials.access_keys:
        _delete(f"delete the access key {key.id} {whose}", iam.delete_access_key, AccessKeyId=key.id)
    for one in credentials.signing_certificates:
        _delete(f"delete the certificate {one.id} {whose}", iam.delete_signing_certificate, CertificateId=one.id)
    for device in credentials.mfa_devices:
        _delete(f"deactivate the MFA device {device.id} {whose}", iam.deactivate_mfa_device, SerialNumber=device.id)


def _delete(what: str, operation: Callable[..., Any], **parameters: str) -> None:
    try:
        _IAM.call(what, operation, **parameters)
    except error_with_code(_NOT_THERE):
        return
