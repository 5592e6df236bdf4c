# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person decides about dead letters: they are tried again, or nobody is to try them any more.

A function does this, and not whoever asks: who may send to the queue may have any mail that the bucket holds delivered
to any address. What goes back to the queue here is what came from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import Content, DeadLetter
from ansible_collections.account_factory.email.plugins.module_utils._notice import is_message_id
from forwarder.aws.dead_letters import DeadLetters
from forwarder.core.deciding import whose
from forwarder.core.outcomes import Outcome
from forwarder.services import Services

# What is left for the answer, the last calls, and showing others the messages that were looked at.
_MARGIN_SECONDS = 3.0
REPLAYED, DISCARDED = "replayed", "letter_discarded"
# A dead letter is of a mail that could not be forwarded, or of an event about one that was sent.
_KINDS = ("failed", "event")


@dataclass
class _Deciding:
    """A decision about some dead letters, by the ids of their mails, and what it came to so far."""

    services: Services
    letters: DeadLetters
    wanted: frozenset[str]
    kinds: frozenset[str]
    decision: str
    by: str
    is_check: bool
    is_over: Callable[[], bool]
    done: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)

    def take(self, url: str, letter: DeadLetter, content: Content) -> bool:
        """Do what was decided with a dead letter, if it is one of those; return whether it is gone from there."""
        message_id = content.message_id
        if message_id not in self.wanted or not self.kinds & _kinds_of(content) or self.is_over():
            return False
        why_not = self._why_not(content)
        if why_not:
            self.errors[message_id] = why_not
            return False
        self.done.add(message_id)
        if self.is_check:
            return False
        try:
            self._do(url, letter, message_id)
        except (BotoCoreError, ClientError) as error:
            self.errors[message_id] = f"{type(error).__name__}: {error}"
            return False
        return True

    def _why_not(self, content: Content) -> str | None:
        if self.decision == DISCARDED:
            return None
        if content.problem:
            return f"it is nothing that Amazon SES tells of a mail ({content.problem}); look at it, then discard it"
        if content.notice and not self.letters.is_kept(content.notice.key):
            return (
                "the mail has expired: the bucket does not hold it any more, so that nobody can forward it; discard it"
            )
        return None

    def _do(self, url: str, letter: DeadLetter, message_id: str) -> None:
        outcome = Outcome.REPLAY if self.decision == REPLAYED else Outcome.DISCARD
        line = {"action": outcome.value, "ses_message_id": message_id, f"{self.decision}_by": self.by}
        self.services.audit(f"mail-{outcome}", line, None)
        if self.decision == REPLAYED:
            self.letters.send_back(url, letter)
        # Deleted last: whatever fails before that, the dead letter is still there. Twice in the queue does no harm.
        self.services.records.note_decided(message_id, self.decision, self.by)
        self.letters.delete(url, letter)


def _kinds_of(content: Content) -> set[str]:
    """Return of which kinds a dead letter is; what holds nothing of SES's is of either, and has an id of its own."""
    if content.problem:
        return {*_KINDS}
    return {"event"} if content.event else {"failed"}


def replay(
    request: Mapping[str, Any],
    services: Services,
    letters: DeadLetters,
    remaining_seconds: Callable[[], float],
) -> dict[str, Any]:
    """Send dead letters to the queues that they come from, and then delete them there.

    ``request`` is ``{"message_ids": [SES's ids of the mails], "replayed_by": who says so}``; with ``"check": true``
    beside, nothing is sent or deleted, and with ``"discard": true`` nothing is sent. ``"kinds"`` says of which kinds of
    dead letters about these mails it speaks, ``["failed", "event"]`` unless given. Returns ``{"done": [ids],
    "before": [ids that were dealt with before], "left": [ids that others have at this moment, or that there was no time
    for], "errors": {id: why that cannot be}}``, or ``{"error": what is wrong with the request}``.
    """
    ids = request.get("message_ids") if isinstance(request, Mapping) else None
    if not isinstance(ids, list) or not ids or not all(map(is_message_id, ids)):
        return {"error": f"message_ids is {ids!r}, not a list of ids of messages"}
    kinds = frozenset(request.get("kinds") or _KINDS)
    decision = DISCARDED if request.get("discard") else REPLAYED
    by, is_check = whose(request, "replayed_by"), bool(request.get("check"))

    def is_over() -> bool:
        return remaining_seconds() < _MARGIN_SECONDS

    deciding = _Deciding(services, letters, frozenset(ids), kinds, decision, by, is_check, is_over)
    missing = letters.browse(deciding.take, is_over)
    return _answer(deciding, is_sure=not missing and not is_over())


def _answer(deciding: _Deciding, *, is_sure: bool) -> dict[str, Any]:
    """Return what became of each. One that was not found may be with somebody else, unless it is sure all was seen."""
    before, left, errors = [], [], dict(deciding.errors)
    for message_id in sorted(deciding.wanted - deciding.done - errors.keys()):
        record = deciding.services.records.find(message_id)
        if record and getattr(record, f"{deciding.decision}_at"):
            before.append(message_id)
        elif is_sure:
            errors[message_id] = "there is no dead letter about it"
        else:
            left.append(message_id)
    return {"done": sorted(deciding.done - errors.keys()), "before": before, "left": left, "errors": errors}
