# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments as every module returns them. Pure, standard library only."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_text(moment: datetime) -> str:
    """Return a moment that has a time zone in UTC and whole seconds, as ``2026-11-21T09:30:00Z`` (ISO 8601)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_milliseconds(moment: datetime) -> str:
    """Return a moment that has a time zone in UTC, as SES writes most of them: ``2026-11-21T09:30:00.123Z``."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
