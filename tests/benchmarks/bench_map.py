# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_map: the map's modules on local AWS, beside bare boto3 calls and beside a loop.

Each time is that of a whole process, the module's as Ansible starts it; the floor's is one that only makes the calls.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.benchmarks.bare import DOMAIN
from tests.local_aws import LocalAws
from tests.local_aws.shell import without_settings
from tests.map_table import create_table

ROOT = Path(__file__).resolve().parents[2]
OWNERS = ["jane@example.org"]
ROUNDS = 7
MANY = 10_000
LOOPED = 20


@dataclass(frozen=True)
class Bench:
    """Where the processes run: their environment and a folder for what they read."""

    environment: Mapping[str, str]
    folder: Path

    def run(self, *command: str) -> float:
        """Return the seconds that a Python process takes; what it says is shown where it fails."""
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        taken = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(f"bench: {' '.join(command)} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return taken

    def module(self, name: str, **options: Any) -> float:
        arguments = self.folder / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
        return self.run(str(module_file(name)), str(arguments))

    def bare(self, work: str, table: str, count: int) -> float:
        return self.run("-m", "tests.benchmarks.bare", work, table, str(count))


def module_file(name: str) -> Path:
    package, module = name.rsplit(".", 1) if "." in name else ("account_factory.email", name)
    spec = importlib.util.find_spec(f"ansible_collections.{package}.plugins.modules.{module}")
    assert spec
    assert spec.origin
    return Path(spec.origin)


def paired(ours: Callable[[int], float], floor: Callable[[int], float]) -> tuple[float, float]:
    """Return the median seconds of both, taken in turns, the first round left away."""
    rounds = [(ours(number), floor(number)) for number in range(ROUNDS + 1)][1:]
    return median(one for one, _other in rounds), median(other for _one, other in rounds)


def say(what: str, ours: float, beside: str, other: float) -> None:
    print(f"bench: {what:<34} {ours:8.2f} s   {beside:<34} {other:8.2f} s   ratio {ours / other:8.3g}", flush=True)


def one_at_a_time(bench: Bench, table: str) -> None:
    """Vend, edit and find one address; and the modules beside one of amazon.aws."""

    def vend(number: int) -> float:
        names = {"account_name": f"ours-{number}", "domain": DOMAIN}
        return bench.module("vended_address", table=table, owners=OWNERS, **names)

    def edit(number: int) -> float:
        return bench.module("vended_address", table=table, address=f"ours-{number}@{DOMAIN}", account_type="sandbox")

    def find(number: int) -> float:
        return bench.module("vended_address_info", table=table, address=f"ours-{number}@{DOMAIN}")

    def caller(_number: int) -> float:
        return bench.module("amazon.aws.aws_caller_info")

    for what, ours in (("vend one", vend), ("edit one", edit), ("find one", find)):
        say(what, *_beside("bare calls", paired(ours, partial(bench.bare, what.split()[0], table))))
    for what, ours in (("vended_address, asked again", vend), ("vended_address_info", find)):
        say(what, *_beside("amazon.aws.aws_caller_info", paired(ours, caller)))


def _beside(name: str, times: tuple[float, float]) -> tuple[float, str, float]:
    return times[0], name, times[1]


def many(bench: Bench, table: str, floor_table: str) -> None:
    """Import and list ten thousand addresses, as one task, beside bare calls and beside a loop of tasks."""
    entries = [{"address": f"many-{number:05d}@{DOMAIN}", "owners": OWNERS} for number in range(MANY)]
    ours = bench.module("vended_addresses", table=table, addresses=entries)
    floor = bench.bare("import", floor_table, MANY)
    say(f"import {MANY:,}", ours, "bare batched calls", floor)
    play = bench.folder / "play.yml"
    (bench.folder / "entries.json").write_text(
        json.dumps([{**entry, "address": f"task-{entry['address']}"} for entry in entries])
    )
    task = {"table": table, "addresses": f"{{{{ lookup('file', '{bench.folder}/entries.json') | from_json }}}}"}
    tasks = [{"account_factory.email.vended_addresses": task}]
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    say(
        f"import {MANY:,}, with ansible-playbook",
        bench.run("-m", "ansible", "playbook", str(play)),
        "bare batched calls",
        floor,
    )
    looped = sum(
        bench.module("vended_address", table=table, account_name=f"loop-{number}", domain=DOMAIN, owners=OWNERS)
        for number in range(LOOPED)
    )
    say(f"import {MANY:,}", ours, f"a loop of tasks ({LOOPED} were run)", looped / LOOPED * MANY)
    say(
        f"the same again, {MANY:,}", bench.module("vended_addresses", table=table, addresses=entries), "the first", ours
    )
    say(
        f"list {2 * MANY:,}",
        bench.module("vended_address_info", table=table),
        "bare scan",
        bench.bare("list", table, MANY),
    )


def find_by_owner(bench: Bench, table: str) -> None:
    """Find one owner's only address among many, beside reading them all.

    Local AWS parses the filter anew for every item, which DynamoDB does not; the processor time is without that.
    """
    address = {"account_name": "owned", "domain": DOMAIN, "owners": ["Joe@example.org"]}
    bench.module("vended_address", table=table, **address)

    def find(_number: int) -> float:
        return bench.module("vended_address_info", table=table, owner="joe@example.org")

    def scan(_number: int) -> float:
        return bench.bare("list", table, MANY)

    what = f"find an owner among {2 * MANY:,}"
    say(what, *_beside("bare scan", paired(find, scan)))
    say(f"{what}, CPU", *_beside("bare scan, CPU", paired(partial(_cpu, find), partial(_cpu, scan))))


def _cpu(work: Callable[[int], float], number: int) -> float:
    """Return the processor time of the processes that the work runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work(number)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-map-") as folder, LocalAws(Path(folder, "aws")) as aws:
        dynamodb: Any = aws.client("dynamodb")
        for name in ("map", "floor"):
            create_table(dynamodb, name)
            assert api.put_domain(api.Table(dynamodb, name), DOMAIN, None)
        environment = {**without_settings(os.environ), **aws.environment}
        bench = Bench(environment, Path(folder))
        print(f"bench: whole processes on local AWS; medians of {ROUNDS} where one address is at work", flush=True)
        one_at_a_time(bench, "map")
        many(bench, "map", "floor")
        find_by_owner(bench, "map")


if __name__ == "__main__":
    main()
