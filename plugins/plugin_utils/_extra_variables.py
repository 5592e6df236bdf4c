# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The extra variables of the command line as they were written; AWX passes surveys and its own variables so."""

from __future__ import annotations

from typing import Any

from ansible import context
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.splitter import parse_kv

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from ._as_written import document


def extra_variables(loader: DataLoader) -> dict[str, Any]:
    """Return the extra variables by name, each as a document (see _as_written); what cannot be read again is left out.

    Ansible itself has read all of them before, so that what is wrong in them has been said.
    """
    found: dict[str, Any] = {}
    for option in context.CLIARGS.get("extra_vars") or ():
        read = _variables(str(option), loader)
        found.update({name: value for name, value in read.items() if isinstance(name, str)})
    return found


def _variables(option: str, loader: DataLoader) -> dict[Any, Any]:
    try:
        if option.startswith("@"):
            # A file that can be read once only, as a pipe, is empty now.
            content, _shown = loader._get_file_contents(option[1:])
            read = document(content.decode())
        else:
            read = document(option) if option.startswith(("[", "{")) else parse_kv(option)
    except (AnsibleError, InputError, OSError, UnicodeDecodeError):
        return {}
    return read if isinstance(read, dict) else {}
