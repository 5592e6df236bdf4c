# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_drift: comparing 10,000 and 50,000 accounts with the map, beside bare list calls.

Each way is a process of its own, the module's as Ansible starts it. The floor asks for the same pages of accounts and
the same items of the map, one page after the other, and keeps nothing of them. One account in a hundred has an email
that was not vended, and as many addresses have no account. Local AWS has all on one machine and throttles nothing: AWS
gives about eight pages of 20 accounts a second, so that 50,000 accounts take five minutes there, whoever lists them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.benchmarks.bare import items
from tests.benchmarks.bench_map import ROOT, module_file
from tests.local_aws import LocalAws
from tests.local_aws.shell import without_settings
from tests.map_table import create_table

# The domain of the accounts that an organization of local AWS grows by.
DOMAIN = "example.net"
SIZES = {10_000: 3, 50_000: 1}
AT_ONCE, BATCH = 8, 25


@dataclass(frozen=True)
class Measured:
    """The seconds that a process took, and the megabytes that it held at most."""

    seconds: float
    megabytes: float


def peak(pid: int) -> float:
    """Return the megabytes that a process has held at most so far; 0 once it has ended.

    Not ru_maxrss, which begins with what this process held when it started the other (getrusage(2), proc(5): VmHWM).
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
    return int(found) / 1024


@dataclass(frozen=True)
class Bench:
    """Where the processes run, and a folder for what they read."""

    environment: Mapping[str, str]
    folder: Path

    def run(self, *command: str) -> Measured:
        started = time.perf_counter()
        with (self.folder / "said").open("w+") as said:
            process = subprocess.Popen(
                [sys.executable, *command], env=self.environment, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
            )
            megabytes = 0.0
            while process.poll() is None:
                megabytes = max(megabytes, peak(process.pid))
                time.sleep(0.02)
            taken = time.perf_counter() - started
            said.seek(0)
            if process.returncode:
                raise SystemExit(f"bench: {' '.join(command)} failed: {said.read()[-2000:]}")
        return Measured(taken, megabytes)

    def ours(self, table: str) -> Measured:
        arguments = self.folder / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"table": table}}))
        return self.run(str(module_file("account_email_drift_info")), str(arguments))

    def floor(self, table: str, size: int) -> Measured:
        return self.run("-m", "tests.benchmarks.bare", "list-both", table, str(size * 98 // 100))

    def found(self) -> dict[str, Any]:
        """Return how much the module counted when it ran last."""
        counts: dict[str, Any] = json.loads((self.folder / "said").read_text())["counts"]
        return counts


def fill(aws: LocalAws, table: str, size: int) -> None:
    """Let the organization have so many accounts, and the map their addresses but for one in a hundred."""
    aws.organizations.grow(size)
    pages = aws.client("organizations").get_paginator("list_accounts").paginate()
    listed = [account for page in pages for account in page["Accounts"] if account["Name"] != "management"]
    known = (account for number, account in enumerate(listed) if number % 100)
    new = [*(one for account in known for one in recorded(account)), *unused(size // 100)]
    batches = [new[start : start + BATCH] for start in range(0, len(new), BATCH)]
    dynamodb = aws.client("dynamodb")

    def put(batch: list[dict[str, Any]]) -> None:
        waiting: Any = {table: [{"PutRequest": {"Item": item}} for item in batch]}
        while waiting:
            waiting = dynamodb.batch_write_item(RequestItems=waiting).get("UnprocessedItems")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(put, batches))


def recorded(account: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the items of an account's address, as the map has them."""
    name, address = account["Name"], account["Email"].lower()
    record, unique = items(name)
    texts = {"pk": f"ADDRESS#{address}", "address": address, "domain": DOMAIN, "account_id": account["Id"]}
    yield {**record, **{field: {"S": text} for field, text in texts.items()}, "status": {"S": "active"}}
    yield {**unique, "address": {"S": address}}
    yield {"pk": {"S": f"ACCOUNT#{account['Id']}"}, "address": {"S": address}}


def unused(count: int) -> Iterator[dict[str, Any]]:
    """Yield the records of addresses that no account has."""
    for number in range(count):
        address = f"unused{number}@{DOMAIN}"
        record, _unique = items(f"unused{number}")
        texts = {"pk": f"ADDRESS#{address}", "address": address, "domain": DOMAIN, "created_at": "2026-01-01T00:00:00Z"}
        yield {**record, **{field: {"S": text} for field, text in texts.items()}}


def say(size: int, what: str, ours: float, floor: float, unit: str) -> None:
    print(
        f"bench: {size:6,} accounts, {what:<12} {ours:8.1f} {unit:<2}   bare list calls {floor:8.1f} {unit:<2}"
        f"   ratio {ours / floor:5.2f}",
        flush=True,
    )


def compare(bench: Bench, table: str, size: int, rounds: int) -> None:
    """Say the median of both ways, taken in turns."""
    pairs = []
    for _round in range(rounds):
        ours = bench.ours(table)
        counts = bench.found()
        pairs.append((ours, bench.floor(table, size)))
    print(f"bench: {size:6,} accounts, found {json.dumps(counts)}", flush=True)
    for what, unit in (("seconds", "s"), ("megabytes", "MB")):
        times = [(getattr(ours, what), getattr(floor, what)) for ours, floor in pairs]
        say(size, what, median(one for one, _other in times), median(other for _one, other in times), unit)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-drift-") as folder, LocalAws(Path(folder, "aws")) as aws:
        dynamodb: Any = aws.client("dynamodb")
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        bench = Bench({**without_settings(os.environ), **aws.environment}, Path(folder))
        for size, rounds in SIZES.items():
            table = f"map-{size}"
            create_table(dynamodb, table)
            assert api.put_domain(api.Table(dynamodb, table), DOMAIN, None)
            fill(aws, table, size)
            compare(bench, table, size, rounds)


if __name__ == "__main__":
    main()
