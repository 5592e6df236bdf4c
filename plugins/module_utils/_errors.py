# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that are the user's to mend. Pure, standard library only."""

from __future__ import annotations

import re

# Codes, for callers that tell errors apart by them.
INTERNAL, INVALID, NOT_FOUND, CONFLICT = "InternalError", "InvalidRequest", "NotFound", "Conflict"

_FIELD = re.compile(r"[A-Za-z_]+(?:\[\d+\]|\.[A-Za-z_]+)*(?=: )")
# A value that is shown in quotes may hold anything.
_QUOTED = re.compile(r"""'[^']*'|"[^"]*\"""")


class TaskError(ValueError):
    """Why a task or an entry of it cannot be done, with the remedy, in a text that is shown as it is."""

    code = INTERNAL

    @property
    def field(self) -> str | None:
        """Return the option that the text begins with, None where it names none."""
        found = _FIELD.match(str(self))
        return found.group() if found else None

    @property
    def remedy(self) -> str | None:
        """Return what the text says to do: its last sentence, or what follows its first semicolon, None if neither."""
        text = str(self)
        plain = _QUOTED.sub(lambda quoted: "'" * len(quoted.group()), text)
        start = plain.rfind(". ") if ". " in plain else plain.find("; ")
        return None if start == -1 else text[start + 2 :]


class InputError(TaskError):
    """An option's value that cannot work, found before anything was changed.

    Its text begins with the option's name and says the limit and the remedy.
    """

    code = INVALID


class NotFoundError(InputError):
    """What an option names is not there."""

    code = NOT_FOUND


class ConflictError(InputError):
    """What an option asks for contradicts what the map holds."""

    code = CONFLICT


class DamagedMapError(TaskError):
    """The map contradicts itself: an item leads to a record that is not there."""

    def __init__(self, key: str, address: str) -> None:
        super().__init__(
            f"the map is damaged: {key} leads to {address}, which is not there; run the playbook"
            " restore_map before vending more, as the role's README describes under 'When the map is damaged or lost'"
        )
