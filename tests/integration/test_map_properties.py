# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is done to a map, in any order and by several clients at once, is as if it were done one after another.

Clients that run at once do so here at moments that hypothesis chooses: one's work comes between two calls of another.
It chooses the same ones in each run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import chain, combinations
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit, OwnerChange
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_entries
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Entries, Label, Upsert
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest, SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord, Stamp
from tests.integration.map_model import Model, Operation, Outcome, Refused, Step
from tests.integration.maps import check_map, new_map
from tests.integration.watched import CutOffError, WatchedClient, cut_off
from tests.local_aws import LocalAws
from tests.map_work import edit_of, edit_record, vend

DOMAINS = ("accounts.example.com", "accounts.example.net")
# Few of each, so that they meet.
OWNERS = st.sampled_from([("jane@example.org",), ("joe@example.org",)])
REQUEST_IDS = st.sampled_from(["T-1", "T-2", "T-3", "T-4", "T-5"])
ACCOUNT_IDS = ("111111111111", "222222222222")
RESERVED = "app-003"
NAMES = st.sampled_from(["app-001", "App-002", RESERVED, "web", "log", "Mail"])
FIRST_ADDRESSES = [f"{local_part}@{DOMAINS[0]}" for local_part in ("app-001", "app-002", "web")]
ADDRESSES = st.sampled_from([*FIRST_ADDRESSES, *FIRST_ADDRESSES, f"app-001@{DOMAINS[1]}", f"log@{DOMAINS[0]}"])

VALUES = st.fixed_dictionaries({"owners": OWNERS}, optional={"fallback_owners": OWNERS})
SERIES_REQUESTS = st.builds(
    SeriesRequest, REQUEST_IDS, st.sampled_from(["app", "App"]), st.sampled_from(DOMAINS), VALUES
)
EXACT_REQUESTS = st.builds(
    ExactRequest,
    NAMES,
    NAMES,
    st.sampled_from(DOMAINS),
    VALUES,
    request_id=st.none() | REQUEST_IDS,
    account_id=st.sampled_from([None, *ACCOUNT_IDS]),
)
OWNER_CHANGES = st.sampled_from(
    [
        OwnerChange(added=("joe@example.org",)),
        OwnerChange(removed=("joe@example.org",)),
        OwnerChange(added=("ann@example.org",), removed=("jane@example.org",)),
        OwnerChange(replaced="jane@example.org", replacements=("joe@example.org", "ann@example.org")),
    ]
)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """Draw an edit. Most say little, so that most can be done."""
    values: dict[str, Any] = {
        "account_type": draw(st.sampled_from([None, None, None, "sandbox", "production"])),
        "tags": draw(st.sampled_from([None, None, None, {"a": "1"}, {"b": "2"}])),
        "account_id": draw(st.sampled_from([None, None, None, *ACCOUNT_IDS])),
        "status": draw(st.sampled_from([None, None, None, None, "vended", "active"])),
        "forwarding": draw(st.sampled_from([None, None, True, False])),
    }
    owners = draw(st.one_of(st.none(), OWNERS, OWNER_CHANGES))
    change = owners if isinstance(owners, OwnerChange) else None
    if change is None:
        values["owners"] = owners
    given = {name: value for name, value in values.items() if value is not None}
    return Edit(draw(ADDRESSES), given, change, purge_tags=draw(st.booleans()), restore=draw(st.booleans()))


EDITS = edits()
RETIREMENTS = st.builds(Edit, ADDRESSES, retire=st.just(True))
CHANGES = st.one_of(EDITS, EDITS, EDITS, RETIREMENTS)
NUMBERED = st.builds(
    lambda number, edit: Upsert(
        replace(edit, address=f"app-{number:03}@{DOMAINS[0]}"), f"app-{number:03}", "app", number
    ),
    st.integers(1, 4),
    EDITS,
)
ENTRIES = st.one_of(SERIES_REQUESTS, EXACT_REQUESTS, NUMBERED, st.builds(Upsert, CHANGES, st.none() | NAMES))


