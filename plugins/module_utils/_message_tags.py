# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message tags that say which delivery a mail of the forwarder's is: SES hands them back with each event.

Source: Amazon SES API v2 Reference, MessageTag: ASCII letters, digits, underscores and dashes, 256 at most.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TAG_MAX = 256
# None of the parts holds one.
_SEPARATOR = "\n"


@dataclass(frozen=True)
class Tagged:
    """The delivery that tags are of: the ids of its mail (see Notice), the address, and the mailbox it is for."""

    message_id: str
    again: str
    address: str
    mailbox: str

    def to_tags(self) -> dict[str, str]:
        """Return the tags that say it exactly. What is too long for a tag is left out: no vended address is."""
        exact = {
            "delivery": _encoded(_SEPARATOR.join((self.message_id, self.again, self.address))),
            "mailbox": _encoded(self.mailbox),
        }
        return {name: value for name, value in exact.items() if len(value) <= TAG_MAX}


def tags_in_event(mail: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of an event's ``mail``, which SES gives as a list of values each."""
    tags = mail.get("tags")
    found = tags.items() if isinstance(tags, dict) else ()
    return {name: str(values[0]) for name, values in found if isinstance(values, list) and values}


def delivery_of(tags: Mapping[str, str]) -> Tagged | None:
    """Return the delivery that tags of ours are of, or None where they do not say."""
    if "delivery" not in tags or "mailbox" not in tags:
        return None
    try:
        message_id, again, address = _decoded(tags["delivery"]).split(_SEPARATOR)
        return Tagged(message_id, again, address, _decoded(tags["mailbox"]))
    except (ValueError, binascii.Error):
        return None


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def _decoded(tag: str) -> str:
    return base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()
