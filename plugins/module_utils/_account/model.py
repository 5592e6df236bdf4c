# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The primary email of an account, its root user's address: what may be asked for, and what it comes to.

Pure, standard library only. Source: AWS Account Management API Reference, StartPrimaryEmailUpdate and
AcceptPrimaryEmailUpdate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import (
    AddressError,
    check_account_email,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import checked_account_id

# AWS Account Management API Reference, GetPrimaryEmailUpdateStatus.
PENDING = "PENDING"
ACCEPTED = "ACCEPTED"
COMPLETED = "COMPLETED"
FAILED = "FAILED"

_OTP = re.compile(r"[a-zA-Z0-9]{6}")


@dataclass(frozen=True)
class MailPlace:
    """Where SES puts the mail that arrives: a bucket, and what the keys of its objects begin with.

    ``delivery_table`` is the forwarder's table that tells which mail came for whom, None where there is none.
    """

    bucket: str
    prefix: str
    delivery_table: str | None = None


@dataclass(frozen=True)
class Wanted:
    """An account's email as asked for. The code is given, or read from the mail, or else left to a later run."""

    account_id: str
    email: str
    otp: str | None
    mail: MailPlace | None
    timeout: int

    @property
    def is_confirmed(self) -> bool:
        """Tell whether this run gives AWS the code."""
        return self.otp is not None or self.mail is not None


@dataclass(frozen=True)
class PrimaryEmail:
    """The email that an account has; the status is that of the update asked for, None if there was none yet."""

    account_id: str
    email: str
    status: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as modules show it."""
        return {"account_id": self.account_id, "email": self.email, "status": self.status}


def wanted_email(params: Mapping[str, Any]) -> Wanted:
    """Return what a task asks for, its limits checked; no error repeats the code."""
    account_id = checked_account_id("account_id", params["account_id"])
    try:
        email = check_account_email(params["email"])
    except AddressError as error:
        raise InputError(f"email: {error}") from error
    otp, bucket = params["otp"], params["mail_bucket"]
    if otp is not None and not _OTP.fullmatch(otp):
        raise InputError("otp: is not a code of AWS's, which has 6 ASCII letters and digits; give it as it was mailed")
    if bucket is not None and not bucket.strip():
        raise InputError("mail_bucket: is empty; name the bucket that SES puts the mail in, or leave it away")
    if params["wait_timeout"] < 1:
        raise InputError("wait_timeout: must be at least 1 second")
    return Wanted(account_id, email, otp, mail_place(params), params["wait_timeout"])


def mail_place(params: Mapping[str, Any]) -> MailPlace | None:
    """Return where a task says that the mail arrives, None where it does not say."""
    bucket, table = ((params[name] or "").strip() for name in ("mail_bucket", "delivery_table"))
    if table and not bucket:
        raise InputError("delivery_table: has no place without mail_bucket; give the bucket, too")
    return MailPlace(bucket, params["mail_prefix"], table or None) if bucket else None


def planned(current: str, wanted: Wanted) -> PrimaryEmail:
    """Return what the account's email, which is ``current`` now, comes to."""
    if current.lower() == wanted.email or wanted.is_confirmed:
        return PrimaryEmail(wanted.account_id, wanted.email, ACCEPTED)
    return PrimaryEmail(wanted.account_id, current, PENDING)
