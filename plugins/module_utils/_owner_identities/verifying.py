# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify owners as far as they have to be. What AWS refuses is what became of an owner, and never an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._checks import api as checks
from ansible_collections.account_factory.email.plugins.module_utils._checks.identity import (
    identity_key,
    verified_identity,
    verified_names,
)

from . import api
from .model import FAILED, NEVER, PENDING, SENT, SES_SUCCESS, VERIFIED, Identity, Owner, is_due, is_simulated

# After these, and where nothing answers with a code, each of the others would only wait for the same.
_OF_ALL = frozenset(
    {
        "",
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalFailure",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


@dataclass(frozen=True)
class Verified:
    """Whether the account is in the sandbox, None where SES does not say, and what became of the owners there."""

    sandbox: bool | None
    owners: tuple[Owner, ...] = ()


def verify_owners(
    make: Callable[[str], Any], emails: Sequence[str], now: datetime, check_mode: bool = False
) -> Verified:
    """Verify the mailboxes where SES asks it; ``make`` returns the client of a service in the forwarder's account."""
    sandbox = None
    try:
        sesv2 = make("sesv2")
        sandbox = not checks.get_account(sesv2).get("ProductionAccessEnabled")
        if not sandbox:
            return Verified(False)
        listed = checks.list_identities(sesv2)
    except AwsError as error:
        return Verified(sandbox, tuple(Owner(email, FAILED, reason=str(error)) for email in emails))
    verifier = _Verifier(make, sesv2, now, check_mode, {identity_key(one["IdentityName"]): one for one in listed})
    return Verified(True, tuple(verifier.verify_all(emails)))


@dataclass
class _Verifier:
    """Verifies one mailbox after another: SES takes about one call of each operation a second."""

    make: Callable[[str], Any]
    sesv2: Any
    now: datetime
    check_mode: bool
    listed: dict[str, dict[str, Any]]
    hopeless: str | None = None

    @cached_property
    def verified(self) -> frozenset[str]:
        return verified_names(list(self.listed.values()))

    @cached_property
    def ses(self) -> Any:
        return self.make("ses")

    @cached_property
    def arns(self) -> str:
        """Return what the ARNs of the identities begin with."""
        caller = checks.get_caller(self.make("sts"))
        return f"arn:{caller.arn.split(':')[1]}:ses:{self.sesv2.meta.region_name}:{caller.account_id}:identity/"

    def verify_all(self, emails: Sequence[str]) -> Iterator[Owner]:
        for email in emails:
            if is_simulated(email) or verified_identity(email, self.verified):
                yield Owner(email, VERIFIED)
            elif self.hopeless is not None:
                yield Owner(email, FAILED, reason=self.hopeless)
            else:
                yield self._verify(email)

    def _verify(self, email: str) -> Owner:
        owner = Owner(email, FAILED)
        try:
            known = self.listed.get(identity_key(email))
            owner = replace(owner, identity=api.get_identity(self.sesv2, known["IdentityName"]) if known else None)
            return replace(owner, status=self._status(email, owner.identity))
        except AwsError as error:
            if error.code in _OF_ALL:
                self.hopeless = str(error)
            return replace(owner, reason=str(error))

    def _status(self, email: str, identity: Identity | None) -> str:
        """Send the mailbox a link if it is due; return what has become of it."""
        if identity and identity.status == SES_SUCCESS:
            return VERIFIED
        if not is_due(identity, self.now):
            return PENDING
        if self.check_mode:
            return SENT
        if identity is None:
            return SENT if api.create_identity(self.sesv2, email, self.now) else PENDING
        self._send_again(identity)
        return SENT

    def _send_again(self, identity: Identity) -> None:
        """Note the moment, then send the link: one that nobody could note would be sent again by every run."""
        arn = f"{self.arns}{identity.name}"
        api.note_sent(self.sesv2, arn, self.now)
        try:
            api.send_link(self.ses, identity.name)
        except AwsError:
            with suppress(AwsError):
                api.note_sent(self.sesv2, arn, identity.sent or NEVER)
            raise
