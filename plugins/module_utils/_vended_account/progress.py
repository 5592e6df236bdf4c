# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a task is with its accounts, for whoever watches it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Progress:
    """Adds a line ``DONE TOTAL what is under way`` to a file, if there is one, whenever something begins or ends.

    Several threads may tell at the same time.
    """

    path: str | None
    total: int = 0
    done: int = 0
    under_way: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def begin(self, what: str, doing: str) -> None:
        """Hear what is being done with something, for example an address."""
        with self.lock:
            self.under_way[what] = doing
            self._write()

    def forget(self, what: str) -> None:
        """Hear that something is no longer being done that is none of those that are counted."""
        with self.lock:
            self.under_way.pop(what, None)

    def end(self, what: str) -> None:
        """Hear that something is done, whether it worked or not."""
        with self.lock:
            self.under_way.pop(what, None)
            self.done += 1
            self._write()

    def _write(self) -> None:
        if self.path:
            line = f"{self.done} {self.total} {'; '.join(self.under_way.values())}".rstrip()
            with open(self.path, "a", encoding="ascii", errors="replace") as file:
                file.write(f"{line}\n")
