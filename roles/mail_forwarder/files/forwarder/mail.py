# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A received mail: all of its bytes, and what could be taken apart of them."""

from __future__ import annotations

from dataclasses import dataclass

from forwarder.message import Message, MessageError, split_message

# RFC 5322 2.1.1 and Amazon SES API v2, RawMessage: 1000 octets with CRLF.
_LINE_MAX = 998


@dataclass(frozen=True)
class Mail:
    """A mail as it came; its message has no fields where the header is beyond what is taken apart."""

    raw: bytes
    message: Message
    is_opened: bool

    @staticmethod
    def read(raw: bytes) -> Mail:
        """Return a mail of these bytes, whatever they are."""
        try:
            return Mail(raw, split_message(raw), is_opened=True)
        except MessageError:
            return Mail(raw, Message((), memoryview(raw)), is_opened=False)

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
