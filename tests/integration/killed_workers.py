# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker processes that vend, are killed at random moments, and are run again with the same work until it is done."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from threading import Lock

import boto3
from botocore.config import Config

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import SeriesRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp
from tests.integration.maps import Answer
from tests.map_work import vend

# No call of a vend takes longer as a rule, so a kill falls anywhere in one.
_CALL_SECONDS = 0.02


@dataclass(frozen=True)
class Job:
    """What one process vends, for each of its threads a list; ``environment`` is what leads it to AWS."""

    name: str
    lists: Sequence[Sequence[SeriesRequest]]
    table: str
    environment: Mapping[str, str]


def vend_all(job: Job, answers: Connection) -> None:
    """Vend everything of the job, as a process of its own, and send each answer as soon as it is there."""
    os.environ.update(job.environment)
    dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=len(job.lists)))
    table = api.Table(dynamodb, job.table)
    sending = Lock()

    def work(thread: int) -> None:
        stamp = Stamp("2026-11-21T09:30:00Z", f"arn:aws:iam::123456789012:user/{job.name}-{thread}")
        for request in job.lists[thread]:
            change = vend(table, request, lambda: stamp, False)
            with sending:
                answers.send(Answer(request.request_id, change.before is None, change.after))

    with ThreadPoolExecutor(len(job.lists)) as pool:
        list(pool.map(work, range(len(job.lists))))


@dataclass
class Workers:
    """One process for each job. ``killed`` counts those that were killed while at work."""

    jobs: Sequence[Job]
    killed: int = 0
    _running: dict[Connection, tuple[ForkServerProcess, Job]] = field(default_factory=dict)

    def run(self, kill_after: Sequence[int], chance: random.Random) -> Iterator[Answer]:
        """Yield the answers of all; each time that so many have come in, kill one of the workers and start it again."""
        due = sorted(kill_after, reverse=True)
        came = 0
        try:
            for job in self.jobs:
                self._start(job)
            while self._running:
                for answer in self._arrived():
                    yield answer
                    came += 1
                    if due and came >= due[-1]:
                        due.pop()
                        time.sleep(chance.uniform(0, _CALL_SECONDS))
                        self._kill(chance)
        finally:
            for process, _job in self._running.values():
                process.kill()

    def _start(self, job: Job) -> None:
        # From a server that has no threads and everything imported: neither a fork of this process nor a slow start.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=vend_all, args=(job, sender), name=job.name)
        process.start()
        sender.close()
        self._running[receiver] = process, job

    def _arrived(self) -> Iterator[Answer]:
        for receiver in wait(list(self._running)):
            assert isinstance(receiver, Connection)
            try:
                yield receiver.recv()
            except EOFError:
                self._ended(receiver)

    def _ended(self, receiver: Connection) -> None:
        process, job = self._running.pop(receiver)
        receiver.close()
        process.join()
        if process.exitcode == -9:
            self.killed += 1
            self._start(job)
        else:
            assert process.exitcode == 0, f"{job.name} ended with {process.exitcode}"

    def _kill(self, chance: random.Random) -> None:
        living = [process for process, _job in self._running.values() if process.is_alive()]
        if living:
            chance.choice(living).kill()
