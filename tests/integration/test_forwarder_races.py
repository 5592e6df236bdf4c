# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notice that many work on at once is delivered once, whoever of them dies.

On local AWS, whose DynamoDB holds under concurrency.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from boto3.dynamodb.types import TypeSerializer

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from forwarder.aws.clients import Clients
from forwarder.core.settings import read_settings
from forwarder.core.tags import tag_value
from forwarder.forward import forward
from forwarder.services import Services, build
from tests.faulty_clients import DiedError, Fault, Script, When
from tests.forwarder_environment import environment
from tests.integration.maps import read_items
from tests.local_aws import LocalAws
from tests.map_table import create_delivery_table, create_table

WORKERS = 10
MESSAGE_IDS = [f"m{number}" for number in range(6)]
ROUNDS = 5
ADMIN = "cloud-admin@example.com"
FIRST, SECOND, NOBODY = (f"{name}@accounts.example.com" for name in ("first", "second", "nobody"))
DELIVERIES = {(FIRST, "ann@example.com"), (FIRST, "bob@example.com"), (SECOND, "ann@example.com"), (NOBODY, ADMIN)}
RAW = b"From: a@example.org\r\nSubject: Password\r\n\r\nIt is here.\r\n"
PASSED = Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")
SEND_SECONDS = 0.01
TRIES_MAX = 10_000
# Longer than a claim lasts.
LATER = 120


class Ses:
    """An SES that keeps whom it sent to, and takes a moment for it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send_email(self, **request: Any) -> dict[str, str]:
        time.sleep(SEND_SECONDS)
        self.sent.append(delivery_of(request))
        return {"MessageId": uuid4().hex}


def delivery_of(request: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return message id, vended address (as in a tag) and mailbox of a mail that is sent."""
    tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
    (mailbox,) = request["Destination"]["ToAddresses"]
    return tags["message_id"], tags["address"], mailbox


@dataclass
class Clock:
    """The time that all workers share."""

    time: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.time


@dataclass(frozen=True)
class Account:
    """What the forwarders of one test share: their tables and bucket, the SES, and the time."""

    local_aws: LocalAws
    environment: dict[str, str]
    ses: Ses
    clock: Clock
    audited: list[str] = field(default_factory=list)

    def clients(self) -> Clients:
        return Clients(self.local_aws.client("s3"), self.local_aws.client("dynamodb"), self.ses)

    def services(self, clients: Clients, script: Script) -> Services:
        """Return the services of a function that was just started."""
        made = build(self.environment, script.clients(clients), self.clock).services
        return replace(made, audit=lambda _metric, line, _error: self.audited.append(line["action"]))

    def notice(self, message_id: str) -> Notice:
        bucket = read_settings(self.environment).mail_bucket
        return Notice(message_id, "a@example.org", (FIRST, SECOND, NOBODY), PASSED, bucket, f"mail/{message_id}")

    def check_records(self) -> None:
        """Check that the delivery table holds what was delivered and nothing else, all of it done."""
        items = read_items(api.Table(self.local_aws.client("dynamodb"), read_settings(self.environment).delivery_table))
        assert {(item["status"], item["outcome"]) for item in items.values()} == {("sent", "sent")}
        keys = {f"{one}#{address}#{mailbox}" for one in MESSAGE_IDS for address, mailbox in DELIVERIES}
        assert items.keys() == keys


def expected() -> set[tuple[str, str, str]]:
    return {(one, tag_value(address), mailbox) for one in MESSAGE_IDS for address, mailbox in DELIVERIES}


