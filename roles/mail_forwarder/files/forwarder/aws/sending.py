# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending a finished mail through SES, and telling what a failure to do so means.

Source of the codes: Amazon SES API v2 Reference, SendEmail.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from forwarder.core.forms import Form, UnsendableError
from forwarder.core.outcomes import Reason
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.settings import Settings
from forwarder.core.tags import tags_of

_NEVER_ARRIVED = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, ParamValidationError)
# SES's words where a code stands for several reasons.
_TOO_LARGE = re.compile(
    r"message length|(message|mail).{0,40}too (large|big|long)|(maximum|max).{0,20}size", re.IGNORECASE
)
_NOT_VERIFIED = re.compile(r"not verified", re.IGNORECASE)
_DAILY = re.compile(r"daily|24.hour|quota", re.IGNORECASE)
_RATE = "TooManyRequestsException"
# What SES answers while it takes nothing from this account.
_TAKES_NOTHING = frozenset({_RATE, "LimitExceededException", "SendingPausedException", "AccountSuspendedException"})
# A rate is so many mails a second, one at the least (Amazon SES Developer Guide, "Service quotas"). Each waits for a
# time of its own, lest all try again at once; and for no longer than SES needs for one mail, lest whoever has waited
# for long always comes after those who have just begun.
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 1.0


class UncomposableError(RuntimeError):
    """A form that a mail could not be brought into, and so was not sent in.

    ``kind`` is the kind of the error behind it, whose text may hold words of the mail, which no log is to have.
    """

    def __init__(self, form: Form, error: Exception) -> None:
        super().__init__(f"no {form.kind.value} could be composed: {type(error).__name__}")
        self.kind = type(error).__name__


def send(sesv2: Any, settings: Settings, data: bytes, mailbox: str, delivery: Delivery, notice: Notice) -> str:
    """Send a mail to a mailbox and nobody else, whatever its header says; return SES's id for it."""
    # Where SES is to mail what bounces, it is told by the address of ours; that of a probe's mail is told to nobody.
    feedback = {"FeedbackForwardingEmailAddress": delivery.address} if delivery.standing is Standing.PROBE else {}
    answer = sesv2.send_email(
        FromEmailAddress=settings.from_address,
        Destination={"ToAddresses": [mailbox]},
        Content={"Raw": {"Data": data}},
        ConfigurationSetName=settings.configuration_set,
        EmailTags=[{"Name": name, "Value": value} for name, value in tags_of(notice, delivery).items()],
        **feedback,
    )
    return str(answer["MessageId"])


def within_rate(
    send_once: Callable[[], str], seconds_to_wait: Callable[[], float], sleep: Callable[[float], None]
) -> str:
    """Send, and again as long as SES says that it is too fast and ``seconds_to_wait`` leaves time for a pause.

    That SES refused for the rate is proof that it has not sent, so that nothing leaves twice by that.
    """
    longest = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return send_once()
        except ClientError as error:
            pause = random.uniform(longest / 2, longest)
            if not _is_too_fast(error) or pause > seconds_to_wait():
                raise
        sleep(pause)
        longest = min(2 * longest, _LONGEST_PAUSE_SECONDS)


def refusal_of(error: Exception, mailbox: str) -> Reason | None:
    """Return why SES refused a mail, where another form of it may be taken; None for all that is to be tried again.

    That an address is not verified is said of ours as well as of the recipient's; of ours it is for a person to mend.
    """
    if isinstance(error, UnsendableError):
        return error.refusal
    if not isinstance(error, ClientError):
        return None
    code, words = _said(error)
    if code == "MessageRejected" and _NOT_VERIFIED.search(words):
        return Reason.NOT_VERIFIED if mailbox.lower() in words.lower() else None
    if code == "RequestEntityTooLarge" or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 413:
        return Reason.TOO_LARGE
    if code not in ("BadRequestException", "MessageRejected"):
        return None
    return Reason.TOO_LARGE if _TOO_LARGE.search(words) else Reason.MALFORMED


def is_waited_out(error: Exception) -> bool:
    """Return whether SES takes nothing for a while, from this account or at all, and has not taken this mail."""
    if isinstance(error, ClientError):
        return error.operation_name == "SendEmail" and _said(error)[0] in _TAKES_NOTHING
    return isinstance(error, ConnectTimeoutError | EndpointConnectionError)


def certainly_not_sent(error: Exception) -> bool:
    """Return whether an error proves that SES has not taken the mail: it refused it, or was not reached."""
    if isinstance(error, UnsendableError | UncomposableError):
        return True
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return 400 <= int(status) < 500
    return isinstance(error, _NEVER_ARRIVED)


def _is_too_fast(error: ClientError) -> bool:
    """Return whether SES takes the mail in a moment; the day's quota, for which it has the same code, is no rate."""
    code, words = _said(error)
    return code == _RATE and not _DAILY.search(words)


def _said(error: ClientError) -> tuple[str, str]:
    said = error.response.get("Error", {})
    return str(said.get("Code", "")), str(said.get("Message", ""))
