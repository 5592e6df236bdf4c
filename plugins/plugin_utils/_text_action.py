# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a module whose options are text with what was written in the task, as far as the controller knows it.

A module is handed JSON: whether its number 34 was written 34 or 0042 it cannot know, and refuses it. The controller
often knows.
"""

from __future__ import annotations

import json
import linecache
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._text import not_text

from ._as_written import Unquoted, document

# What is written without quotes ends before any of these.
_UNQUOTED = re.compile(r"[^\s,\]}#]+")


class TextActionModule(ActionBase):
    """The action of a module that keeps text: its numbers become text where they are known to be just that."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            args = written(self._task.args)
        except InputError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error)}
        in_background = bool(self._task.async_val and not self._connection.has_native_async)
        result.update(self.run_module(args, task_vars, in_background))
        if not in_background:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def run_module(self, args: dict[str, Any], task_vars: dict[str, Any] | None, in_background: bool) -> dict[str, Any]:
        """Run the module with these options; return its result."""
        done: dict[str, Any] = self._execute_module(module_args=args, task_vars=task_vars, wrap_async=in_background)
        return done


def written(value: Any, name: str = "") -> Any:
    """Return a task's options with numbers as they were written where that is known; raise InputError for a date.

    An option that is a number takes the text as well.
    """
    if isinstance(value, Mapping):
        return {_key(key, name): written(each, f"{name}[{key}]" if name else str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [written(each, f"{name}[{index}]") for index, each in enumerate(value)]
    if isinstance(value, date):
        raise InputError(f"{name}: {not_text(value)}")
    return str(int(value)) if _is_sure(value) else value


def _key(key: Any, name: str) -> str:
    # JSON has no other keys, and would make texts of them by itself.
    if not isinstance(key, str) and not _is_sure(key):
        raise InputError(f"{name}: the key {not_text(key)}")
    return str(key)


def _is_sure(value: Any) -> bool:
    """Return whether the value is a number that is known to be written in its usual form."""
    return isinstance(value, int) and not isinstance(value, bool) and (_is_from_json() or _is_decimal(value))


def _is_from_json() -> bool:
    """Return whether the options are those of an ad-hoc command in JSON, which has one way of writing a number."""
    given = context.CLIARGS.get("module_args") or ""
    try:
        return given.startswith("{") and json.loads(given) is not None
    except ValueError:
        return False


def _is_decimal(number: int) -> bool:
    """Return whether the number is written in its usual form where ansible-core says that it comes from.

    That is looked at, for ansible-core promises nothing; its releases before 2.19 do not say.
    """
    try:
        from ansible._internal._datatag._tags import Origin
    except ImportError:
        return False
    origin = Origin.get_tag(number)
    if origin is None or not (origin.path and origin.line_num and origin.col_num):
        return False
    found = _UNQUOTED.match(linecache.getline(origin.path, origin.line_num)[origin.col_num - 1 :])
    if found is None:
        return False
    try:
        read = document(found[0])
    except InputError:
        return False
    return isinstance(read, Unquoted) and read.is_decimal and read.value == number