@pytest.fixture
def account(local_aws: LocalAws) -> Account:
    suffix = uuid4().hex[:8]
    variables = environment(
        region=local_aws.region,
        map_table=f"map-{suffix}",
        delivery_table=f"deliveries-{suffix}",
        mail_bucket=f"mail-{suffix}",
        admin_address=ADMIN,
    )
    settings = read_settings(variables)
    s3, dynamodb = local_aws.client("s3"), local_aws.client("dynamodb")
    s3.create_bucket(Bucket=settings.mail_bucket, CreateBucketConfiguration={"LocationConstraint": local_aws.region})
    create_table(dynamodb, settings.map_table)
    create_delivery_table(dynamodb, settings.delivery_table)
    for address in (FIRST, SECOND):
        owners = tuple(mailbox for of, mailbox in sorted(DELIVERIES) if of == address)
        record = AddressRecord(address, address.partition("@")[0], "accounts.example.com", owners, "active", True)
        item = {name: TypeSerializer().serialize(value) for name, value in record.to_item().items()}
        dynamodb.put_item(TableName=settings.map_table, Item=item)
    for message_id in MESSAGE_IDS:
        s3.put_object(Bucket=settings.mail_bucket, Key=f"mail/{message_id}", Body=RAW)
    return Account(local_aws, variables, Ses(), Clock())


def is_done(account: Account, services: Services, message_id: str) -> bool:
    """Deliver a notice once; return whether it is done with. What befell it was audited."""
    try:
        forward(account.notice(message_id), services, lambda: 60.0)
    except Exception:  # noqa: BLE001 - whatever it is, the queue delivers the notice again
        return False
    return True


def deliver(account: Account, services: Services, message_id: str) -> None:
    """Deliver a notice again and again until it is done with."""
    tries = 1
    while not is_done(account, services, message_id):
        assert tries < TRIES_MAX
        tries += 1
        time.sleep(SEND_SECONDS / 2)


def test_one_notice_at_the_same_moment_by_many_is_delivered_once(account: Account) -> None:
    together = Barrier(WORKERS)

    def work(clients: Clients) -> None:
        services = account.services(clients, Script())
        for message_id in MESSAGE_IDS:
            together.wait(60)
            deliver(account, services, message_id)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, [account.clients() for _worker in range(WORKERS)]))
    assert Counter(account.ses.sent) == dict.fromkeys(expected(), 1)
    account.check_records()
    told = Counter(account.audited)
    assert told.keys() <= {"sent", "already-sent", "in-progress"}
    assert told["sent"] == len(account.ses.sent)
    assert told["in-progress"] > len(MESSAGE_IDS), "hardly any two were ever at one delivery: this has shown nothing"


class Kills(Script):
    """The calls of a function that may be stopped at any of them, before it takes effect or after."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._killed: tuple[str, When] | None = None

    def next_fault(self, operation: str) -> Fault | None:
        if self._chance.random() >= (0.3 if operation in ("send_email", "update_item") else 0.02):
            return None
        when = self._chance.choice(list(When))
        self._killed = operation, when
        return Fault("death", when, DiedError)

    def sent_unmarked(self) -> list[tuple[str, str, str]]:
        """Return the delivery that was killed when SES had the mail and the delivery table did not say so, if any."""
        if self._killed not in (("send_email", When.AFTER), ("update_item", When.BEFORE)):
            return []
        return [delivery_of(call.parameters) for call in self.calls if call.operation == "send_email"][-1:]


def test_of_many_that_are_killed_only_those_in_the_window_leave_a_mail_to_be_sent_again(account: Account) -> None:
    everyone = [account.clients() for _worker in range(WORKERS)]
    unmarked: Counter[tuple[str, str, str]] = Counter()

    def work(clients: Clients, kills: Kills) -> None:
        services = account.services(clients, kills)
        with suppress(DiedError):
            for message_id in MESSAGE_IDS:
                # What the dead hold is for the next round.
                is_done(account, services, message_id)

    def finish(clients: Clients) -> None:
        services = account.services(clients, Script())
        for message_id in MESSAGE_IDS:
            deliver(account, services, message_id)

    with ThreadPoolExecutor(WORKERS) as pool:
        for number in range(ROUNDS):
            kills = [Kills(random.Random(number * WORKERS + worker)) for worker in range(WORKERS)]
            list(pool.map(work, everyone, kills))
            unmarked.update(one for killed in kills for one in killed.sent_unmarked())
            account.clock.time += LATER
        list(pool.map(finish, everyone))
    assert Counter(account.ses.sent) == unmarked + Counter(expected())
    account.check_records()
    assert set(account.audited) == {"sent", "already-sent", "in-progress"}
    assert unmarked.total() > 1, "hardly anybody was killed in the window, so this has shown nothing"
