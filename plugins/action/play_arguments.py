# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the variables of a play as its arguments: see the module of the same name, which documents it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.plugin_utils._arguments import Spec, is_given, read_arguments
from ansible_collections.account_factory.email.plugins.plugin_utils._as_written import align
from ansible_collections.account_factory.email.plugins.plugin_utils._common_variables import COMMON, whole_spec
from ansible_collections.account_factory.email.plugins.plugin_utils._extra_variables import extra_variables

# A template of one variable, as the template of a job refers to what an earlier one handed on.
_REFERENCE = re.compile(r"\s*\{\{\s*(\w+)\s*\}\}\s*")
# Two variables may refer to each other.
_REFERENCES_MAX = 10
_COLLECTION = "account_factory.email"
# The release in which names that are deprecated are no longer read.
_REMOVED_IN = "0.2.0"


def _entry_options(spec: Spec) -> set[str]:
    """Return the options of the entries of the lists that the arguments have."""
    entries = (option["options"] for option in spec.values() if option.get("elements") == "entry")
    return {name for options in entries for name, option in options.items() if option.get("type") != "ignored"}


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False
    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _ended, options = self.validate_argument_spec(
            argument_spec={
                "argument_spec": {"type": "dict", "required": True},
                "prefix": {"type": "str", "default": ""},
                "common": {"type": "list", "elements": "str", "choices": list(COMMON), "default": []},
            }
        )
        spec = whole_spec(options["argument_spec"], options["common"], options["prefix"])
        try:
            given, named = self._given(spec, task_vars or {})
            found = read_arguments(spec, given, named)
        except InputError as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        prefix = options["prefix"]
        arguments = {name.removeprefix(prefix): value for name, value in found.items()}
        return {
            "changed": False,
            **arguments,
            "named": {name.removeprefix(prefix): named.get(name, name) for name in spec},
            "shared": {name: value for name, value in arguments.items() if name in _entry_options(spec)},
        }

    def _given(self, spec: Spec, task_vars: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the variables that say anything by the names of the spec, and under which other names they came."""
        written = extra_variables(self._loader)
        explicit = written.keys() | self._variables_of_the_play()
        given: dict[str, Any] = {}
        named: dict[str, str] = {}
        for name, option in spec.items():
            # What is not read is not evaluated either: a template of the inventory's may fail here.
            values = {
                each: self._value(each, task_vars, written) if each == name or each in explicit else task_vars[each]
                for each in (name, *option.get("aliases", ()))
                if each in task_vars
            }
            values = {each: value for each, value in values.items() if is_given(value, option.get("type", "str"))}
            used = {each: value for each, value in values.items() if each == name or each in explicit}
            if len(used) > 1:
                raise InputError(f"{', '.join(used)}: are the same; give one of them, {name} at best")
            self._say(name, values, used)
            fallback = option.get("fallback")
            if not used and fallback is not None and fallback in task_vars:
                used = {fallback: self._value(fallback, task_vars, written)}
            for each, value in used.items():
                given[name] = value
                if each != name:
                    named[name] = each
        return given, named

    def _say(self, name: str, values: Mapping[str, Any], used: Mapping[str, Any]) -> None:
        """Warn of names that are deprecated, and of variables that an inventory has for something else, perhaps."""
        for each in values:
            if each == name:
                continue
            if each in used:
                self._display.deprecated(
                    f"The variable {each} is now named {name}.", version=_REMOVED_IN, collection_name=_COLLECTION
                )
            elif name not in values:
                self._display.warning(
                    f"{each} is set in the inventory or for the host, and is not read from there: it may be meant for"
                    f" something else. If it is meant for this play, name it {name}."
                )

    def _value(self, name: str, task_vars: Mapping[str, Any], written: Mapping[str, Any]) -> Any:
        try:
            value = self._templar.template(task_vars[name])
        except AnsibleError as error:
            raise InputError(f"{name}: cannot be read: {error}") from error
        if type(value).__name__ == "Omit" or (isinstance(value, str) and value == task_vars.get("omit")):
            return None
        # In ansible-core 2.18 and earlier, what is vaulted is a text of another type until then.
        if type(value).__name__ == "AnsibleVaultEncryptedUnicode":
            value = str(value)
        source = self._source(name, task_vars)
        return align(value, task_vars[source], written[source]) if source in written else value

    def _source(self, name: str, task_vars: Mapping[str, Any]) -> str:
        """Return the variable that the value is of: itself, or the one that it is a template of and nothing else."""
        for _step in range(_REFERENCES_MAX):
            found = _REFERENCE.fullmatch(raw) if isinstance(raw := task_vars[name], str) else None
            if found is None or found[1] not in task_vars:
                break
            name = found[1]
        return name

    def _variables_of_the_play(self) -> set[str]:
        """Return the names of the play's own variables, as import_playbook sets them."""
        play = getattr(getattr(self._task, "_parent", None), "_play", None)
        return set(play.vars) if play is not None else set()
