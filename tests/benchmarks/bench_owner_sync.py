# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_owner_sync: 500 groups of 5,000 users read, by how many calls and how soon.

In one process, with moto's directory and map. The floor is what no way can do without: the members of each group have
a call of their own, and users and names of groups come a hundred a call at best. The pace is the module's, the 20
requests a second that the Identity Store allows all callers together; the seconds beside it are what the calls take at
that pace if AWS answers at once.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

import boto3
from moto import mock_aws
from moto.identitystore.models import identitystore_backends

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.api import (
    PAGE,
    SECONDS_A_CALL,
    Directory,
)
from ansible_collections.account_factory.email.plugins.module_utils._identity_center.syncing import Asked, sync
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._pacing import pace
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.map_table import create_table

USERS, GROUPS, MEMBERS, ADDRESSES = 5_000, 500, 10, 2_000
REGION, STORE, ACCOUNT = "eu-west-1", "d-1234567890", "123456789012"
DOMAIN = "accounts.example.com"


@dataclass(frozen=True)
class Way:
    """A name, and the groups that are read, of a directory that has all users and groups."""

    name: str
    group_ids: list[str]

    @property
    def floor(self) -> int:
        """Return the least calls: users and groups by their lists or one by one, whichever is less."""
        users = min(ceil(USERS / PAGE), USERS, len(self.group_ids) * MEMBERS)
        return users + min(ceil(GROUPS / PAGE), len(self.group_ids)) + len(self.group_ids)


def fill() -> list[str]:
    """Make users and groups in the directory, each user in one group, and return the groups' ids."""
    backend = identitystore_backends[ACCOUNT][REGION]
    users = [_user(backend, f"user{number}") for number in range(USERS)]
    groups = [backend.create_group(STORE, f"group{number}", "")[0] for number in range(GROUPS)]
    for number, user_id in enumerate(users):
        backend.create_group_membership(STORE, groups[number % GROUPS], {"UserId": user_id})
    return groups


def _user(backend: Any, name: str) -> str:
    full_name, emails = {"FamilyName": name, "GivenName": name}, [{"Value": f"{name}@example.org"}]
    more: dict[str, Any] = dict.fromkeys(
        ("nick_name", "profile_url", "user_type", "title", "preferred_language", "locale", "timezone"), ""
    )
    user_id, _store = backend.create_user(
        STORE, name, full_name, name, emails=emails, addresses=[], phone_numbers=[], **more
    )
    return str(user_id)


def vend(dynamodb: Any, groups: list[str]) -> None:
    for number in range(ADDRESSES):
        name = f"app-{number:04}"
        record = AddressRecord(f"{name}@{DOMAIN}", name, DOMAIN, (), owner_groups=(groups[number % len(groups)],))
        dynamodb.put_item(TableName="map", Item=to_attributes(record.to_item()))


def counted(client: Any, calls: Counter[str]) -> Any:
    def note(model: Any, **_event: Any) -> None:
        calls[str(model.name)] += 1

    client.meta.events.register("before-call", note)
    return client


def run(table: Table, way: Way, asked: Asked) -> None:
    calls: Counter[str] = Counter()
    client = counted(boto3.client("identitystore", region_name=REGION), calls)
    directory = Directory(pace(client, SECONDS_A_CALL, lambda _operation: "all"), STORE)
    writes: Counter[str] = Counter()
    counted(table.client, writes)
    seconds, synced = timed(lambda: sync(table, directory, asked, lambda: datetime.now(UTC)))
    total, changed = sum(calls.values()), sum(plan.changed for plan in synced.plans.values())
    print(
        f"{way.name:<34} {len(synced.plans):>6} {changed:>8} {total:>6} {way.floor:>6} {total * SECONDS_A_CALL:>8.1f}"
        f" {seconds:>8.1f} {writes['PutItem']:>7}"
    )
    print(f"{'':<34} {', '.join(f'{name} {number}' for name, number in sorted(calls.items()))}")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def main() -> None:
    os.environ.update({"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "MOTO_ACCOUNT_ID": ACCOUNT})
    heads = ("groups", "changed", "calls", "floor", "at 20/s", "seconds", "writes")
    print(f"{'':<34} {heads[0]:>6} {heads[1]:>8} {heads[2]:>6} {heads[3]:>6} {heads[4]:>8} {heads[5]:>8} {heads[6]:>7}")
    with mock_aws():
        groups = fill()
        for name, chosen in (("3 groups", groups[:3]), ("all groups", groups)):
            # A table of its own, so that nothing is known before.
            dynamodb = boto3.client("dynamodb", region_name=REGION)
            create_table(dynamodb, "map")
            vend(dynamodb, chosen)
            for how in ("the first time", "again"):
                table = Table(boto3.client("dynamodb", region_name=REGION), "map")
                run(table, Way(f"{name}, {how}", chosen), Asked())
            dynamodb.delete_table(TableName="map")


if __name__ == "__main__":
    main()
