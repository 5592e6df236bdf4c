# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail that would go round for ever is stopped here, and never by losing it.

A mark in a mail can be forged to suppress it, so no mark makes a mail vanish: what looks like a loop is raised, and so
ends in the dead-letter queue, where a person sees it.
"""

from __future__ import annotations

import re

from ansible_collections.account_factory.email.plugins.module_utils import _address as address
from ansible_collections.account_factory.email.plugins.module_utils._message import Message
from forwarder.core.errors import HopelessError
from forwarder.core.mail import About
from forwarder.core.recipients import Standing
from forwarder.core.trace import LOOP_FIELD

MAX_HOPS = 3


class LoopError(HopelessError):
    """A mail that was here before, or would come back; the text says how that is known."""


def check_loop(about: About) -> None:
    """Raise LoopError for our own mail coming back, for too many hops, and for the bounce of a mail to the admin."""
    message, authors, mailbox = about.mail.message, about.mail.authors, about.delivery.mailbox
    own = address.normalise(about.settings.from_address)
    hops = [value for value in message.values(LOOP_FIELD.lower()) if value.lower() == own.encode("ascii")]
    if len(hops) > MAX_HOPS:
        raise LoopError(f"the mail was forwarded {len(hops)} times from here; {MAX_HOPS} times is the limit")
    # Whose the verdict is, is only certain of one author: nobody sends a mail to the dead letters by naming us beside.
    is_own = authors.is_certain and {author.lower() for author in authors.addresses} == {own}
    if about.notice.verdicts.dmarc == "PASS" and is_own:
        raise LoopError(f"the mail was sent by this forwarder itself: it is authenticated as from {own}")
    # What comes for our own address goes to one admin, whichever domain's: of another one's bounce that one is told.
    if about.delivery.standing is Standing.OWN_ADDRESS and _is_bounce_of(mailbox, message):
        raise LoopError(f"the mail says that {mailbox} could not be reached: it cannot be told by mail")


def _is_bounce_of(mailbox: str, message: Message) -> bool:
    """Return whether a mail is a delivery status notification (RFC 3464 2) about a mailbox, whoever it is from.

    Its sender should be the null one (RFC 5321 6.1). Servers that have another would otherwise go on for ever.
    """
    if not any(value.lower().startswith(b"multipart/report") for value in message.values(b"content-type")):
        return False
    about = rb"^final-recipient:[ \t]*rfc822;[ \t]*<?" + re.escape(mailbox.encode("ascii")) + rb">?[ \t]*\r?$"
    return re.search(about, message.body, re.IGNORECASE | re.MULTILINE) is not None
