# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An account as it is to be: there, in its place, with its name and its tags. One path for check mode and for real."""

from __future__ import annotations

from collections.abc import Callable
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


def _ignored(_request_id: str) -> None:
    """Hear the id of a creation that is asked for."""


@dataclass(frozen=True)
class How:
    """How an account is made what it is to be. ``timeout`` is how many seconds to wait, None not at all.

    ``account_client`` is for Account Management, and used only where the account may be renamed. ``target`` is where
    the account is to be, where that was looked up before. ``on_request`` hears the id of a creation that is asked for,
    before it is waited for.
    """

    timeout: int | None
    check_mode: bool
    account_client: Any = None
    target: Target | None = None
    on_request: Callable[[str], None] = _ignored


def ensure_present(connection: Connection, wanted: Wanted, how: How) -> Present:
    """Make the account be there as it is wanted."""
    asked = how.target
    if asked is None and wanted.parent:
        asked = tree.locate(connection, wanted.parent, wanted.create_parents)
    found = creation.find_account(connection, wanted, None if how.check_mode else how.timeout)
    naming = renaming.plan_name(how.account_client, found, wanted) if found else None
    # An account that is not waited for has no id to be moved by.
    target = asked if how.timeout is not None or (found and found.account.id) else None
    source = _source(connection, found, target) if found and target else None
    place, made_units = _places(connection, target, how.check_mode)
    ensured = found or _create(connection, wanted, how)
    naming = naming or renaming.plan_name(how.account_client, ensured, wanted)
    if source is None and target:
        source = _source(connection, ensured, target)
    plan = _tag_plan(connection, ensured, wanted)
    account = ensured.account
    if account.id and not how.check_mode:
        if source and place:
            tree.move(connection, account.id, source, place, "parent")
        renaming.apply_name(how.account_client, account, naming, how.timeout)
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
    """Return where the account is; a new one comes into the root (API Reference, CreateAccount)."""
    if ensured.account.id is None or ensured.made:
        return target.root
    return tree.place_of(connection, ensured.account.id, target)


def _places(connection: Connection, target: Target | None, check_mode: bool) -> tuple[Place | None, list[str]]:
    """Return the place with its OUs made, and the paths of those. First, since no account is made for no place."""
    return tree.ensure_place(connection, target, check_mode) if target else (None, [])


def _create(connection: Connection, wanted: Wanted, how: How) -> Ensured:
    if how.check_mode:
        return creation.would_create(wanted)
    return creation.create_account(connection, wanted, how.timeout, how.on_request)


def _tag_plan(connection: Connection, ensured: Ensured, wanted: Wanted) -> tags.TagPlan:
    """Return what gives the account its tags; one that is being made gets them with its creation."""
    if wanted.tags is None or ensured.made or ensured.account.id is None:
        return tags.unchanged(wanted.tags)
    return tags.plan_tags(connection, ensured.account.id, wanted.tags, wanted.purge_tags)
