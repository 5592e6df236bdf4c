# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account as it is to be: there, in its place, with its name and its tags. One path for check mode and for real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from . import (
    creation,
    renaming,
    tags,
    tree,
)
from .calls import Connection
from .creation import Ensured
from .model import Wanted
from .paths import Place, Target


@dataclass(frozen=True)
class Present:
    """The account before (None if it was made here) and after, its request, the paths of the OUs that were made."""

    before: dict[str, Any] | None
    after: dict[str, Any]
    request_id: str | None
    made_units: list[str]


def ensure_present(
    connection: Connection, wanted: Wanted, timeout: int | None, check_mode: bool, account_client: Any
) -> Present:
    """Make the account be as it is wanted; wait for it up to ``timeout`` seconds, None is not at all.

    ``account_client`` is for Account Management, and used only where the account may be renamed.
    """
    asked = tree.locate(connection, wanted.parent, wanted.create_parents) if wanted.parent else None
    found = creation.find_account(connection, wanted, None if check_mode else timeout)
    naming = renaming.plan_name(account_client, found, wanted) if found else None
    # An account that is not waited for has no id to be moved by.
    target = asked if timeout is not None or (found and found.account.id) else None
    source = _source(connection, found, target) if found and target else None
    place, made_units = _places(connection, target, check_mode)
    ensured = found or _create(connection, wanted, timeout, check_mode)
    naming = naming or renaming.plan_name(account_client, ensured, wanted)
    if source is None and target:
        source = _source(connection, ensured, target)
    plan = _tag_plan(connection, ensured, wanted)
    account = ensured.account
    if account.id and not check_mode:
        if source and place:
            tree.move(connection, account.id, source, place, "parent")
        renaming.apply_name(account_client, account, naming, timeout)
        tags.apply_tags(connection, account.id, plan)
    unknown = Place() if asked else None
    before = replace(account, name=naming.before).to_dict(plan.before, source or unknown)
    return Present(
        before=None if ensured.made else before,
        after=replace(account, name=naming.after).to_dict(plan.after, place or unknown),
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
    return tree.ensure_place(connection, target, check_mode) if target else (None, [])


def _create(connection: Connection, wanted: Wanted, timeout: int | None, check_mode: bool) -> Ensured:
    return creation.would_create(wanted) if check_mode else creation.create_account(connection, wanted, timeout)


def _tag_plan(connection: Connection, ensured: Ensured, wanted: Wanted) -> tags.TagPlan:
    """Return what gives the account its tags; one that is being made gets them with its creation."""
    if wanted.tags is None or ensured.made or ensured.account.id is None:
        return tags.unchanged(wanted.tags)
    return tags.plan_tags(connection, ensured.account.id, wanted.tags, wanted.purge_tags)
