# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments and periods of time, as options and as AWS gives them. Pure, standard library only."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PERIOD = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.ASCII)

# What can be taken from a moment of today, with years to spare.
_LONGEST = timedelta(days=36_500)


def check_moment(option: str, text: str | None) -> datetime | None:
    """Return a date, or a date and time, of ISO 8601 as a moment; it is UTC where it does not say."""
    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise InputError(
            f"{option}: {text!r} is not a date or time in ISO 8601; write it as 2026-11-21 or 2026-11-21T09:30:00Z"
        ) from error


def read_moment(text: str) -> datetime:
    """Return what a text in ISO 8601 says, in UTC where it does not say; raise ValueError where it is none."""
    moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text.strip()))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def moment_text(text: str | None) -> str | None:
    """Return a time that AWS gave in the form in which modules return one; None for what is none."""
    try:
        return utc_text(read_moment(text or ""))
    except ValueError:
        return None


def check_period(option: str, text: str | None) -> timedelta | None:
    """Return a number of minutes, hours, days or weeks as a period."""
    if text is None:
        return None
    found = _PERIOD.fullmatch(text.strip().lower())
    if not found:
        raise InputError(f"{option}: {text!r} is not a period; write it as 30m, 12h, 2d or 1w")
    period = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if period > _LONGEST:
        raise InputError(f"{option}: {text!r} is more than a hundred years; omit it, or give less")
    return period
