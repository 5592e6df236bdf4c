# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_queue: ten thousand small mails through the queue, mails a second beside bare calls.

Two processes stand for the two functions that run at once by default; each has the code package and Lambda's
libraries, and takes one message at a time, as the stack's event source hands them out. The queue is a list in this
process, and S3, SES and DynamoDB are one other, on the same machine: what it takes to answer slows all ways down alike.
The ways take turns, a thousand mails each, so that whatever else the machine does slows them down alike, too. Cold
starts do not count.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks import received
from tests.benchmarks.bench_forwarder import PROGRAM, SMALL, Bench, bench
from tests.benchmarks.forwarding import READY, TAKEN

COUNT = 10_000
AT_A_TURN = 1_000
FUNCTIONS = 2
# The ways of forwarding.py: ours, its own calls with nothing between them, and the two that no forwarder through SES
# can do without.
WAYS = {"ours": "ours", "same_calls": "our calls, bare", "bare_calls": "bare S3 and SES calls"}
Process = subprocess.Popen[str]


@dataclass
class LocalQueue:
    """Messages that are handed out once each, to whoever asks first; and what became of those that were taken."""

    events: Iterator[dict[str, Any]]
    taken: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self) -> dict[str, Any] | None:
        with self.lock:
            return next(self.events, None)

    def delete(self, outcomes: list[str]) -> None:
        """Count a message that a function is done with, and what it came to."""
        with self.lock:
            self.taken += 1
            self.outcomes.update(outcomes)


def events(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield the queue's events for so many mails: the same one by its octets, but each with an id of its own."""
    (record,) = received.event(SMALL)["Records"]
    notice = json.loads(record["body"])
    for number in range(first, first + count):
        notice["mail"]["messageId"] = f"mail{number}"
        yield {"Records": [{**record, "messageId": f"message{number}", "body": json.dumps(notice)}]}


@contextmanager
def function(here: Bench, way: str) -> Iterator[Process]:
    """Give a function's process that is ready to take messages."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-P", str(PROGRAM), way], env=here.environment, **pipes) as process:
        _read(process, READY)
        yield process


def _read(process: Process, end: str) -> list[str]:
    """Return what a function logs until it writes a line; end the benchmark where it never does."""
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        if line.rstrip("\n") == end:
            return lines
        lines.append(line)
    raise SystemExit(f"bench: a function ended: {''.join(lines)[-2000:]}")


def _poll(queue: LocalQueue, process: Process) -> None:
    """Hand one message after the other to a function."""
    assert process.stdin
    while (event := queue.receive()) is not None:
        print(json.dumps(event), file=process.stdin, flush=True)
        logged = [json.loads(line) for line in _read(process, TAKEN)]
        queue.delete([line["action"] for line in logged if line.get("message") == "audit"])


def forward_all(queue: LocalQueue, processes: list[Process]) -> float:
    """Bring all messages of a queue to an end, and return the seconds that this took."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(processes)) as pollers:
        for poller in [pollers.submit(_poll, queue, process) for process in processes]:
            poller.result()
    return time.perf_counter() - begun


def measure(here: Bench, count: int, at_a_turn: int) -> dict[str, float]:
    """Return the mails a second of each way, and print those of each turn."""
    seconds = dict.fromkeys(WAYS, 0.0)
    with ExitStack() as stack:
        functions = {way: [stack.enter_context(function(here, way)) for _unused in range(FUNCTIONS)] for way in WAYS}
        for first in range(0, count, at_a_turn):
            rates = []
            for way, processes in functions.items():
                queue = LocalQueue(events(first, at_a_turn))
                taken = forward_all(queue, processes)
                check(queue, way, at_a_turn)
                seconds[way] += taken
                rates.append(f"{WAYS[way]} {at_a_turn / taken:.0f}")
            print(f"bench: {first + at_a_turn:,} of {count:,} mails, a second: {', '.join(rates)}", flush=True)
    return {way: count / taken for way, taken in seconds.items()}


def check(queue: LocalQueue, way: str, count: int) -> None:
    """End the benchmark unless every message was taken, and each mail sent once where it is said what it came to."""
    expected = {"sent": count} if way == "ours" else {}
    if queue.taken != count or queue.outcomes != expected:
        raise SystemExit(f"bench: {way}: {queue.taken} of {count} messages taken, which came to {dict(queue.outcomes)}")


def say_ratios(rates: Mapping[str, float]) -> None:
    for way, rate in rates.items():
        beside = "" if way == "ours" else f"   ours / this {rates['ours'] / rate:6.2f}"
        print(f"bench: {WAYS[way]:<24} {rate:8.1f} mails a second{beside}", flush=True)


def main() -> None:
    print(f"bench: {COUNT:,} mails of 10 KB through the queue, {FUNCTIONS} functions at once", flush=True)
    with bench() as here:
        say_ratios(measure(here, COUNT, AT_A_TURN))


if __name__ == "__main__":
    main()
