# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the entries of a task come to, before any of it is written. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from ansible_collections.account_factory.email.plugins.module_utils._errors import (
    ConflictError,
    DamagedMapError,
    InputError,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import group_key
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    DOMAINS_KEY,
    RETIRED,
    AddressRecord,
    Stamp,
    address_key,
    series_key,
    vended_domains,
)

from .changes import Change, Item, Read, refusal, unmet
from .edits import Edit, apply_edit, is_too_late, too_late
from .entries import Ask, Correction, Label, Upsert
from .requests import SeriesRequest, VendRequest, change_asked_for


@dataclass(frozen=True)
class View:
    """The items of the map that a plan may look at, None for one that is not there.

    ``read`` notes what was not read yet, for it to be read before the plan counts; ``peek`` takes it as not there.
    ``first`` returns an item as it was when it was read first.
    """

    read: Read
    peek: Read
    first: Read


@dataclass(frozen=True)
class Plan:
    """What becomes of each entry, or why it cannot be.

    ``beyond`` are the entries whose number was given out by another route: theirs is one that is yet to be drawn.
    """

    changes: dict[Label, Change] = field(default_factory=dict)
    failures: dict[Label, Exception] = field(default_factory=dict)
    beyond: set[Label] = field(default_factory=set)

    @property
    def changed(self) -> bool:
        return any(change.changed for change in self.changes.values())

    def signed(self, stamp: Stamp) -> Plan:
        """Return the plan with when and by whom its changes are made."""
        changes = {label: change.signed(stamp) for label, change in self.changes.items()}
        return Plan(changes, self.failures, self.beyond)

    def add(self, other: Plan) -> None:
        """Let what the other plan says of an entry take the place of what this one says."""
        for label in (*other.changes, *other.failures):
            self.changes.pop(label, None)
            self.failures.pop(label, None)
        self.changes.update(other.changes)
        self.failures.update(other.failures)


def imported_numbers(asks: Iterable[Ask]) -> dict[str, int]:
    """Return the highest number that comes in with the entries, by series in lower case."""
    highest: dict[str, int] = {}
    for ask in asks:
        if isinstance(ask, Upsert) and ask.series is not None and ask.number is not None:
            series = ask.series.lower()
            highest[series] = max(ask.number, highest.get(series, 0))
    return highest


def next_numbers(asks: Iterable[Ask], read: Read) -> dict[str, range]:
    """Return the numbers that the series would give to the entries that need one, by series in lower case."""
    asks = list(asks)
    wanted = Counter(ask.name_prefix.lower() for ask in asks if isinstance(ask, SeriesRequest) and not read(ask.key))
    imported = imported_numbers(asks)
    numbers = {}
    for series, how_many in wanted.items():
        last = int((read(series_key(series)) or {}).get("last_number", 0))
        first = max(last, imported.get(series, 0)) + 1
        numbers[series] = range(first, first + how_many)
    return numbers


def plan(asks: Mapping[Label, Ask], view: View, numbers: Mapping[str, range], judge_numbers: bool) -> Plan:
    """Return the changes that the entries come to, judged as the table will judge them.

    ``numbers`` are the ones for the new addresses of each series, by series in lower case. Whether their addresses are
    free, the table says when they are written; with ``judge_numbers`` the plan does.
    """
    made = Plan()
    planner = _Planner(
        view,
        domains=vended_domains(view.read(DOMAINS_KEY)),
        numbers={series: iter(block) for series, block in numbers.items()},
        beyond={series: count(block.stop) for series, block in numbers.items()},
        judged=view.read if judge_numbers else view.peek,
    )
    for label, ask in asks.items():
        try:
            made.changes[label] = planner.change(ask)
        except InputError as error:
            made.failures[label] = error
            continue
        if planner.is_beyond:
            made.beyond.add(label)
        writes = [action for action in made.changes[label].actions if action.writes]
        planner.claimed.update({action.key: (label, action.item) for action in writes})
    return made


