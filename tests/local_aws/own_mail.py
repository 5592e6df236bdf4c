# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES sends to a domain whose mail SES receives: it leaves by one door and comes in by the other.

The MX of such a domain is taken to be the receiving side as soon as that accepts its mail. The envelope sender is SES's
own (Amazon SES Developer Guide, "Using a custom MAIL FROM domain": by default it is below amazonses.com), so that SPF
passes and is not aligned: DMARC passes by the DKIM signature of the identity, or fails.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.local_aws.received_mail import VERDICTS_HEADER, Envelope
from tests.local_aws.ses_events import Accepted
from tests.local_aws.ses_identities import SUCCESS, Verification

log = logging.getLogger(__name__)

_PEER, _HELO = "54.240.6.115", "a6-115.smtp-out.{region}.amazonses.com"


class Receiving(Protocol):
    """The receiving side of SES."""

    def accepts(self, recipient: str) -> bool: ...
    def receive(self, envelope: Envelope, data: bytes) -> str: ...


@dataclass
class OwnMail:
    """Carries mail from SES's sending side to its receiving side.

    ``verification`` tells how far SES is with a domain. ``verdicts`` are those that a test wants, as X-Local-Verdicts
    has them, and ``lost`` lets mail vanish on its way, as where the MX of the domain is another.
    """

    receiving: Receiving
    verification: Callable[[str], Verification]
    verdicts: str | None = None
    lost: bool = False

    def is_ours(self, recipient: str) -> bool:
        """Return whether mail to a recipient comes back to SES."""
        return self.receiving.accepts(recipient)

    def bring(self, accepted: Accepted, recipients: Sequence[str]) -> None:
        """Let a mail arrive, once whoever sent it has an answer."""
        if not self.lost:
            threading.Thread(target=self._arrive, args=(accepted, recipients), name="own mail", daemon=True).start()

    def _arrive(self, accepted: Accepted, recipients: Sequence[str]) -> None:
        helo = _HELO.format(region=accepted.region)
        sender = f"{accepted.message_id}@{accepted.region}.amazonses.com"
        wish = self.verdicts or self._judged(accepted.domain)
        try:
            self.receiving.receive(
                Envelope(helo, _PEER, sender, tuple(recipients)),
                f"{VERDICTS_HEADER}: {wish}\r\n".encode() + accepted.data,
            )
        except Exception:
            log.exception("a mail to %s could not be received", ", ".join(recipients))

    def _judged(self, domain: str) -> str:
        found = self.verification(domain)
        is_signed = found.status == SUCCESS and found.dkim == SUCCESS and found.signing
        return "spf=PASS dkim=PASS dmarc=PASS" if is_signed else "spf=PASS dkim=GRAY dmarc=FAIL;reject"
