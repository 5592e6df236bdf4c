# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SES's verdicts mean for a mail: whether it is quarantined, and what an owner is to see in its subject.

The verdicts come with the notice. What a mail's header says of verdicts is its sender's word: it counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils._notice import Verdicts
from forwarder.core.authors import Authors
from forwarder.core.outcomes import Reason

PASS = "PASS"
FAIL = "FAIL"

# What is done with a mail that failed a check: the two values of Settings.spam and Settings.dmarc_failure.
TAG = "tag"
QUARANTINE = "quarantine"

# AWS sends from these and from below them; the top-level domain aws is Amazon's own. Their mail is never spam if it is
# theirs, and what only claims to be theirs is what an attacker would send.
AWS_DOMAINS = ("aws", "amazon.com", "amazonaws.com", "awsapps.com")
# One of them behind an at sign or a dot, wherever it stands in a text.
_AWS_IN_TEXT = re.compile(rf"[@.](?:{'|'.join(map(re.escape, AWS_DOMAINS))})(?![a-z0-9-]|\.[a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Judgement:
    """Why a mail is quarantined (None: it is not), and the words that its subject is marked with."""

    quarantined_for: Reason | None
    marks: tuple[str, ...]


def judge(verdicts: Verdicts, authors: Authors, spam: str, dmarc_failure: str, envelope_sender: str = "") -> Judgement:
    """Return what becomes of a mail of these authors; ``spam`` and ``dmarc_failure`` are TAG or QUARANTINE.

    A mail without a From is shown as its envelope sender's, and so claims to be; it is never known to be. Where readers
    can differ on the author, the mail is nobody's for sure, whatever DMARC says of the one that SES read.
    """
    claims_aws = any(_is_of_aws(address) for address in authors.addresses or (envelope_sender,))
    claims_aws = claims_aws or (not authors.is_certain and _AWS_IN_TEXT.search(authors.text) is not None)
    is_aws = claims_aws and authors.is_confirmed and verdicts.dmarc == PASS
    is_spam = verdicts.spam == FAIL and not is_aws
    is_forged = verdicts.dmarc == FAIL or not authors.is_certain or (claims_aws and not is_aws)
    found = {
        Reason.VIRUS: verdicts.virus == FAIL,
        Reason.DMARC: verdicts.dmarc == FAIL and (claims_aws or dmarc_failure == QUARANTINE),
        Reason.SPAM: is_spam and spam == QUARANTINE,
    }
    marks = {"spam": is_spam, "sender not verified": is_forged, "not scanned for viruses": verdicts.virus != PASS}
    return Judgement(
        quarantined_for=next((reason for reason, is_so in found.items() if is_so), None),
        marks=tuple(mark for mark, is_so in marks.items() if is_so),
    )


def _is_of_aws(address: str) -> bool:
    # White space within an address is not part of it (RFC 5322 4.4).
    domain = "".join(address.rpartition("@")[2].split()).rstrip(".").lower()
    return any(domain == one or domain.endswith(f".{one}") for one in AWS_DOMAINS)