@dataclass(frozen=True)
class Task:
    """What one client does: one operation, or several as the entries of one task."""

    client: str
    operations: tuple[Operation, ...]
    many: bool = False

    @property
    def stamp(self) -> Stamp:
        return Stamp("2026-11-21T09:30:00Z", f"arn:aws:iam::123456789012:user/{self.client}")

    def run(self, table: api.Table, check_mode: bool = False) -> list[Outcome]:
        """Do it and return what came of each operation."""
        if self.many:
            return self._run_many(table, check_mode)
        operation = self.operations[0]
        try:
            if isinstance(operation, Edit):
                return [edit_record(table, operation, lambda: self.stamp, check_mode)]
            assert not isinstance(operation, Upsert)
            return [vend(table, operation, lambda: self.stamp, check_mode)]
        except (TaskError, AwsError) as error:
            return [_refused(str(error))]

    def steps(self, came: list[Outcome] | list[None], raced: bool = False) -> list[Step]:
        """Return each operation with what came of it."""
        return [
            Step(operation, self.stamp, outcome, raced)
            for operation, outcome in zip(self.operations, came, strict=True)
        ]

    def _run_many(self, table: api.Table, check_mode: bool) -> list[Outcome]:
        asks: dict[Label, Ask] = {
            index: operation for index, operation in enumerate(self.operations) if not isinstance(operation, Edit)
        }
        came = apply_entries(table, Entries(asks, {}), Work(lambda: self.stamp, check_mode))
        return [came.changes[index] if index in came.changes else _refused(str(came.failures[index])) for index in asks]


def _refused(text: str) -> Refused:
    return Refused(text, too_late="while this task ran" in text)


def _own_key(operation: Operation) -> str:
    """Return what only one entry of a task may ask for: an account's name or an address, whatever the domain."""
    if isinstance(operation, SeriesRequest):
        return operation.key
    if isinstance(operation, ExactRequest):
        return operation.local_part.lower()
    assert isinstance(operation, Upsert)
    return operation.edit.address.partition("@")[0]


CLIENTS = st.sampled_from(["ann", "bob", "cem"])
ALONE = st.builds(Task, CLIENTS, st.tuples(SERIES_REQUESTS | EXACT_REQUESTS | CHANGES))
MANY = st.builds(
    Task,
    CLIENTS,
    st.lists(ENTRIES, min_size=1, max_size=3, unique_by=(_own_key, lambda ask: ask.key)).map(tuple),
    many=st.just(True),
)
TASKS = ALONE | MANY


