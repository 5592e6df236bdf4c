# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors: telling those that a wait may mend from others, and keeping one without all that was in memory."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.module_utils._ses_message import SesMessageError


class HopelessError(Exception):
    """What no wait mends: the next tries come soon, and it ends in the dead-letter queue before long, with an alarm."""


def is_hopeless(error: BaseException) -> bool:
    """Return whether an error, or each one of a group, is beyond mending by a wait."""
    within = getattr(error, "exceptions", ())
    return all(map(is_hopeless, within)) if within else isinstance(error, (HopelessError, SesMessageError))


def drop_frames(error: Exception) -> None:
    """Remove the tracebacks of an error and of all errors behind and within it.

    An error that is kept keeps the frames it came through, and they the mail, what was composed of it and the request
    to SES: some 130 MB for the largest mail.
    """
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = None
        left += [one.__context__, one.__cause__, *getattr(one, "exceptions", ())]
