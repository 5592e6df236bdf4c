# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_accounts: vended_accounts on local AWS, its AWS calls and seconds beside the floor.

The floor are the calls that AWS makes necessary, by bare boto3, five accounts at a time: nothing is checked, planned or
resumed. Beside both stands a loop of vended_account, a task for each account. Local AWS takes half a second to create
an account and lists accounts at once; AWS takes minutes, and gives eight pages of twenty accounts a second.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.benchmarks.bare import DOMAIN
from tests.benchmarks.bench_map import OWNERS, Bench
from tests.local_aws import LocalAws
from tests.local_aws.gateway import Service
from tests.local_aws.shell import without_settings
from tests.local_aws.wire import Request, Response
from tests.map_table import create_table

ORGANIZATIONS = (1_000, 10_000)
LISTS = (1, 5, 20)
PARENT = "Workloads"


@dataclass
class Calls:
    """Counts the calls to Organizations and DynamoDB by their names, from all threads of the gateway."""

    counted: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def watch(self, aws: LocalAws) -> None:
        gateway: Any = aws._gateway
        for service in ("dynamodb", "organizations"):
            gateway.services[service] = self._counting(gateway.services.get(service, _unknown))

    def _counting(self, service: Service) -> Service:
        def answer(request: Request) -> Response | None:
            with self.lock:
                self.counted[request.headers.get("x-amz-target", "").rpartition(".")[2]] += 1
            return service(request)

        return answer

    @contextmanager
    def of(self) -> Iterator[Counter[str]]:
        """Count the calls of the block; the counter is complete when it ends."""
        with self.lock:
            self.counted.clear()
        mine: Counter[str] = Counter()
        yield mine
        with self.lock:
            mine.update(self.counted)


def _unknown(_request: Request) -> Response | None:
    return None


def _without_waiting(calls: Counter[str]) -> int:
    """Return how many calls there were, but for those that wait: how many they are, the clock says."""
    return sum(number for name, number in calls.items() if name != "DescribeCreateAccountStatus")


def measure(bench: Bench, calls: Calls, size: int, count: int) -> None:
    """Create so many accounts in an organization of that size; print calls and seconds of ours beside the others'."""
    name = f"o{size}c{count}"
    shared = {"domain": DOMAIN, "owners": OWNERS, "parent": PARENT, "name_prefix": name}
    accounts = [{"request_id": f"{name}-{number}"} for number in range(count)]
    with calls.of() as ours:
        seconds = bench.module("vended_accounts", table="map", accounts=accounts, defaults=shared)
    with calls.of() as bare:
        floor = bench.bare("accounts", f"floor{name}", count)
    with calls.of() as single:
        one = bench.module("vended_account", table="map", request_id=f"{name}-single", **shared)
    listed = ours["ListAccounts"], bare["ListAccounts"], single["ListAccounts"] * count
    _say(
        f"{count} in {size:,}: calls", _without_waiting(ours), _without_waiting(bare), _without_waiting(single) * count
    )
    _say(f"{count} in {size:,}: pages of ListAccounts", *listed)
    _say(f"{count} in {size:,}: seconds", seconds, floor, one * count)


def _say(what: str, ours: float, floor: float, loop: float) -> None:
    print(
        f"bench: {what:<42} {ours:9.4g}   bare calls {floor:9.4g}   ratio {ours / floor:6.3g}"
        f"   a loop of tasks {loop:9.4g}   ratio {ours / loop:6.3g}",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-accounts-") as folder, LocalAws(Path(folder, "aws")) as aws:
        create_table(aws.client("dynamodb"), "map")
        assert api.put_domain(api.Table(aws.client("dynamodb"), "map"), DOMAIN, None)
        organizations = aws.client("organizations")
        root = organizations.list_roots()["Roots"][0]["Id"]
        organizations.create_organizational_unit(ParentId=root, Name=PARENT)
        calls = Calls()
        calls.watch(aws)
        bench = Bench({**without_settings(os.environ), **aws.environment}, Path(folder))
        print("bench: whole processes on local AWS; of the loop one task was run", flush=True)
        for size in ORGANIZATIONS:
            aws.organizations.grow(size)
            for count in LISTS:
                measure(bench, calls, size, count)


if __name__ == "__main__":
    main()
