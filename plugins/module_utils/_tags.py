# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags as AWS takes them. Pure, standard library only.

Source: AWS Tagging User Guide, "Tag naming limits and requirements".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

TAGS_MAX = 50
TAG_KEY_MAX = 128
TAG_VALUE_MAX = 256
RESERVED_PREFIX = "aws:"


def checked_tags(tags: Mapping[str, Any]) -> dict[str, str]:
    """Return the option ``tags`` as text, null as an empty value; raise InputError beyond what AWS allows."""
    texts = {str(key): "" if value is None else str(value) for key, value in tags.items()}
    if len(texts) > TAGS_MAX:
        raise InputError(f"tags: {len(texts)} given, AWS allows {TAGS_MAX}")
    for key, value in texts.items():
        if not 1 <= len(key) <= TAG_KEY_MAX:
            raise InputError(f"tags: the key {key!r} has {len(key)} characters, AWS allows 1 to {TAG_KEY_MAX}")
        if len(value) > TAG_VALUE_MAX:
            raise InputError(f"tags: the value of {key!r} has {len(value)} characters, AWS allows {TAG_VALUE_MAX}")
        if key.lower().startswith(RESERVED_PREFIX):
            raise InputError(f"tags: {key!r} begins with {RESERVED_PREFIX!r}, which AWS keeps for itself")
    return texts
