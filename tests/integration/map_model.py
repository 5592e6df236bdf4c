# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map as a dictionary: what one operation after another makes of it, to hold the real one against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit, OwnerChange, touched
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Upsert
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import (
    ExactRequest,
    SeriesRequest,
    change_asked_for,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    ACTIVE,
    RETIRED,
    VENDED,
    AddressRecord,
    Stamp,
)

Operation = SeriesRequest | ExactRequest | Edit | Upsert


@dataclass(frozen=True)
class Refused:
    """The operation cannot be done and nothing of it was; ``too_late``: somebody else changed the same meanwhile."""

    text: str = ""
    too_late: bool = False


Outcome = Change | Refused


@dataclass(frozen=True)
class Step:
    """An operation and what came of it, None where nobody was left to hear; ``raced``: others came in between."""

    operation: Operation
    stamp: Stamp
    outcome: Outcome | None
    raced: bool = False


@dataclass(frozen=True)
class Model:
    """All records by address, and by its key what each request asked for at first and the address that it got."""

    reserved: str
    records: Mapping[str, AddressRecord] = field(default_factory=dict)
    requests: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)

    def explain(self, steps: Sequence[Step], there: Mapping[str, AddressRecord]) -> Model | None:
        """Return the model after the steps in an order that makes of it what is there; None where no order does."""
        for order in permutations(steps):
            after: Model | None = self
            for step in order:
                after = after and after._step(step, self, there)
            if after and after.records == there:
                return after
        return None

    def _step(self, step: Step, start: Model, there: Mapping[str, AddressRecord]) -> Model | None:
        """Return the model after the step, None where this is not what would have come of it."""
        expected = self.expect(step.operation, step.stamp, there)
        if expected is None:
            return None
        if isinstance(expected, Change) and expected.changed and step.raced and self._is_changed(step, start):
            expected = Refused(too_late=True)
        if step.outcome is not None and _comparable(step.outcome) != _comparable(expected):
            return None
        return self._with(expected, step.operation) if isinstance(expected, Change) else self

    def _is_changed(self, step: Step, start: Model) -> bool:
        """Return whether what the step edits was edited by another since the step's own beginning."""
        edit = step.operation.edit if isinstance(step.operation, Upsert) else step.operation
        if not isinstance(edit, Edit) or edit.address not in start.records:
            return False
        return touched(start.records[edit.address], edit) != touched(self.records[edit.address], edit)

    def _with(self, change: Change, operation: Operation) -> Model:
        records = {**self.records, change.after.address: change.after}
        if change.before is not None or isinstance(operation, Edit):
            return replace(self, records=records)
        request = operation if not isinstance(operation, Upsert) else _creation(operation)
        asked = (change.after.address, request.asked())
        return replace(self, records=records, requests={**self.requests, request.key: asked})

    def expect(self, operation: Operation, stamp: Stamp, there: Mapping[str, AddressRecord]) -> Outcome | None:
        """Return what comes of the operation, nobody else being there.

        The number that a series gives is taken from what is there, as any that is free is right; None if none was.
        """
        if isinstance(operation, Edit):
            return self._edited(operation, stamp)
        if isinstance(operation, Upsert):
            return self._brought_in(operation, stamp)
        if operation.key in self.requests:
            return self._again(operation, stamp)
        if isinstance(operation, ExactRequest):
            return self._new(operation.record(), stamp)
        numbers = [record.number for record in there.values() if record.request_id == operation.request_id]
        if not numbers or numbers[0] is None:
            return None
        # A number that is not free was never given.
        new = self._new(operation.record(numbers[0]), stamp)
        return new if isinstance(new, Change) else None

    def _again(self, request: SeriesRequest | ExactRequest, stamp: Stamp) -> Outcome:
        address, asked = self.requests[request.key]
        record = self.records[address]
        try:
            change = change_asked_for(request, asked, record)
        except InputError as error:
            return Refused(str(error))
        if record.status == RETIRED:
            return Refused("retired")
        return self._edited(change, stamp) if change else Change(record, record)

    def _new(self, record: AddressRecord, stamp: Stamp) -> Outcome:
        names = {there.account_name.lower() for there in self.records.values()} | {self.reserved}
        local_part = record.address.partition("@")[0]
        if record.address in self.records or record.account_name.lower() in names or local_part == self.reserved:
            return Refused("taken")
        if self._has_another(record):
            return Refused("an account has one address")
        created = replace(record, created_at=stamp.at, created_by=stamp.by)
        return Change(None, _signed(None, created, stamp))

    def _has_another(self, record: AddressRecord) -> bool:
        others = (there.account_id for there in self.records.values() if there.address != record.address)
        return record.account_id is not None and record.account_id in others

    def _brought_in(self, entry: Upsert, stamp: Stamp) -> Outcome:
        record = self.records.get(entry.edit.address)
        if record is not None:
            is_named = entry.account_name in (None, record.account_name)
            return self._edited(entry.edit, stamp) if is_named else Refused("names are not changed")
        values = entry.edit.values
        if entry.edit.retire or "owners" not in values:
            return Refused("not in the map")
        status = values.get("status") or (ACTIVE if "account_id" in values else VENDED)
        if status == VENDED and "account_id" in values:
            return Refused("an account makes it active")
        return self._new(replace(_creation(entry).record(), status=status), stamp)

    def _edited(self, edit: Edit, stamp: Stamp) -> Outcome:
        record = self.records.get(edit.address)
        if record is None:
            return Refused("not in the map")
        wanted = {"status": RETIRED} if edit.retire else _wanted(record, edit)
        if wanted is None or self._has_another(replace(record, **wanted)):
            return Refused("not possible")
        edited = replace(record, **wanted)
        if edited == record:
            return Change(record, record)
        return Change(record, _signed(record, replace(edited, version=record.version + 1), stamp))


