# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays on local AWS that are killed at an exact point: as a task begins, or before the answer to a request arrives."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.local_aws import LocalAws
from tests.local_aws.gateway import Gateway, Service, send
from tests.local_aws.organizations import Organizations
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.local_aws.wire import Request, Response

_CALLBACKS = Path(__file__).with_name("callback_plugins")
FOREVER = 1e9


@dataclass(frozen=True)
class Point:
    """Where a play is killed: as its task of that number begins, or once AWS did its request, before it is answered.

    ``request`` is an operation and which of the play's requests for it is meant, from 1 on.
    """

    name: str
    task: int | None = None
    request: tuple[str, int] | None = None
    waits: bool = False


@dataclass
class Play:
    """A run of a play: what it asked AWS for, with the time, and which task began when."""

    directory: Path
    point: Point | None = None
    requests: list[tuple[float, str]] = field(default_factory=list)

    @property
    def boundaries(self) -> Path:
        return self.directory / "boundaries"

    def tasks(self) -> list[tuple[float, str]]:
        lines = [line.partition(" ") for line in self.boundaries.read_text().splitlines()[1:]]
        return [(float(when), name) for when, _space, name in lines]

    def kill(self) -> None:
        """Kill the play and what it started; a worker of Ansible's is in a session of its own."""
        for process in _with_descendants(int(self.boundaries.read_text().split("\n")[0])):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _with_descendants(root: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [(int(process), int(parent)) for process, parent in map(str.split, listed.splitlines())]
    found = [root]
    for each in found:
        found.extend(process for process, parent in pairs if parent == each)
    return found


class WatchedAws:
    """Local AWS that knows which play a request is from. How long the creation of an account takes may be changed."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        gateway: Any = aws._gateway
        self._gateway: Gateway = gateway
        self._organizations: Organizations = aws.organizations
        self._plays: dict[str, Play] = {}
        self._lock = threading.Lock()
        self.on_request: Callable[[str], None] = _nothing
        for service in ("account", "dynamodb", "organizations"):
            gateway.services[service] = self._watched(gateway.services.get(service, _nothing_known))

    def creations_take(self, seconds: float) -> None:
        self._organizations._creation_seconds = seconds

    def run(self, play: Play, name: str, variables: Mapping[str, Any], *options: str) -> Recap | None:
        """Run the play and return its recap, None where it was killed as it should be."""
        play.directory.mkdir(parents=True)
        self._plays[play.directory.name] = play
        environment = {
            **self.aws.environment,
            # Each request names the key that signed it. Where IAM is not enforced, any will do.
            "AWS_ACCESS_KEY_ID": play.directory.name,
            "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "task_boundaries",
            "BOUNDARIES_FILE": str(play.boundaries),
            "BOUNDARIES_KILL_AT": str(play.point.task or 0) if play.point else "0",
        }
        log = play.directory / "ansible.log"
        if play.point is None:
            return run_playbook(name, variables, environment, log, *options)
        try:
            run_playbook(name, variables, environment, log, *options)
        except PlaybookFailedError as error:
            if "ended with status -9" in str(error):
                return None
            raise
        raise AssertionError(f"{play.point} was not come to")

    def _watched(self, service: Service) -> Service:
        def answer(request: Request) -> Response:
            response = service(request) or self._onward(request)
            target = request.headers.get("x-amz-target", "").rpartition(".")[2]
            # Account Management has its operations as paths.
            operation = target or request.path[1:2].upper() + request.path[2:]
            self.on_request(operation)
            key = request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
            if key in self._plays:
                self._note(self._plays[key], operation)
            return response

        return answer

    def _note(self, play: Play, operation: str) -> None:
        with self._lock:
            play.requests.append((time.time(), operation))
            number = sum(each == operation for _when, each in play.requests)
        if play.point and play.point.request == (operation, number):
            play.kill()

    def _onward(self, request: Request) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self._gateway.emulator_port, timeout=60)
        try:
            send(connection, request, {})
            answer = connection.getresponse()
            kept = {
                name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "x-amz-crc32")
            }
            return Response(answer.status, answer.read(), kept)
        finally:
            connection.close()


def points_of(clean: Play) -> list[Point]:
    """Return where a play like this one is to be killed.

    At each boundary of tasks that a request to AWS was made before, and at the first: between two others nothing was
    done but in memory. After each request that a task makes, which is not answered. Within each wait, which describes
    the same again at once.
    """
    tasks, requests = clean.tasks(), clean.requests
    began = [0.0, *(when for when, _name in tasks)]
    points = [
        Point(f"before {name}", task=number)
        for number, (when, name) in enumerate(tasks, 1)
        if number == 1 or any(began[number - 1] <= asked < when for asked, _operation in requests)
    ]
    operations = [operation for _when, operation in requests]
    for index, operation in enumerate(operations):
        at = (operation, operations[: index + 1].count(operation))
        if operation.startswith("Describe") and operations[index - 1 : index + 1] == [operation] * 2:
            points += [Point(f"while waiting in {operation}", request=at, waits=True)] if at[1] == 2 else []
        else:
            points.append(Point(f"after {operation} {at[1]}", request=at))
    return points


def _nothing(_operation: str) -> None:
    return


def _nothing_known(_request: Request) -> None:
    return
