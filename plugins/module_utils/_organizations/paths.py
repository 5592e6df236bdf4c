# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places in an organization's tree, by id or by path. Pure, standard library only.

Sources: AWS Organizations API Reference, CreateOrganizationalUnit and MoveAccount; AWS Organizations User Guide,
"Quotas and service limits for AWS Organizations".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

MAX_LEVELS = 5
NAME_MAX = 128
ROOT_PATH = "/"

_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_LISTED_MAX = 20


@dataclass(frozen=True)
class Parent:
    """Where an account is to be: the id of a root or OU, or else the names of the OUs from the root down.

    ``option`` is the one that says so, which errors name.
    """

    id: str | None = None
    names: tuple[str, ...] = ()
    option: str = "parent"


@dataclass(frozen=True)
class Place:
    """A root or OU: its path, and its id, which is None while it is still to be made. Both are None if unknown."""

    id: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class Target:
    """Where an account is to be: what exists of it, and the names of the OUs below that are still to be made.

    ``option`` is the one that says so, which errors name.
    """

    root: Place
    deepest: Place
    missing: tuple[str, ...] = ()
    option: str = "parent"

    @property
    def place(self) -> Place:
        """Return the place itself, as far as it is known."""
        return self.steps[-1] if self.missing else self.deepest

    @property
    def steps(self) -> list[Place]:
        """Return the OUs that are still to be made, from the top down."""
        path = self.deepest.path
        steps = []
        for name in self.missing:
            path = below(path, name)
            steps.append(Place(None, path))
        return steps


def below(path: str | None, name: str) -> str:
    """Return the path of the OU that is directly below."""
    return name if path in (None, ROOT_PATH) else f"{path}/{name}"


def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def wanted_parent(text: str, option: str = "parent") -> Parent:
    """Return what the option means, by default ``parent``; raise InputError beyond what AWS allows."""
    if _is_id(text):
        return Parent(id=text, option=option)
    if text.lower().startswith("ou-") and "/" not in text:
        raise InputError(
            f"{option}: {text!r} is not the id of an OU: that is 'ou-', 4 to 32 lower-case letters and digits, '-' and"
            f" 8 to 32 of them. For an OU of that name write '/{text}'"
        )
    if text == ROOT_PATH:
        return Parent(option=option)
    names = tuple(text.removeprefix("/").split("/"))
    if "" in names:
        raise InputError(
            f"{option}: {text!r} has an empty name; give the names of the OUs from the root down with one '/' between"
            " them, as in 'Workloads/Prod', or '/' for the root"
        )
    long = next((name for name in names if len(name) > NAME_MAX), None)
    if long is not None:
        raise InputError(f"{option}: the name {long!r} has {len(long)} characters, AWS allows 1 to {NAME_MAX}")
    if len(names) > MAX_LEVELS:
        raise InputError(
            f"{option}: {text!r} is {len(names)} levels deep, AWS nests OUs {MAX_LEVELS} levels deep at most"
        )
    return Parent(names=names, option=option)


def missing_text(target: Target, names: Sequence[str]) -> str:
    """Return that the path is not there: the deepest part that is, and the names of what is below it."""
    found = "The root" if target.deepest.path == ROOT_PATH else f"{target.deepest.path!r}"
    shown = ", ".join(repr(name) for name in sorted(names)[:_LISTED_MAX])
    more = f" and {len(names) - _LISTED_MAX} more" if len(names) > _LISTED_MAX else ""
    listed = f"these OUs are directly below it: {shown}{more}" if names else "no OU is below it"
    return (
        f"{target.option}: the organization has no OU {target.place.path!r}. {found} exists, and {listed}. Correct the"
        " path (upper and lower case count), or give create_parents=true to have what is missing made"
    )


def check_new_names(target: Target, names: Sequence[str]) -> None:
    """Raise InputError where the first OU to make would differ from one that exists in upper and lower case only."""
    wanted = target.missing[0]
    alike = [name for name in names if name.lower() == wanted.lower()]
    if alike:
        raise InputError(
            f"{target.option}: {target.steps[0].path!r} would be made beside the OU {alike[0]!r}, from which it differs"
            " in upper and lower case only. Correct the path; if both are meant to be, make the new one first"
        )
