# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two AWS accounts that a task may work in: the forwarder's and the organization's management account.

A task's own credentials are those of either. The other one is reached by a profile, by a role that is assumed, or by
both: a role that is assumed with the credentials of a profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    _AWS_ERRORS: tuple[type[Exception], ...] = ()
else:
    _AWS_ERRORS = (BotoCoreError, ClientError)

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID, TEXT_TYPE

FORWARDER, ORGANIZATION = "forwarder", "organization"

_ROLE_ARN = re.compile(rf"arn:[a-z-]+:iam::{ACCOUNT_ID.pattern}:role/[\w+=,.@/-]+", re.ASCII)
# AWS STS API Reference, AssumeRole, RoleSessionName: [\w+=,.@-]*, 2 to 64 characters.
_NOT_IN_SESSION_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)
_SESSION_NAME_MAX = 64
_REMEDY = (
    "Let the trust policy of the role name the caller, and allow the caller sts:AssumeRole on the role; if the trust"
    " policy asks for an external id, give it."
)
# What stands for "no credentials of the task's own".
_NOT_OWN = {
    "profile_name": None,
    "aws_access_key_id": None,
    "aws_secret_access_key": None,
    "aws_session_token": None,
}


class AssumeRoleError(AnsibleAWSError):
    """A role that could not be assumed."""

    @property
    def remedy(self) -> str:
        return _REMEDY


def side_spec(side: str) -> dict[str, dict[str, Any]]:
    """Return the options that say how an account is reached in which the task's own credentials are not."""
    return {
        f"{side}_role_arn": {"type": TEXT_TYPE},
        f"{side}_profile": {"type": TEXT_TYPE},
        f"{side}_external_id": {"type": TEXT_TYPE},
    }


@cache
def client_maker(module: AnsibleAWSModule, side: str) -> Callable[..., Any]:
    """Return what makes clients for one side, as the module's own ``client`` does; a role is assumed once.

    Raises InputError for options that cannot work, AssumeRoleError where the role cannot be assumed. The credentials of
    a role are good for an hour.
    """
    role_arn, profile, external_id = (
        _given(module.params[f"{side}_{name}"]) for name in ("role_arn", "profile", "external_id")
    )
    make = partial(module.client, **{**_NOT_OWN, "profile_name": profile}) if profile else module.client
    if role_arn is None:
        if external_id is not None:
            raise InputError(f"{side}_external_id: is for a role; give {side}_role_arn too, or omit it")
        return make
    if not _ROLE_ARN.fullmatch(role_arn):
        raise InputError(
            f"{side}_role_arn: {role_arn!r} is not the ARN of a role; it reads arn:aws:iam::123456789012:role/NAME"
        )
    credentials = _assume(new_client(make, "sts", region=module.region or "us-east-1"), role_arn, external_id)
    return partial(
        module.client,
        **{
            **_NOT_OWN,
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        },
    )


def _given(value: str | None) -> str | None:
    return (value or "").strip() or None


def _assume(sts: Any, role_arn: str, external_id: str | None) -> dict[str, str]:
    caller = "whoever has these credentials"
    try:
        caller = sts.get_caller_identity()["Arn"]
        # The session is named after the caller, so that what it writes says who that was.
        name = _NOT_IN_SESSION_NAMES.sub("-", caller.rpartition("/")[2])[:_SESSION_NAME_MAX]
        options = {"ExternalId": external_id} if external_id is not None else {}
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **options)
    except _AWS_ERRORS as error:
        raise AssumeRoleError(f"Failed to assume {role_arn} as {caller}", error) from error
    credentials: dict[str, str] = answer["Credentials"]
    return credentials
