# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two AWS accounts that a task may work in: the forwarder's and the organization's management account.

A task's own credentials are those of either. The other one is reached by a profile, by a role that is assumed, or by
both: a role that is assumed with the credentials of a profile.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID, TEXT_TYPE

FORWARDER, ORGANIZATION = "forwarder", "organization"

_ROLE_ARN = re.compile(rf"arn:[a-z-]+:iam::{ACCOUNT_ID.pattern}:role/[\w+=,.@/-]+", re.ASCII)
# AWS STS API Reference, AssumeRole, RoleSessionName: [\w+=,.@-]*, 2 to 64 characters.
_NOT_IN_SESSION_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)
_SESSION_NAME_MAX = 64
_STS = Service(
    remedies={
        "AccessDenied": (
            "Let the trust policy of the role name the caller, and allow the caller sts:AssumeRole on the role; if"
            " the trust policy asks for an external id, give it."
        )
    }
)
# What stands for "no credentials of the task's own".
_NOT_OWN = {
    "profile_name": None,
    "aws_access_key_id": None,
    "aws_secret_access_key": None,
    "aws_session_token": None,
}


def side_spec(side: str) -> dict[str, dict[str, Any]]:
    """Return the options that say how an account is reached in which the task's own credentials are not."""
    return {
        f"{side}_role_arn": {"type": TEXT_TYPE},
        f"{side}_profile": {"type": TEXT_TYPE},
        f"{side}_external_id": {"type": TEXT_TYPE},
    }


@cache
def client_maker(module: AnsibleAWSModule, side: str, default_role_arn: str | None = None) -> Callable[..., Any]:
    """Return what makes clients for one side, as the module's own ``client`` does; a role is assumed once.

    ``default_role_arn`` is the role that is assumed where neither a role nor a profile is given.
    Raises InputError for options that cannot work, AwsError where the role cannot be assumed. The credentials of
    a role are good for an hour.
    """
    role_arn, profile, external_id = (
        _given(module.params[f"{side}_{name}"]) for name in ("role_arn", "profile", "external_id")
    )
    role_arn = role_arn or (None if profile else default_role_arn)
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
    return with_credentials(module, credentials)


def with_credentials(module: AnsibleAWSModule, credentials: Mapping[str, str]) -> Callable[..., Any]:
    """Return what makes clients, as the module's own ``client`` does, with temporary credentials as STS gives them."""
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
    caller = _STS.call(f"assume {role_arn} as whoever has these credentials", sts.get_caller_identity)["Arn"]
    # The session is named after the caller, so that what it writes says who that was.
    name = _NOT_IN_SESSION_NAMES.sub("-", caller.rpartition("/")[2])[:_SESSION_NAME_MAX]
    options = {"ExternalId": external_id} if external_id is not None else {}
    answer = _STS.call(
        f"assume {role_arn} as {caller}", sts.assume_role, RoleArn=role_arn, RoleSessionName=name, **options
    )
    credentials: dict[str, str] = answer["Credentials"]
    return credentials
