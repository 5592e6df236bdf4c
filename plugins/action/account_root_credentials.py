# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module account_root_credentials with text as it was written, and show how far it is."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.plugin_utils._progress import ProgressActionModule


class ActionModule(ProgressActionModule):
    module = "account_root_credentials"
    things = "minutes"