class Map(RuleBasedStateMachine):
    """A map on local AWS beside a model of it; ``seen`` is what ever came of an operation."""

    def __init__(self, aws: LocalAws, seen: set[str]) -> None:
        super().__init__()
        self.table = new_map(aws.client("dynamodb"), *DOMAINS)
        assert api.put_domain(self.table, DOMAINS[0], f"{RESERVED}@{DOMAINS[0]}")
        self.model = Model(RESERVED)
        self.seen = seen

    @initialize(addresses=st.sampled_from([FIRST_ADDRESSES, FIRST_ADDRESSES, FIRST_ADDRESSES, []]))
    def begin(self, addresses: list[str]) -> None:
        """Some addresses are brought in as a rule, so that there is something to edit."""
        edits = [edit_of(address, owners=("jane@example.org",)) for address in addresses]
        self.one(Task("ann", tuple(map(Upsert, edits)), many=True))

    @rule(task=TASKS)
    def one(self, task: Task) -> None:
        """Check mode, then for real: both say the same."""
        before = check_map(self.table)
        planned = task.run(self.table, check_mode=True)
        assert check_map(self.table) == before
        came = task.run(self.table)
        steps = task.steps(came)
        assert planned == came, f"in check mode {planned}, but {_text(steps)}"
        self._judge([steps], _text(steps))

    @rule(task=TASKS, rival=TASKS, call=st.integers(2, 5))
    def two_at_once(self, task: Task, rival: Task, call: int) -> None:
        self._at_once(task, rival, call)

    @rule(edit=CHANGES, rival=CHANGES, many=st.booleans())
    def two_edits_of_one_address_at_once(self, edit: Edit, rival: Edit, many: bool) -> None:
        """The rival's comes as soon as the address is read. By chance, such meetings would be few."""
        task = Task("ann", (Upsert(edit) if many else edit,), many)
        self._at_once(task, Task("bob", (replace(rival, address=edit.address),)), call=2)

    @rule(task=TASKS, call=st.integers(1, 5), sent=st.booleans())
    def one_cut_off(self, task: Task, call: int, sent: bool) -> None:
        """Each operation is done wholly or not at all."""
        client = cut_off(self.table.client, call, sent)
        try:
            steps = task.steps(task.run(api.Table(client, self.table.name)))
        except CutOffError:
            unheard = task.steps([None] * len(task.operations))
            some = chain.from_iterable(combinations(unheard, size) for size in range(len(unheard) + 1))
            self._judge([list(steps) for steps in some], _text(unheard))
        else:
            self._judge([steps], _text(steps))

    def _at_once(self, task: Task, rival: Task, call: int) -> None:
        """Do the rival's work between two calls of the task."""
        came: list[Step] = []
        # Of two tasks by one principal in one second that write the very same, each takes what is there for its own and
        # says changed. Nothing is undone by that, but one after another only the first would say so.
        if rival.client == task.client:
            rival = replace(rival, client="dan")

        def intervene(number: int) -> None:
            if number == call:
                came.extend(rival.steps(rival.run(self.table)))

        client = WatchedClient(self.table.client, before=intervene)
        mine = task.steps(task.run(api.Table(client, self.table.name)), raced=True)
        self._judge([[*mine, *came]], f"{_text(mine)}\n  and before its call {call}\n{_text(came)}")

    def _judge(self, possible: list[list[Step]], happened: str) -> None:
        """Check that what happened is what could have: one of the lists of steps, in some order."""
        there = check_map(self.table)
        explained = (self.model.explain(steps, there) for steps in possible)
        after = next((model for model in explained if model is not None), None)
        if after is None:
            raise AssertionError(f"no order of these explains what the map holds:\n{happened}\n{self._shown(there)}")
        self.model = after
        self.seen.update(_kind(step) for steps in possible for step in steps)

    def _shown(self, there: dict[str, AddressRecord]) -> str:
        before = self.model.records
        changed = [address for address in {**before, **there} if before.get(address) != there.get(address)]
        return "\n".join(
            f"  {address}\n    was {_record(before, address)}\n    is  {_record(there, address)}" for address in changed
        )


def _kind(step: Step) -> str:
    """Return in a word or two what came of the step."""
    outcome = step.outcome
    if outcome is None:
        return "cut off"
    if isinstance(outcome, Refused):
        return "too late" if outcome.too_late else "refused"
    if outcome.before is None:
        return f"new by {type(step.operation).__name__}"
    if RETIRED in (outcome.before.status, outcome.after.status) and outcome.changed:
        return "retired" if outcome.after.status == RETIRED else "restored"
    return "edited" if outcome.changed else "unchanged"


def _text(steps: list[Step]) -> str:
    """Return what was done and what came of it, a line each, without what is not given."""
    return "\n".join(
        f"  {step.stamp.by.rpartition('/')[2]}: {_short(step.operation)}\n    -> {_came(step.outcome)}"
        for step in steps
    )


def _record(records: Mapping[str, AddressRecord], address: str) -> str:
    return _short(records[address]) if address in records else "not there"


def _came(outcome: Outcome | None) -> str:
    if outcome is None:
        return "cut off"
    if isinstance(outcome, Refused):
        return outcome.text
    return f"{_short(outcome.before) if outcome.before else None} -> {_short(outcome.after)}"


def _short(operation: Operation | AddressRecord) -> str:
    given = {entry.name: getattr(operation, entry.name) for entry in fields(operation)}
    text = ", ".join(f"{name}={value!r}" for name, value in given.items() if value not in (None, {}, False))
    return f"{type(operation).__name__}({text})"


def test_whatever_is_done_in_any_order_by_several_clients_is_as_one_after_another(local_aws: LocalAws) -> None:
    seen: set[str] = set()

    class OnLocalAws(Map):
        def __init__(self) -> None:
            super().__init__(local_aws, seen)

    run_state_machine_as_test(
        OnLocalAws,
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            # No shrinking: every try is a map made anew, which is minutes, and a failure tells its own step in full.
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    new = {f"new by {way}" for way in ("SeriesRequest", "ExactRequest", "Upsert")}
    others = {"edited", "retired", "restored", "unchanged", "refused", "too late", "cut off"}
    assert seen == new | others, "what was not seen was not tested"