def _signed(before: AddressRecord | None, after: AddressRecord, stamp: Stamp) -> AddressRecord:
    known = before.owners_since if before else {}
    since = {owner: known.get(owner, stamp.at) for owner in after.mailboxes}
    return replace(after, updated_at=stamp.at, updated_by=stamp.by, owners_since=since)


def _wanted(record: AddressRecord, edit: Edit) -> dict[str, Any] | None:
    """Return the fields as the edit wants them, None where it cannot be done."""
    was_retired = record.status == RETIRED
    edited_id, status = edit.values.get("account_id"), edit.values.get("status")
    if was_retired and not (edit.restore and edited_id == record.account_id):
        return None
    if edited_id is not None and record.account_id not in (None, edited_id):
        return None
    account_id = edited_id or record.account_id
    if status == VENDED and account_id:
        return None
    own = ACTIVE if account_id else VENDED
    wanted = dict(edit.values)
    if "tags" in wanted and not edit.purge_tags:
        wanted["tags"] = {**record.tags, **wanted["tags"]}
    if edit.owner_change:
        wanted.update(_owners(record, edit.owner_change))
        if not wanted["owners"]:
            return None
    return {**wanted, "status": status or (own if was_retired or edited_id else record.status)}


def _owners(record: AddressRecord, change: OwnerChange) -> dict[str, tuple[str, ...]]:
    """Return both lists of owners after the change; each owner is spelt in one way in these tests."""

    def replaced(owners: Sequence[str]) -> list[str]:
        return [new for owner in owners for new in (change.replacements if owner == change.replaced else (owner,))]

    kept = [owner for owner in replaced(record.owners) if owner not in change.removed]
    fallback = tuple(dict.fromkeys(replaced(record.fallback_owners)))
    return {"owners": tuple(dict.fromkeys([*kept, *change.added])), "fallback_owners": fallback}


def _creation(entry: Upsert) -> ExactRequest:
    local_part, _at, domain = entry.edit.address.partition("@")
    values = entry.edit.values
    asked = ("owners", "fallback_owners", "account_type", "tags", "forwarding")
    return ExactRequest(
        entry.account_name or local_part,
        local_part,
        domain,
        {name: values[name] for name in asked if name in values},
        account_id=values.get("account_id"),
        series=entry.series,
        number=entry.number,
    )


def _comparable(outcome: Outcome) -> object:
    """Return the outcome without what the model has no word for: a refusal's text, and what was asked."""
    return outcome.too_late if isinstance(outcome, Refused) else (outcome.before, outcome.after)
