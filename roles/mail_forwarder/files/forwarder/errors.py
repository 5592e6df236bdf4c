# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping an error, and not all that was in memory when it was raised."""

from __future__ import annotations


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
