# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox: every mail that left through SES, byte for byte, beside its envelope."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SentMail:
    """One mail that left through SES: ``name`` sorts in order of sending and ends with the SES message id."""

    name: str
    data: bytes
    sender: str
    recipients: tuple[str, ...]
    configuration_set: str | None
    tags: dict[str, str]


class Outbox:
    """A folder with a NAME.eml and a NAME.json for each mail; NAME.json comes last and says that the mail is whole."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._last = 0

    def add(
        self,
        message_id: str,
        data: bytes,
        sender: str,
        recipients: tuple[str, ...],
        *,
        configuration_set: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Store a mail and return its NAME."""
        name = f"{self._next():017d}-{message_id}"
        envelope = {
            "message_id": message_id,
            "from": sender,
            "to": list(recipients),
            "configuration_set": configuration_set,
            "tags": dict(tags or {}),
        }
        _write_whole(self.directory / f"{name}.eml", data)
        _write_whole(self.directory / f"{name}.json", (json.dumps(envelope, indent=2) + "\n").encode("utf-8"))
        return name

    def _next(self) -> int:
        """Return a number larger than all before: microseconds, so that names also sort across restarts."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return self._last

    def messages(self) -> list[SentMail]:
        """Return all mails, in order of sending."""
        return [self._read(path) for path in sorted(self.directory.glob("*.json"))]

    def _read(self, path: Path) -> SentMail:
        envelope = json.loads(path.read_text(encoding="utf-8"))
        return SentMail(
            name=path.stem,
            data=path.with_suffix(".eml").read_bytes(),
            sender=envelope["from"],
            recipients=tuple(envelope["to"]),
            configuration_set=envelope["configuration_set"],
            tags=envelope["tags"],
        )

    def wait_for(self, recipient: str | None = None, count: int = 1, timeout: float = 30) -> list[SentMail]:
        """Return the mails (to one recipient, if given) once there are ``count``; TimeoutError after ``timeout`` s."""
        deadline = time.monotonic() + timeout
        while True:
            found = [mail for mail in self.messages() if recipient is None or recipient in mail.recipients]
            if len(found) >= count:
                return found
            if time.monotonic() >= deadline:
                whom = f" to {recipient}" if recipient else ""
                raise TimeoutError(f"{len(found)} of {count} mails{whom} left through SES within {timeout:g} s")
            time.sleep(0.05)


def _write_whole(path: Path, data: bytes) -> None:
    """Write under another name and rename, so that whoever watches the folder never reads half a file."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
