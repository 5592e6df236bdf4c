# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account's primary email is what is wanted: it is so already, or AWS is given the code that makes it so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError

from . import api
from .arrivals import Arrivals, StoredMail
from .code_mail import (
    CodeError,
    find_code,
    is_mail_of_aws,
)
from .model import (
    ACCEPTED,
    MailPlace,
    PrimaryEmail,
    Wanted,
    planned,
)

# A code that AWS refuses may be that of an earlier start, whose mail came late, or was made worthless by another job's:
# then there is another mail, there already or on its way.
_MORE_MAILS = (30, 30)


@dataclass(frozen=True)
class Clients:
    """Who answers for accounts, and who for the mail; ``warn`` hears what is to be known of that."""

    account: Any
    s3: Any = None
    dynamodb: Any = None
    warn: Callable[[str], None] = lambda _text: None

    def arrivals(self, wanted: Wanted, place: MailPlace) -> Arrivals:
        """Return the mail to the email that arrives from now on."""
        return Arrivals(place, wanted.email, self.s3, self.dynamodb, self.warn)


def look(clients: Clients, wanted: Wanted) -> None:
    """Raise an error where the email cannot be looked up, or where the mail with the code cannot be."""
    if api.primary_email(clients.account, wanted.account_id).lower() != wanted.email and wanted.mail:
        clients.arrivals(wanted, wanted.mail).check()


def ensure_email(clients: Clients, wanted: Wanted, check_mode: bool) -> tuple[PrimaryEmail, PrimaryEmail]:
    """Return the account's email before and after, changing it if need be."""
    current = api.primary_email(clients.account, wanted.account_id)
    after = planned(current, wanted)
    if current.lower() == wanted.email:
        return after, after
    arrivals = clients.arrivals(wanted, wanted.mail) if wanted.mail and wanted.otp is None else None
    if arrivals:
        # In check mode, too: it tells of a wrong bucket.
        arrivals.check()
    if not check_mode and not _change(clients, wanted, arrivals):
        return after, after
    return PrimaryEmail(wanted.account_id, current, None), after


def _change(clients: Clients, wanted: Wanted, arrivals: Arrivals | None) -> bool:
    """Start the update, or bring it to its end; return False if another job was quicker."""
    try:
        if wanted.otp is not None:
            api.accept_update(clients.account, wanted.account_id, wanted.email, wanted.otp)
        elif arrivals is not None:
            _confirm_by_mail(clients, wanted, arrivals)
        else:
            api.start_update(clients.account, wanted.account_id, wanted.email)
    except AwsError:
        # Another job's code was taken before ours, or its update was through before we started: there is what we want.
        if api.primary_email(clients.account, wanted.account_id).lower() == wanted.email:
            return False
        raise
    if wanted.is_confirmed:
        api.wait_for_email(clients.account, wanted.account_id, wanted.email, wanted.timeout)
    return True


def _confirm_by_mail(clients: Clients, wanted: Wanted, arrivals: Arrivals) -> None:
    """Start the update and give AWS the code that it mails."""
    if _is_accepted_already(clients, wanted):
        return None
    arrivals.pass_over_what_is_there()
    api.start_update(clients.account, wanted.account_id, wanted.email)
    refused: api.CodeRefusedError | None = None
    for seconds in (wanted.timeout, *_MORE_MAILS):
        mail = arrivals.wait(partial(is_mail_of_aws, recipient=wanted.email), seconds)
        if mail is None:
            raise refused or _no_mail(wanted, arrivals.place)
        try:
            return api.accept_update(clients.account, wanted.account_id, wanted.email, _code(mail, arrivals.place))
        except api.CodeRefusedError as error:
            refused = error
        if api.primary_email(clients.account, wanted.account_id).lower() == wanted.email:
            break
    if refused:
        raise refused
    return None


def _is_accepted_already(clients: Clients, wanted: Wanted) -> bool:
    """Return whether an earlier run's code was accepted for this email, after waiting for that to take effect.

    Another start meanwhile would make AWS mail another code, and nobody knows what of the two changes counts.
    """
    if api.update_status(clients.account, wanted.account_id) != ACCEPTED:
        return False
    api.wait_for_update(clients.account, wanted.account_id, wanted.timeout)
    return api.primary_email(clients.account, wanted.account_id).lower() == wanted.email


def _code(mail: StoredMail, place: MailPlace) -> str:
    try:
        return find_code(mail.data)
    except CodeError as error:
        text = (
            f"Failed to read the code out of the message s3://{place.bucket}/{mail.key}: {error}. Read it yourself, and"
            " run again with otp=that code."
        )
    raise AwsError(text)


def _no_mail(wanted: Wanted, place: MailPlace) -> AwsError:
    return AwsError(
        f"wait_timeout: no mail of AWS's to {wanted.email} came into s3://{place.bucket}/{place.prefix} within"
        f" {wanted.timeout} seconds of the start. Check that mail to this address arrives there (the domain's MX"
        " record, the receipt rule, mail_prefix), then run again: AWS mails a new code."
    )