@dataclass
class _Planner:
    view: View
    domains: Mapping[str, str | None]
    numbers: Mapping[str, Iterator[int]]
    beyond: Mapping[str, Iterator[int]]
    # Reads what the numbers of series depend on.
    judged: Read
    # The entries whose changes write the items under these keys, and what they write.
    claimed: dict[str, tuple[Label, Item]] = field(default_factory=dict)
    is_beyond: bool = False

    def change(self, ask: Ask) -> Change:
        self.is_beyond = False
        ask.check_domains(self.domains)
        if isinstance(ask, Upsert | Correction):
            item = self.view.read(ask.key)
            change = ask.change(AddressRecord.from_item(item) if item else None)
            edit: Edit | None = ask.edit
        else:
            record, edit = known_request(ask, self.view.read)
            if record is not None:
                change = Change(record, apply_edit(record, edit) if edit else record)
            elif isinstance(ask, SeriesRequest):
                return self._next_of_series(ask)
            else:
                change = Change(None, ask.record(), ask.asked())
        _check_groups(change, self.view.read)
        key = unmet(change, self.view.read)
        # What is in its way in any case is told first: of being too late it is said to run again.
        if key is not None:
            raise refusal(change, key, self.view.read)
        self._check_claims(change)
        if edit is not None:
            self._check_since_first(edit, change)
        return change

    def _next_of_series(self, ask: SeriesRequest) -> Change:
        series = ask.name_prefix.lower()
        number = next(self.numbers[series])
        while True:
            change = Change(None, ask.record(number), ask.asked())
            _check_groups(change, self.view.read)
            key = unmet(change, self.judged)
            if key == ask.key:
                raise refusal(change, key, self.judged)
            if key is None and not self._claims(change):
                return change
            self.is_beyond = True
            number = next(self.beyond[series])

    def _check_since_first(self, edit: Edit, change: Change) -> None:
        item = self.view.first(edit.key)
        if item and change.before and is_too_late(edit, AddressRecord.from_item(item), change.before, change.after):
            raise too_late(change.before)

    def _claims(self, change: Change) -> list[Label]:
        """Return the entries that write what the change's conditions would then not hold of."""
        met = [(action, *self.claimed[action.key]) for action in change.actions if action.key in self.claimed]
        return [label for action, label, item in met if not action.condition.holds(item)]

    def _check_claims(self, change: Change) -> None:
        claims = self._claims(change)
        if claims:
            raise InputError(
                f"address: {change.after.address}, its name or its account is what addresses[{claims[0]}] asks for;"
                " keep one of them"
            )


def _check_groups(change: Change, read: Read) -> None:
    """Raise InputError where the change names a group of which the map does not know the members.

    It is no condition of the transaction: addresses that name one group would cancel each other's, and a group that is
    gone from the map a moment later loses no mail (see the forwarder's recipients.py).
    """
    known = change.before.owner_groups if change.before else ()
    for index, group in enumerate(change.after.owner_groups):
        if group not in known and read(group_key(group)) is None:
            raise InputError(
                f"owner_groups[{index}]: the map does not know the members of the group {group} yet. Nothing was"
                " changed; read them first:"
                f" ansible-playbook account_factory.email.sync_owners -e account_factory_owner_groups={group}"
            )


def known_request(request: VendRequest, read: Read) -> tuple[AddressRecord | None, Edit | None]:
    """Return the record that a request got when it came before, and what the request now changes of it.

    None, None where it is new; None as the second where it changes nothing. Raises InputError where it is another
    request than it was then, or its address is retired; DamagedMapError where its address is not in the map.
    """
    item = read(request.key)
    # An account's name that was given for another request says nothing of this one; writing will be refused.
    if item is None or "asked" not in item:
        return None, None
    address = item["address"]
    found = read(address_key(address))
    if found is None:
        raise DamagedMapError(request.key, address)
    record = AddressRecord.from_item(found)
    edit = change_asked_for(request, item["asked"], record)
    if record.status == RETIRED:
        option = "account_name" if request.request_id is None else "request_id"
        raise ConflictError(
            f"{option}: this request got {address}, which is retired and never vended again. Use a new one, or bring"
            " the address back to its own account with restore"
        )
    return record, edit


def plan_prune(table: str, records: Iterable[AddressRecord], kept: Plan, limit: int) -> dict[Label, Ask]:
    """Return, by address, the edits that retire every address that the entries do not name.

    ``limit`` is how many of a hundred may go. InputError beyond it, and where an entry failed: it may name one of them.
    """
    if kept.failures:
        index, error = next(iter(kept.failures.items()))
        raise InputError(f"prune: nothing was changed, as not every entry can be done. addresses[{index}]: {error}")
    named = {change.after.address for change in kept.changes.values()}
    there = [record for record in records if record.status != RETIRED]
    gone = sorted(record.address for record in there if record.address not in named)
    if len(gone) * 100 > limit * len(there):
        raise InputError(
            f"prune: {len(gone)} of {len(there)} addresses would be retired ({len(gone) * 100 / len(there):.1f} %),"
            f" more than the {limit} % of prune_limit; nothing was changed. Check that the list is whole, or raise"
            " prune_limit"
        )
    return {address: Correction(Edit(address, retire=True), table) for address in gone}
