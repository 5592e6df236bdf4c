# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account as it is to be: there, in its place, with its tags. One path for check mode and for real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._organizations import creation, tags, tree
from ansible_collections.account_factory.email.plugins.module_utils._organizations.calls import Connection
from ansible_collections.account_factory.email.plugins.module_utils._organizations.creation import Ensured
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import Wanted
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Place, Target


@dataclass(frozen=True)
class Present:
    """The account before (None if it was made here) and after, its request, the paths of the OUs that were made."""

    before: dict[str, Any] | None
    after: dict[str, Any]
    request_id: str | None
    made_units: list[str]


def ensure_present(connection: Connection, wanted: Wanted, timeout: int | None, check_mode: bool) -> Present:
    """Make the account be as it is wanted; wait for it up to ``timeout`` seconds, None is not at all."""
    asked = tree.locate(connection, wanted.parent, wanted.create_parents) if wanted.parent else None
    found = creation.find_account(connection, wanted, None if check_mode else timeout)
    # An account that is not waited for has no id to be moved by.
    target = asked if timeout is not None or (found and found.account.id) else None
    source = _source(connection, found, target) if found and target else None
    place, made_units = _places(connection, target, check_mode)
    ensured = found or _create(connection, wanted, timeout, check_mode)
    if source is None and target:
        source = _source(connection, ensured, target)
    plan = _tag_plan(connection, ensured, wanted)
    account_id = ensured.account.id
    if account_id and not check_mode:
        if source and place:
            tree.move(connection, account_id, source, place)
        tags.apply_tags(connection, account_id, plan)
    unknown = Place() if asked else None
    return Present(
        before=None if ensured.made else ensured.account.to_dict(plan.before, source or unknown),
        after=ensured.account.to_dict(plan.after, place or unknown),
        request_id=ensured.request_id,
        made_units=made_units,
    )


def _source(connection: Connection, ensured: Ensured, target: Target) -> Place:
    """Return where the account is; one that is still to be made comes into the root (API Reference, CreateAccount)."""
    if ensured.account.id is None:
        return target.root
    return tree.place_of(connection, ensured.account.id, target)


def _places(connection: Connection, target: Target | None, check_mode: bool) -> tuple[Place | None, list[str]]:
    """Return the place with its OUs made, and the paths of those. First, since no account is made for no place."""
    if target is None:
        return None, []
    if check_mode:
        return target.place, [str(step.path) for step in target.steps]
    return tree.make(connection, target)


def _create(connection: Connection, wanted: Wanted, timeout: int | None, check_mode: bool) -> Ensured:
    return creation.would_create(wanted) if check_mode else creation.create_account(connection, wanted, timeout)


def _tag_plan(connection: Connection, ensured: Ensured, wanted: Wanted) -> tags.TagPlan:
    """Return what gives the account its tags; one that is being made gets them with its creation."""
    if wanted.tags is None or ensured.made or ensured.account.id is None:
        return tags.unchanged(wanted.tags)
    return tags.plan_tags(connection, ensured.account.id, wanted.tags, wanted.purge_tags)
