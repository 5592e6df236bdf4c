# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipt actions that fail are tried again for four hours, while SES has long accepted the mail.

Source: Amazon SES Developer Guide, "Viewing metrics for Amazon SES email receiving": PublishFailure counts each
failure, PublishExpired what is given up "because the action did not succeed within four hours".
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

log = logging.getLogger(__name__)

GIVE_UP_SECONDS = 4 * 3600
# When SES tries again is documented nowhere: at once, and then ever more seldom.
_FIRST_SECONDS = 10.0
_LONGEST_SECONDS = 1800.0


def delay(failures: int) -> float:
    """Return how many seconds SES waits after so many failures of an action."""
    return float(min(_FIRST_SECONDS * 2 ** min(failures - 1, 30), _LONGEST_SECONDS))


@dataclass(frozen=True)
class Action:
    """One action of a rule of the set in which the mail was received, for one mail; ``run`` raises where it fails."""

    message_id: str
    rule_set: str
    rule: str
    kind: str
    run: Callable[[], Any]


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    action: Action = field(compare=False)
    gives_up: float = field(compare=False)
    failures: int = field(compare=False)


class Retries:
    """Carries out actions, now and as long as they fail; safe to use from many threads.

    ``count`` is called as count(metric, rule set, rule). ``now`` is the clock with all that has elapsed.
    """

    def __init__(self, count_metric: Callable[[str, str, str], None], clock: Callable[[], float] = time.time) -> None:
        self._count_metric = count_metric
        self._clock = clock
        self._passed = 0.0
        self._number = count()
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        # Whoever lets time pass waits for what is being tried.
        self._trying = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._follow_the_clock, name="receipt actions", daemon=True)

    def start(self) -> None:
        """Try again by the clock, too, and not only when time is told to pass."""
        self._thread.start()

    def stop(self) -> None:
        """Try nothing again."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return self._clock() + self._passed

    def waiting(self) -> list[Action]:
        """Return the actions that will be tried again, in the order in which they will be."""
        with self._changed:
            return [one.action for one in sorted(self._waiting)]

    def carry_out(self, action: Action) -> Any:
        """Return what an action returns; None if it failed and will be tried again."""
        return self._try(_Waiting(self.now(), next(self._number), action, self.now() + GIVE_UP_SECONDS, 0))

    def elapse(self, seconds: float) -> None:
        """Let time pass: what comes due is tried at its time, one after the other."""
        with self._trying:
            end = self.now() + seconds
            while (due := self._next(end)) is not None:
                self._passed += max(0.0, due.due - self.now())
                self._try(due)
            self._passed += max(0.0, end - self.now())

    def _next(self, until: float) -> _Waiting | None:
        with self._changed:
            return heapq.heappop(self._waiting) if self._waiting and self._waiting[0].due <= until else None

    def _try(self, one: _Waiting) -> Any:
        action = one.action
        try:
            return action.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, SES tries again
            log.warning("%s of rule %s failed for mail %s: %s", action.kind, action.rule, action.message_id, error)
        self._count(action, "PublishFailure")
        if self.now() >= one.gives_up:
            self._count(action, "PublishExpired")
            return None
        failures = one.failures + 1
        # The last try is at the end of the four hours.
        due = min(self.now() + delay(failures), one.gives_up)
        with self._changed:
            heapq.heappush(self._waiting, _Waiting(due, one.number, action, one.gives_up, failures))
            self._changed.notify()
        return None

    def _count(self, action: Action, metric: str) -> None:
        try:
            self._count_metric(metric, action.rule_set, action.rule)
        except Exception:
            log.exception("%s of rule %s is not counted", metric, action.rule)

    def _follow_the_clock(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                until_next = self._waiting[0].due - self.now() if self._waiting else None
                if until_next is None or until_next > 0:
                    self._changed.wait(until_next)
                    continue
            self.elapse(0)
