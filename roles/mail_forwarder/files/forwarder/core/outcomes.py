# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a mail: of each of its copies, and why one is not what its sender sent."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What was done: the ``action`` of an audit line; of a copy that SES took also in the table of deliveries."""

    # SES took what was sent.
    SENT = "sent"
    SENT_ATTACHED = "sent-attached"
    SENT_TO_ADMIN = "sent-to-admin"
    SENT_TO_FALLBACK = "sent-to-fallback"
    QUARANTINED = "quarantined"
    KEPT = "kept"
    # Nothing more is to be sent.
    ALREADY_SENT = "already-sent"
    DROPPED = "dropped"
    NOT_TRIED = "not-tried"
    NO_MEMBERS = "no-members"
    SET_UP = "set-up"
    UNDELIVERABLE = "undeliverable"
    # A person decided about a mail that was held. Of one that is released or replayed the lines of its copies follow.
    RELEASE = "release"
    REPLAY = "replay"
    DISCARD = "discard"
    # Nothing was sent yet.
    NOT_COMPOSED = "not-composed"
    IN_PROGRESS = "in-progress"
    WAITING = "waiting"
    FAILED = "failed"
    # What SES told afterwards.
    DELIVERED = "delivered"
    DELAYED = "delayed"
    REJECTED = "rejected"
    BOUNCED = "bounced"
    TRANSIENT = "transient"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"


class Reason(StrEnum):
    """Why a mailbox gets something else than the mail itself, or gets it in the place of another.

    ``summary`` is what the subject of a notification says of it, ``why`` a sentence of its text.
    """

    summary: str
    why: str

    def __new__(cls, word: str, summary: str = "", why: str = "") -> Reason:
        """Keep the words beside what audit lines have; a look-up gives that alone."""
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.summary, reason.why = summary, why
        return reason

    # It is kept back, in quarantine.
    VIRUS = "virus", "held back, virus", "Amazon SES found a virus in it."
    SPAM = "spam", "held back, spam", "Amazon SES takes it for spam."
    DMARC = (
        "dmarc",
        "held back, sender not verified",
        "It fails DMARC: it may well be forged, and not be from whom it says.",
    )
    # Amazon SES does not send it in any form that holds it.
    TOO_LARGE = (
        "too-large",
        "too large to forward",
        "With the forwarder's header, or as an attachment, it is larger than what Amazon SES sends.",
    )
    MALFORMED = "malformed", "could not be forwarded", "Amazon SES refuses to send it in any form."
    REJECTED = (
        "rejected",
        "rejected by Amazon SES",
        "Amazon SES accepted it for sending and then found a virus in it.",
    )
    EXPIRED = (
        "expired",
        "no longer kept",
        "The bucket does not hold it any more, so that it cannot be sent to you.",
    )
    # Another mailbox should have got it.
    NOT_VERIFIED = (
        "not-verified",
        "for somebody else",
        (
            "Amazon SES does not send to that address yet: in the SES sandbox it sends to verified addresses only."
            " Leave the sandbox, or verify the address."
        ),
    )
    BOUNCED = (
        "bounced",
        "for somebody else",
        "That mailbox refuses mail for good. Give the address another owner, or have the mailbox mended.",
    )
    TRANSIENT = (
        "transient",
        "for somebody else",
        "That mailbox could not be reached for as long as Amazon SES tried. It is tried again with the next mail.",
    )
    COMPLAINED = (
        "complained",
        "for somebody else",
        "Whoever reads that mailbox marked a mail of the forwarder's as spam.",
    )
    SUPPRESSED = (
        "suppressed",
        "for somebody else",
        (
            "Amazon SES sends nothing to that address, which is on the suppression list of the AWS account since it"
            " bounced or complained. Once it works again, take it off the list with the module"
            " ses_suppressed_destination."
        ),
    )

    @property
    def is_held(self) -> bool:
        """Whether the mail is in quarantine."""
        return self in (Reason.VIRUS, Reason.SPAM, Reason.DMARC)

    @property
    def is_releasable(self) -> bool:
        """Whether a person may release the mail from there: Amazon SES would not send a virus."""
        return self.is_held and self is not Reason.VIRUS
