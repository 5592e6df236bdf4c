# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES's own trace field, which names one recipient of the mail: whoever else gets it is not to know of that one."""

from __future__ import annotations

import re

# The clause of a trace field that names a recipient (RFC 5321 section 4.4), whose local part may be quoted.
_FOR_CLAUSE = re.compile(rb'(?<!\s)\s+for\s+(?:"(?:[^"\\]|\\.)*"|[^\s;"])+(?=\s*;)', re.IGNORECASE)
# SES's own trace field is shorter, whatever the client called itself (RFC 5321 4.5.3.1).
_TRACE_MAX = 4_096
# SES writes its fields on top of a mail: Return-Path, then Received with its continuation lines.
_SES_TRACE = re.compile(rb"(?:Return-Path:[^\n]*\n)?Received:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE)


def without_for_clause(lines: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return the lines of a Received field without the recipient that it names."""
    return tuple(_without_clause(b"\r\n".join(lines)).split(b"\r\n"))


def without_recipient(raw: bytes) -> tuple[bytes, memoryview]:
    """Return a mail as SES stored it, but for the recipient that SES's own trace field names: that field, and the rest.

    The rest is no copy: it may have 40 MB.
    """
    trace = _SES_TRACE.match(raw)
    rest = memoryview(raw)
    return (b"", rest) if trace is None else (_without_clause(trace[0]), rest[trace.end() :])


def _without_clause(trace: bytes) -> bytes:
    return _FOR_CLAUSE.sub(b"", trace[:_TRACE_MAX], count=1) + trace[_TRACE_MAX:]
