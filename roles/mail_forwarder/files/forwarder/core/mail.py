# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A received mail: all of its bytes, and what could be taken apart of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.account_factory.email.plugins.module_utils._message import Message, split_message
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from forwarder.core.authors import Authors, read_authors
from forwarder.core.recipients import Delivery
from forwarder.core.settings import Settings

# RFC 5322 2.1.1 and Amazon SES API v2, RawMessage: 1000 octets with CRLF.
_LINE_MAX = 998


@dataclass(frozen=True)
class Mail:
    """A mail as it came. One that is not opened has no fields and no authors, whatever its bytes are."""

    raw: bytes
    message: Message
    authors: Authors
    is_opened: bool

    @staticmethod
    def read(raw: bytes, read_by_ses: tuple[str, ...] | None = None) -> Mail:
        """Return a mail of these bytes; it is not opened where its header is beyond what is taken apart.

        ``read_by_ses`` is SES's own reading of From (see read_authors).
        """
        try:
            message = split_message(raw)
            return Mail(raw, message, read_authors(message, read_by_ses), is_opened=True)
        except Exception:  # noqa: BLE001 - whatever a header does to its reader, its owner is to have the mail
            return Mail.unopened(raw)

    @staticmethod
    def unopened(raw: bytes) -> Mail:
        """Return a mail that nothing is known of but its bytes."""
        return Mail(raw, Message((), memoryview(raw)), Authors(is_certain=False), is_opened=False)

    def can_be_copied(self) -> bool:
        """Return whether a new header can take the place of this mail's, with nothing lost."""
        return self.is_opened and self.message.ends_surely and not self.has_long_line()

    def has_long_line(self) -> bool:
        """Return whether a line of the body is longer than what mail may have."""
        raw = self.raw
        begin = len(raw) - len(self.message.body)
        # Each step goes to the last line end that is near enough, over many lines at once: few steps even for 40 MB.
        while len(raw) - begin > _LINE_MAX:
            end = raw.rfind(b"\n", begin, begin + _LINE_MAX + 1)
            if end < 0:
                end = begin + _LINE_MAX + 1
                if raw[end - 1 : end + 1] != b"\r\n":
                    return True
            begin = end + 1
        return False


@dataclass(frozen=True)
class About:
    """One delivery of a mail: the mail, for whom it came, SES's notice of it, and our settings."""

    mail: Mail
    delivery: Delivery
    notice: Notice
    settings: Settings

    def unopened(self) -> About:
        """Return the same with a mail that nothing is known of but its bytes."""
        return replace(self, mail=Mail.unopened(self.mail.raw))
