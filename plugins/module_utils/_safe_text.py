# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of strangers, made fit to be shown: on one line, printable, and nothing that a program makes a link of.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re

SHOWN_MAX = 500
# The full stop, and what a browser takes for one in a host (UTS #46, "Mapping": the ideographic, the fullwidth, ...).
_DOTS = "[.\u2024\u3002\ufe52\uff0e\uff61]"
# Not a dot between digits: a status code (RFC 3463), a version and an IP address are to be read as they are.
_DOT_OF_A_NAME = re.compile(rf"(?<!\d){_DOTS}(?=\w)|{_DOTS}(?=[^\W\d])")
# What makes a link without a dot: a scheme with two slashes, the schemes of RFCs and programs that have none, and the
# name of a Windows share.
_LINK = re.compile(
    r"://|(?<![^\W_])(mailto|tel|sms|sips?|xmpp|news|geo|callto|skype|facetime|magnet|javascript|vbscript|data|file):"
    r"(?=\S)|\\(?=\\)",
    re.IGNORECASE,
)


def printable(text: str | None, limit: int = SHOWN_MAX) -> str | None:
    """Return a text on one line, without control and formatting characters (RTL marks, escapes), cut at the limit.

    None if nothing is left of it.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text or "").split())
    return line[:limit] or None


def unlinked(text: str) -> str:
    """Return a text in which no program finds a host or a URL of any kind to link to: ``www[.]example[.]org``."""
    return _LINK.sub(lambda found: f"{found[1] or ''} ", _DOT_OF_A_NAME.sub("[.]", text))
