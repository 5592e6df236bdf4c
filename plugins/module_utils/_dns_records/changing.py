# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to change in a zone that no stack keeps the records of. Pure, standard library only.

A record is the forwarder's own if it was noted as made, under its name and type, and has the value that was noted or
the one that is needed now. Whatever else is there is somebody else's, and is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from .model import CREATE, MANAGED, TTL, DomainPlan, Record, Zone, plain_name

REPLACE, DELETE = "replace", "delete"
# The value of each record by its name and type.
Made = Mapping[tuple[str, str], str]


def read_made(texts: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return the records of texts with one a line, as ``NAME TYPE VALUE``; raise InputError for another line."""
    made = {}
    for line in (line for text in texts for line in text.splitlines() if line.strip()):
        parts = line.strip().split(" ", 2)
        if len(parts) != 3:
            raise InputError(f"made: {line!r} is not a record; give its name, its type and its value")
        made[plain_name(parts[0]), parts[1]] = parts[2]
    return made


def is_made(record: Record, zone: Zone | None, made: Made) -> bool:
    """Tell whether a record that is needed is there, and the forwarder's own."""
    noted = made.get((record.name, record.type))
    found = zone.values(record.name, record.type) if zone else None
    if not found or noted is None:
        return False
    return _plain(found) in (_plain((noted,)), _plain(record.values))


def plan_changes(plans: Sequence[DomainPlan], zone: Zone, made: Made) -> Iterator[dict[str, Any]]:
    """Yield each change, those first that take away what was made and is not needed any longer."""
    needed = [record for plan in plans for record in plan.records]
    names = {(record.name, record.type) for record in needed}
    for (name, kind), value in made.items():
        found = zone.values(name, kind)
        if (name, kind) not in names and found and _plain(found) == _plain((value,)):
            yield _change(DELETE, name, kind, found)
    for record in needed:
        if record.state == MANAGED and _plain(record.found) != _plain(record.values):
            yield _change(REPLACE, record.name, record.type, record.values)
        if record.state == CREATE and record.name and zone.holds(record.name):
            yield _change(CREATE, record.name, record.type, record.values)


def _change(action: str, name: str, kind: str, values: Sequence[str]) -> dict[str, Any]:
    return {"action": action, "name": name, "type": kind, "ttl": TTL, "values": list(values)}


def _plain(values: Sequence[str]) -> set[str]:
    """Return values as they are compared: hosts may be written with a dot at their end, and in capitals."""
    return {value if value.startswith('"') else plain_name(value) for value in values}
