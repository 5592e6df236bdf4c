# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  subtitle:
    description: What stands under the title, such as what was looked at and when.
    type: str
    default: ""
notes:
  - The page is one file. It needs no network, and is complete without scripts; where they run, it can be searched and
    sorted. Its address may end with C(#search=) and words, of which it then shows what has them all.
"""
