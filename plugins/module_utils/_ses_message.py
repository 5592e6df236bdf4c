# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what SES publishes to a topic, as far as all of it is alike: a JSON object with objects in it.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar


class SesMessageError(ValueError):
    """A queue message that is not what SES publishes there; the text says what is missing or wrong.

    ``what`` is what SES publishes there.
    """

    what: ClassVar[str] = "message"


def unwrapped(body: str) -> str:
    """Return the message of an SNS envelope (Amazon SNS Developer Guide, "HTTP/HTTPS JSON format"), else the body."""
    try:
        content = json.loads(body)
    except ValueError:
        return body
    if isinstance(content, dict) and content.get("Type") == "Notification" and isinstance(content.get("Message"), str):
        return str(content["Message"])
    return body


def json_object(text: str, error: type[SesMessageError]) -> dict[str, Any]:
    """Return the object that a text holds; raise the error for anything else."""
    try:
        content = json.loads(text)
    except ValueError as cause:
        raise error(f"the {error.what} is not JSON: {cause}") from cause
    if not isinstance(content, dict):
        raise error(f"the {error.what} is a JSON {type(content).__name__}, not an object")
    return content


def part(content: Mapping[str, Any], name: str, error: type[SesMessageError]) -> Mapping[str, Any]:
    """Return the object of a name within another; raise the error where there is none."""
    found = content.get(name)
    if not isinstance(found, dict):
        raise error(f"the {error.what} has no object named {name}")
    return found
