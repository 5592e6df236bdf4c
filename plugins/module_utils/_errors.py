# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that are the user's to mend. Pure, standard library only."""

from __future__ import annotations


class TaskError(ValueError):
    """Why a task or an entry of it cannot be done, with the remedy, in a text that is shown as it is."""


class InputError(TaskError):
    """An option's value that cannot work, found before anything was changed.

    Its text begins with the option's name and says the limit and the remedy.
    """


class DamagedMapError(TaskError):
    """The map contradicts itself: an item leads to a record that is not there."""

    def __init__(self, key: str, address: str) -> None:
        super().__init__(
            f"the map is damaged: {key} leads to {address}, which is not there; run the playbook"
            " restore_map before vending more, as the role's README describes under 'When the map is damaged or lost'"
        )
