# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an account is in the organization's tree: finding a place by id or path, making its OUs, moving an account."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api
from .calls import Connection
from .paths import (
    ROOT_PATH,
    Parent,
    Place,
    Target,
    below,
    check_new_names,
    missing_text,
)

# How often a change is tried that others keep overtaking.
_ROUNDS = 5


def locate(connection: Connection, parent: Parent, create: bool) -> Target:
    """Return the place that is meant. InputError if it is not there, unless by path and ``create`` is given."""
    root = Place(api.root_id(connection), ROOT_PATH)
    if parent.id is None:
        return _descend(connection, root, parent, create)
    if parent.id == root.id:
        return Target(root, root, option=parent.option)
    if parent.id.startswith("r-"):
        raise InputError(
            f"{parent.option}: the organization's root is {root.id}, not {parent.id}; '/' is the root, too. For an OU"
            f" of that name write '/{parent.id}'"
        )
    try:
        return Target(root, Places(connection, root).of(parent.id), option=parent.option)
    except error_with_code("OrganizationalUnitNotFoundException") as error:
        text = f"{parent.option}: the organization has no OU {parent.id}; its root is {root.id}"
        raise InputError(text) from error


def _descend(connection: Connection, root: Place, parent: Parent, create: bool) -> Target:
    place = root
    for index, name in enumerate(parent.names):
        units = api.child_units(connection, str(place.id))
        if name not in units:
            target = Target(root, place, parent.names[index:], parent.option)
            if not create:
                raise InputError(missing_text(target, list(units)))
            check_new_names(target, list(units))
            return target
        place = Place(units[name], below(place.path, name))
    return Target(root, place, option=parent.option)


def ensure_place(connection: Connection, target: Target, check_mode: bool) -> tuple[Place, list[str]]:
    """Return the place with its OUs made, and the paths of those, or in check mode of those that would be."""
    if check_mode:
        return target.place, [str(step.path) for step in target.steps]
    return _make(connection, target)


def _make(connection: Connection, target: Target) -> tuple[Place, list[str]]:
    """Make the OUs that are missing; return the place, and the paths of those that nobody else made meanwhile."""
    place, made = target.deepest, []
    for name, step in zip(target.missing, target.steps, strict=True):
        unit_id, ours = _make_unit(connection, str(place.id), name)
        place = Place(unit_id, step.path)
        if ours:
            made.append(str(step.path))
    return place, made


def _make_unit(connection: Connection, parent_id: str, name: str) -> tuple[str, bool]:
    """Return the id of the OU, made unless another job was quicker, and whether it was made here."""
    try:
        return api.create_unit(connection, parent_id, name), True
    except error_with_code("DuplicateOrganizationalUnitException"):
        unit_id = api.child_units(connection, parent_id).get(name)
        if unit_id is None:
            raise
        return unit_id, False


def place_of(connection: Connection, account_id: str, target: Target) -> Place:
    """Return where the account is now. It costs one call where that is the target or the root."""
    parent_id = api.parent_id(connection, account_id)
    if parent_id == target.place.id:
        return target.place
    return Places(connection, target.root).of(parent_id)


def move(connection: Connection, account_id: str, source: Place, place: Place, option: str) -> None:
    """Move the account to the place from wherever it is; it was last seen at the source. Errors name the option."""
    source_id, target_id = str(source.id), str(place.id)
    for _unused in range(_ROUNDS):
        if source_id == target_id:
            return
        refusal = _refusal_to_move(connection, account_id, source_id, target_id)
        if refusal is None:
            return
        # Somebody moved it since we looked.
        seen, source_id = source_id, api.parent_id(connection, account_id)
        if seen == source_id:
            raise refusal
    raise InputError(
        f"{option}: others moved account {account_id} again and again; it is in {source_id} now, and not in"
        f" {target_id}. Find out who else decides where it is, then run again"
    )


def _refusal_to_move(connection: Connection, account_id: str, source_id: str, target_id: str) -> AwsError | None:
    """Move the account; return what AWS said if it is not at the source, None if it is at the target."""
    try:
        api.move_account(connection, account_id, source_id, target_id)
    except AwsError as error:
        if error.code == "DuplicateAccountException":
            return None
        if error.code in ("AccountNotFoundException", "SourceParentNotFoundException"):
            return error
        raise
    return None


@dataclass(frozen=True)
class Places:
    """The places of an organization, each looked up once."""

    connection: Connection
    root: Place
    known: dict[str, Place] = field(default_factory=dict)

    def of(self, parent_id: str) -> Place:
        """Return the root or OU with its path, walking up from it."""
        if parent_id == self.root.id:
            return self.root
        if parent_id not in self.known:
            name = api.unit_name(self.connection, parent_id)
            above = self.of(api.parent_id(self.connection, parent_id))
            self.known[parent_id] = Place(parent_id, below(above.path, name))
        return self.known[parent_id]


def places_of(connection: Connection, account_ids: Set[str], total: int) -> dict[str, Place]:
    """Return where each account is, of ``total`` that the organization has; one that has left is nowhere.

    A few are asked for one by one, which takes a call for each. For many the whole tree is walked, which takes about
    two calls for each OU and one for every 20 accounts.
    """
    root = Place(api.root_id(connection), ROOT_PATH)
    found: dict[str, Place] = {}
    if len(account_ids) > max(5, total // 4):
        for place in _walk(connection, root):
            found.update(dict.fromkeys(account_ids & api.accounts_in(connection, str(place.id)), place))
    # Also those that were moved past the walk.
    places = Places(connection, root, {str(place.id): place for place in found.values()})
    for account_id in sorted(account_ids - found.keys()):
        parent_id = api.parent_id_if_any(connection, account_id)
        found[account_id] = places.of(parent_id) if parent_id else Place()
    return found


def _walk(connection: Connection, root: Place) -> Iterator[Place]:
    """Yield the root and all OUs."""
    waiting = [root]
    while waiting:
        place = waiting.pop()
        yield place
        units = api.child_units(connection, str(place.id))
        waiting += [Place(unit_id, below(place.path, name)) for name, unit_id in units.items()]
