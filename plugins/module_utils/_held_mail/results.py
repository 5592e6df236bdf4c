# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns that decided about held mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, summary
from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

from .deciding import Decided

_HELD = "held"


def outcome(state: str, decided: Sequence[Decided]) -> Outcome:
    """Return what became of mails that were to come to a state: before and after by id, only of those that changed."""
    failures = [
        {"message_id": each.target.message_id, "msg": printable(each.error)}
        for each in decided
        if each.error is not None
    ]
    named = [f"{each['message_id']}: {each['msg']}" for each in failures]
    return Outcome(
        before=_states(decided, _HELD),
        after=_states(decided, state),
        extra={"held_mail": [_to_dict(state, each) for each in decided], "failures": failures},
        failure=summary(named, len(decided), f"mails could not be {state}") if failures else None,
    )


def _states(decided: Sequence[Decided], state: str) -> dict[str, dict[str, str]]:
    """Return the state of each mail that changed, by its id and kind: one may be both quarantined and failed."""
    states: dict[str, dict[str, str]] = {}
    for each in decided:
        if each.changed:
            states.setdefault(each.target.message_id, {})[str(each.target.kind)] = state
    return states


def _to_dict(state: str, each: Decided) -> dict[str, Any]:
    return {
        "message_id": each.target.message_id,
        "kind": each.target.kind,
        "state": _HELD if each.error is not None else state,
        "changed": each.changed,
        "deliveries": each.deliveries,
    }
