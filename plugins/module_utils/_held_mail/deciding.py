# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people decide about held mail: which is meant, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import model
from .functions import DecisionError, Functions
from .model import Filters, HeldMail

RELEASED, REPLAYED, DISCARDED = "released", "replayed", "discarded"
STATES = (RELEASED, REPLAYED, DISCARDED)
# Which kinds a state is for.
_KINDS = {RELEASED: (model.QUARANTINED,), REPLAYED: (model.FAILED, model.EVENT), DISCARDED: model.KINDS}
_VIRUS = "virus"
_ALREADY_SENT = "already-sent"
# How often what others look at is tried for, and how many dead letters are asked for at a time.
_TRIES = 3
_AT_ONCE = 1000
_OTHERS_LOOK = "others look at the dead letters at this moment, so that it was not found; run again"


@dataclass(frozen=True)
class Target:
    """A mail that something is decided about; the kind is None where it is not held."""

    message_id: str
    kind: str | None


@dataclass(frozen=True)
class Decided:
    """What became of a mail; ``error`` is why nothing did. ``deliveries`` counts what the released copies came to."""

    target: Target
    changed: bool = False
    deliveries: dict[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Request:
    """A state that is asked for, for mails by their ids, or for all that match if those are no more than a limit.

    ``confirm`` are the ids of the failed mails that may be discarded.
    """

    state: str
    filters: Filters
    limit: int | None
    confirm: frozenset[str]

    @property
    def is_by_filter(self) -> bool:
        return self.filters.message_ids is None

    @property
    def wanted(self) -> Filters:
        """Return the filters for the mail that the state is for: no more is looked at."""
        return replace(self.filters, kinds=tuple(kind for kind in self.filters.kinds if kind in _KINDS[self.state]))

    @property
    def needs_listing(self) -> bool:
        """Whether it has to be looked up first what is meant. Who names a mail may have it released or replayed."""
        return self.is_by_filter or self.state == DISCARDED


def check_request(request: Request) -> None:
    """Raise InputError where the options do not say which mail is meant, and how much."""
    if request.is_by_filter and request.limit is None:
        raise InputError("limit: is not given; say how many mails may match at most, so that no more are touched")
    if not request.is_by_filter and not request.filters.message_ids:
        raise InputError("message_ids: is empty; give the ids of the mails")
    if request.limit is not None and request.limit < 1:
        raise InputError(f"limit: {request.limit} is less than 1; give how many mails may match at most")


def named(request: Request) -> list[Target]:
    """Return the mails that are named; what kind they are is given by what is to become of them."""
    return [Target(each, _KINDS[request.state][0]) for each in request.filters.message_ids or ()]


def chosen(request: Request, found: Sequence[HeldMail]) -> tuple[list[Target], dict[str, str]]:
    """Return the mails among those found that are meant, and why others of them are left alone, by their ids.

    Raises InputError where they are more than expected, or where it is not confirmed that a failed one is discarded.
    """
    why_not = {one.message_id: why for one in found if (why := _why_not(request.state, one))}
    meant = [one for one in found if one.message_id not in why_not]
    if request.limit is not None and len(meant) > request.limit:
        raise InputError(
            f"limit: {len(meant)} mails match, and at most {request.limit} are expected, so that nothing was done; look"
            " at them with list_held_mail, then raise the limit or ask for fewer"
        )
    if request.state == DISCARDED:
        _check_confirmed(meant, request.confirm)
    return [Target(one.message_id, one.kind) for one in meant], why_not


def absent(message_id: str, was_discarded: bool, missing: int) -> Decided:
    """Return what becomes of a mail that is to be discarded and is not in the list of what is held."""
    target = Target(message_id, None)
    if was_discarded:
        return Decided(target)
    return Decided(target, error=_OTHERS_LOOK if missing else "it is not held")


def _why_not(state: str, one: HeldMail) -> str | None:
    if state == RELEASED and one.reason == _VIRUS:
        return "holds a virus and is never released"
    if state == REPLAYED and one.reason == model.UNREADABLE:
        return f"is nothing that Amazon SES tells of a mail ({one.error}); look at it, then discard it"
    if state == REPLAYED and not one.is_kept:
        return "has expired: the bucket does not hold it any more; discard it"
    return None


def _check_confirmed(meant: Iterable[HeldMail], confirm: frozenset[str]) -> None:
    unconfirmed = sorted({one.message_id for one in meant if one.kind != model.QUARANTINED} - confirm)
    if unconfirmed:
        raise InputError(
            f"confirm: does not name {', '.join(unconfirmed[:5])}{' and others' if len(unconfirmed) > 5 else ''}, which"
            " nobody has received; give the ids of the failed mails that are to be discarded once more in confirm"
        )


def decide(
    request: Request, targets: Sequence[Target], functions: Functions, progress: Callable[[int, int], None]
) -> list[Decided]:
    """Have the forwarder do what is decided, mail by mail; one that cannot be done keeps no other from it."""
    quarantined = [one for one in targets if one.kind == model.QUARANTINED]
    decided = []
    for number, target in enumerate(quarantined, 1):
        decided.append(_decide_quarantined(request.state, target, functions))
        progress(number, len(targets))
    for kinds, dead in _by_kinds(request, targets):
        for start in range(0, len(dead), _AT_ONCE):
            decided += _decide_dead(request.state, kinds, dead[start : start + _AT_ONCE], functions)
            progress(len(decided), len(targets))
    return decided


def _by_kinds(request: Request, targets: Sequence[Target]) -> Iterator[tuple[tuple[str, ...], list[Target]]]:
    """Yield the dead letters among the targets, each time with the kinds that are meant.

    Whatever there is about a mail that is named is replayed, which does no harm. Only what was seen is discarded.
    """
    dead = [one for one in targets if one.kind != model.QUARANTINED]
    if not request.needs_listing:
        yield _KINDS[REPLAYED], dead
        return
    for kind in _KINDS[REPLAYED]:
        yield (kind,), [one for one in dead if one.kind == kind]


def _decide_quarantined(state: str, target: Target, functions: Functions) -> Decided:
    try:
        if state == DISCARDED:
            return Decided(target, functions.discard(target.message_id))
        deliveries = functions.release(target.message_id)
    except DecisionError as error:
        return Decided(target, error=str(error))
    return Decided(target, bool(deliveries.keys() - {_ALREADY_SENT}), deliveries)


def _decide_dead(state: str, kinds: Sequence[str], targets: Sequence[Target], functions: Functions) -> list[Decided]:
    by_id = {target.message_id: target for target in targets}
    decided: dict[str, Decided] = {}
    for _try in range(_TRIES):
        left = [message_id for message_id in by_id if message_id not in decided]
        if not left:
            break
        try:
            said: dict[str, Any] = functions.replay(left, kinds, discard=state == DISCARDED)
        except DecisionError as error:
            return [*decided.values(), *(Decided(by_id[one], error=str(error)) for one in left)]
        decided |= {one: Decided(by_id[one], changed=True) for one in said["done"]}
        decided |= {one: Decided(by_id[one]) for one in said["before"]}
        decided |= {one: Decided(by_id[one], error=why) for one, why in said["errors"].items()}
    return [decided.get(one, Decided(target, error=_OTHERS_LOOK)) for one, target in by_id.items()]
