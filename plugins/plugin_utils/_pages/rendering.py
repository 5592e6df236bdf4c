# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages for people: one file each that a browser shows without network, and without running anything but page.js.

What a page shows are words of strangers: names of accounts, what mail servers said. Every value is escaped and without
control and formatting characters, and the page's policy lets a browser run the page's own script and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

_HERE = Path(__file__).parent
# More than the longest command that a page shows.
_VALUE_MAX = 5000


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return the page that a template of this folder makes of the values."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'"
    environment.globals.update(style=Markup(style), script=Markup(script), policy=f"{policy}; form-action 'none'")
    return environment


def _source(text: str) -> str:
    """Return what names an inline style or script in a policy (W3C, Content Security Policy Level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(value: Any) -> Any:
    """Return a value as it is written: none as nothing, a text on one line without what could disguise it."""
    if value is None:
        return ""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value, _VALUE_MAX) or ""
