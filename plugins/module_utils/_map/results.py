# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that works on many addresses returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, failure, summary
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED

from .changes import Change
from .entries import Label
from .plan import Plan


def outcome(entries: list[Any], done: Plan) -> Outcome:
    """Return what became of the entries: before and after by address, only of those that changed."""
    in_order = sorted(done.changes.items(), key=_place)
    changed = {change.after.address: change for _label, change in in_order if change.changed}
    failures = [_failure(label, error, entries) for label, error in sorted(done.failures.items(), key=_place)]
    return Outcome(
        before={address: change.before.to_dict() for address, change in changed.items() if change.before},
        after={address: change.after.to_dict() for address, change in changed.items()},
        extra={
            "vended_addresses": [
                done.changes[index].after.to_dict() if index in done.changes else {} for index in range(len(entries))
            ],
            **_kinds(changed),
            "failures": failures,
        },
        failure=summary([*map(_named, failures)], len(entries), "entries could not be done") if failures else None,
    )


def _place(labelled: tuple[Label, object]) -> tuple[bool, int, str]:
    """Return what puts the entries in their order, and the addresses that no entry names after them."""
    label = labelled[0]
    return (True, 0, label) if isinstance(label, str) else (False, label, "")


def _kinds(changed: Mapping[str, Change]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {"vended": [], "edited": [], "retired": []}
    for address, change in changed.items():
        became = "retired" if change.after.status == RETIRED else "edited"
        kinds[became if change.before else "vended"].append(address)
    return kinds


def _failure(label: Label, error: Exception, entries: list[Any]) -> dict[str, Any]:
    text = failure(error)["msg"]
    if isinstance(label, str):
        return {"index": None, "address": label, "msg": text}
    entry = entries[label]
    return {"index": label, "address": entry.get("address") if isinstance(entry, Mapping) else None, "msg": text}


def _named(failure: Mapping[str, Any]) -> str:
    return failure["msg"] if failure["index"] is None else f"addresses[{failure['index']}]: {failure['msg']}"
