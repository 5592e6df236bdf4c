# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action play_arguments as a play runs it, with extra variables as the command line gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import ansible.template
import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.vars import load_extra_vars

from ansible_collections.account_factory.email.plugins.action.play_arguments import ActionModule


class Said:
    """What was displayed: deprecations and warnings."""

    def __init__(self) -> None:
        self.deprecations: list[str] = []
        self.warnings: list[str] = []

    def deprecated(self, text: str, version: str, collection_name: str) -> None:
        assert (version, collection_name) == ("0.2.0", "account_factory.email")
        self.deprecations.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class Play:
    """A play with variables of an inventory, of its own and of ``-e`` options, whose first task reads its arguments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.said = Said()

    def read(
        self,
        spec: Mapping[str, Any],
        *extra: str,
        inventory: Mapping[str, Any] | None = None,
        own: Mapping[str, Any] | None = None,
        prefix: str = "",
        common: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Return the result of the task."""
        self._patch.setattr(context, "CLIARGS", ImmutableDict(extra_vars=tuple(map(_trusted, extra))))
        self._patch.setattr(load_extra_vars, "extra_vars", None, raising=False)
        loader = DataLoader()
        given = {name: _trusted(value) for name, value in (inventory or {}).items()}
        variables = {"omit": "__omit__", **given, **(own or {}), **load_extra_vars(loader)}
        plugin: Any = object.__new__(ActionModule)
        plugin._task = SimpleNamespace(
            args={"argument_spec": dict(spec), "prefix": prefix, "common": list(common)},
            _parent=SimpleNamespace(_play=SimpleNamespace(vars=dict(own or {}))),
        )
        plugin._loader, plugin._display = loader, self.said
        plugin._templar = Templar(loader=loader, variables=variables)
        self._patch.setattr("ansible.plugins.action.ActionBase.run", lambda *_unused: {})
        result: dict[str, Any] = plugin.run(task_vars=variables)
        return result

    def values(self, spec: Mapping[str, Any], *extra: str, **where: Any) -> dict[str, Any]:
        """Return the arguments alone; what is wrong with them as ``msg``."""
        result = self.read(spec, *extra, **where)
        return {name: value for name, value in result.items() if name not in ("changed", "named", "shared", "failed")}


def _trusted(value: Any) -> Any:
    """Return the value as ansible-core 2.19 and later mark what may be a template; before, there is no such mark."""
    trust = getattr(ansible.template, "trust_as_template", None)
    return trust(value) if trust and isinstance(value, str) else value


def awx(answers: Iterable[tuple[str, str]]) -> str:
    """Return the text of the file of extra variables that AWX writes for the answers of a survey."""
    return "".join(f"{name}: !unsafe '{answer}'\n" for name, answer in answers)
