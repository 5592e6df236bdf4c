# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  table:
    description:
      - Name of the DynamoDB table that holds the map from addresses to owners.
      - If not set, the value of the E(ACCOUNT_EMAIL_TABLE) environment variable is used.
      - One of them has to be given.
    type: str
"""
