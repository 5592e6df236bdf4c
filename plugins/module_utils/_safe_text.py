# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of strangers, made fit to be shown: on one line, printable, and nothing that a program makes a link of.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re

SHOWN_MAX = 500
# Not a dot between digits: a status code (RFC 3463), a version and an IP address are to be read as they are.
_DOT_OF_A_NAME = re.compile(r"(?<!\d)\.(?=\w)|\.(?=[^\W\d])")


def printable(text: str | None, limit: int = SHOWN_MAX) -> str | None:
    """Return a text on one line, without control and formatting characters (RTL marks, escapes), cut at the limit.

    None if nothing is left of it.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text or "").split())
    return line[:limit] or None


def unlinked(text: str) -> str:
    """Return a text in which no program finds a host or a URL to make a link of: ``www[.]example[.]org``."""
    return _DOT_OF_A_NAME.sub("[.]", text).replace("://", " ")
