# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that are the user's to mend. Pure, standard library only."""

from __future__ import annotations


class InputError(ValueError):
    """An option's value that cannot work, found before anything was changed.

    Its text begins with the option's name and says the limit and the remedy.
    """
