# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Held mail by the playbooks: SES stops and mail fails, some is quarantined; people look, decide, and all arrives once.

The forwarder tries five times, a second apart at first, so that mail fails within half a minute.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.forwarding import ATTACHED, BUCKET, COPY, DOMAIN, LETTER, STACK, Forwarding, deployed
from tests.integration.test_ad_hoc import ad_hoc
from tests.integration.test_create_account import wait_until
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

ADMIN = "admin@example.com"
OWNERS = {
    f"payments-001@{DOMAIN}": ["ann@example.org", "bob@example.org"],
    f"payments-002@{DOMAIN}": ["ann@example.org"],
    f"analytics-001@{DOMAIN}": ["cat@example.org"],
}
ADDRESSES = list(OWNERS)
FAILED = 25
# A red subject that overwrites the line, a right-to-left override, a link and HTML: none of it may reach a terminal.
HOSTILE = "\x1b[31mPay now\x1b[2K\r \u202egpj.exe <img src=x onerror=alert(1)> https://evil.example/pay"
VERDICTS = {
    "spam": "spam=FAIL virus=PASS dmarc=PASS",
    "more-spam": "spam=FAIL virus=PASS dmarc=PASS",
    "forged": "spam=PASS virus=PASS dmarc=FAIL;reject",
    "virus": "spam=PASS virus=FAIL dmarc=PASS",
    "virus-and-spam": "spam=FAIL virus=FAIL dmarc=PASS",
}
REASONS = {"spam": "spam", "more-spam": "spam", "forged": "dmarc", "virus": "virus", "virus-and-spam": "virus"}


def mail(number: int | str, subject: str = "Password reset") -> bytes:
    return f"From: AWS <no-reply@aws.example>\r\nTo: you\r\nSubject: {subject} {number}\r\n\r\nThe link.\r\n".encode()


@dataclass
class Desk:
    """The person on call, and the forwarder."""

    forwarding: Forwarding
    runs: int = 0

    def play(self, name: str, *options: str, **variables: Any) -> tuple[Recap, str]:
        """Run a playbook; return its recap and all that it printed."""
        self.runs += 1
        log = self.forwarding.folder / f"{name}-{self.runs}-{time.monotonic_ns()}.log"
        given = {f"mail_forwarder_{name}": value for name, value in variables.items()}
        recap = run_playbook(name, given, self.forwarding.aws.environment, log, *options)
        return recap, log.read_text(encoding="utf-8")

    def held(self, **options: Any) -> dict[str, Any]:
        """Return what the module finds."""
        found = ad_hoc(dict(self.forwarding.aws.environment), options, module="held_mail_info")
        assert "counts" in found, found
        return found

    def dead_letters(self, name: str = "dead-letters") -> str:
        return str(self.forwarding.client("sqs").get_queue_url(QueueName=f"{STACK}-{name}")["QueueUrl"])

    def count(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages"]
        attributes = self.forwarding.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return int(attributes["Attributes"][names[0]])

    def fail_all(self, count: int) -> None:
        """Wait until so many mails are dead letters."""
        url = self.dead_letters()
        wait_until(lambda: self.count(url) == count, timeout=300)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("held-mail")
    with deployed(folder, ADMIN, mail_forwarder_tries=5, mail_forwarder_concurrency=8) as forwarding:
        for address, owners in OWNERS.items():
            forwarding.vend(address, owners)
        with forwarding.configured(retry_seconds=1):
            yield Desk(forwarding)


def test_mail_that_is_held_is_found_decided_about_and_arrives_once(desk: Desk) -> None:
    forwarding = desk.forwarding
    assert desk.held()["held_mail"] == []
    quarantined = {
        name: forwarding.receive(ADDRESSES[1], mail(name, HOSTILE), verdicts) for name, verdicts in VERDICTS.items()
    }
    forwarding.settle()
    forwarding.aws.sending.enabled = False
    failed = [forwarding.receive(ADDRESSES[number % 3], mail(number)) for number in range(FAILED)]
    desk.fail_all(FAILED)

    everything = desk.held()
    assert everything["counts"] == {"quarantined": 5, "failed": FAILED, "event": 0}
    by_id = {one["message_id"]: one for one in everything["held_mail"]}
    assert by_id.keys() == {*failed, *quarantined.values()}
    assert {name: by_id[key]["reason"] for name, key in quarantined.items()} == REASONS
    one = by_id[failed[0]]
    assert (one["kind"], one["reason"], one["tries"]) == ("failed", "not-forwarded", 5)
    assert one["size"] == forwarding.client("s3").head_object(Bucket=BUCKET, Key=f"mail/{failed[0]}")["ContentLength"]
    assert (one["addresses"], one["owners"]) == ([ADDRESSES[0]], OWNERS[ADDRESSES[0]])
    assert "SendingPausedException" in one["error"]
    assert one["received_at"] < one["expires_at"]
    times = [each["received_at"] for each in everything["held_mail"]]
    assert times == sorted(times, reverse=True)
    found = desk.held(owner="Ann@example.org", kinds=["failed"])
    assert found["counts"] == {"quarantined": 0, "failed": 17, "event": 0}
    counted = desk.held(count_only=True)
    assert (counted["counts"], "held_mail" in counted) == (everything["counts"], False)

    _recap, listed = desk.play("list_held_mail")
    assert "30 mails are held: 5 quarantined, 25 failed." in listed
    assert all(key in listed for key in by_id)
    assert "\x1b" not in listed
    assert "\u202e" not in listed

    # One is discarded: it has to be named twice, and its message stays.
    with pytest.raises(PlaybookFailedError, match="confirm: does not name"):
        desk.play("discard_mail", message_id=[failed[0]])
    assert desk.play("discard_mail", "--check", message_id=[failed[0]], confirm=[failed[0]])[0].changed == 1
    assert desk.count(desk.dead_letters()) == FAILED
    assert desk.play("discard_mail", message_id=[failed[0]], confirm=[failed[0]])[0].changed == 1
    assert desk.play("discard_mail", message_id=[failed[0]], confirm=[failed[0]])[0].changed == 0
    assert desk.count(desk.dead_letters()) == FAILED - 1
    forwarding.client("s3").head_object(Bucket=BUCKET, Key=f"mail/{failed[0]}")

    # SES is mended. More than expected is refused; then all are replayed, by two people at once.
    forwarding.aws.sending.enabled = True
    with pytest.raises(PlaybookFailedError, match="limit: 24 mails match, and at most 20 are expected"):
        desk.play("replay_mail", limit=20)
    assert desk.play("replay_mail", "--check", limit=30)[0].changed == 1
    assert desk.count(desk.dead_letters()) == FAILED - 1
    with ThreadPoolExecutor(2) as people:
        runs = [people.submit(desk.play, "replay_mail", message_id=failed[1:]) for _unused in range(2)]
        assert sum(run.result()[0].changed for run in runs) >= 1
    forwarding.settle()
    assert desk.play("replay_mail", message_id=failed[1:])[0].changed == 0

    # The spam is released, the forgery too; the viruses never are.
    with pytest.raises(PlaybookFailedError, match="holds a virus and cannot be released"):
        desk.play("release_mail", message_id=quarantined["virus"])
    assert desk.play("release_mail", reason="spam", limit=2)[0].changed == 1
    assert desk.play("release_mail", message_id=quarantined["forged"])[0].changed == 1
    assert desk.play("release_mail", message_id=[quarantined["spam"], quarantined["forged"]])[0].changed == 0
    assert desk.play("discard_mail", reason="virus", limit=2)[0].changed == 1

    got = forwarding.got()
    for number, key in enumerate(failed[1:], 1):
        assert got[key] == {owner: [COPY] for owner in OWNERS[ADDRESSES[number % 3]]}
    assert failed[0] not in got
    for name, key in quarantined.items():
        # What no mail program reads alike leaves attached.
        assert got[key] == {"ann@example.org": [LETTER] if "virus" in name else [LETTER, ATTACHED]}
    assert desk.held()["held_mail"] == []
    assert "No mail is held." in desk.play("list_held_mail")[1]
    assert Counter(line["action"] for line in forwarding.audit())["replay"] == FAILED - 1
    assert forwarding.refused() == set()


def test_what_is_foreign_or_expired_is_told_and_not_replayed(desk: Desk) -> None:
    forwarding, sqs, url = desk.forwarding, desk.forwarding.client("sqs"), desk.dead_letters()
    notice = {
        "notificationType": "Received",
        "mail": {"messageId": "expired-1", "source": "x@example.org", "timestamp": "2026-11-01T00:00:00Z"},
        "receipt": {
            "recipients": [ADDRESSES[0]],
            "action": {"type": "S3", "bucketName": BUCKET, "objectKey": "mail/expired-1"},
        },
    }
    foreign = sqs.send_message(QueueUrl=url, MessageBody=f"hello {HOSTILE}".replace("\x1b", "").replace("\r", ""))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"Type": "Notification", "Message": json.dumps(notice)}))
    foreign_id = f"sqs:{foreign['MessageId']}"

    found = {one["message_id"]: one for one in desk.held()["held_mail"]}
    assert {key: (one["kind"], one["reason"], one["is_kept"]) for key, one in found.items()} == {
        foreign_id: ("failed", "unreadable", True),
        "expired-1": ("failed", "not-forwarded", False),
    }
    for key, why in ((foreign_id, "it is nothing that Amazon SES tells"), ("expired-1", "the mail has expired")):
        with pytest.raises(PlaybookFailedError, match=why):
            desk.play("replay_mail", message_id=key)
    # By a filter they are left alone.
    assert desk.play("replay_mail", limit=5)[0].changed == 0
    assert desk.count(url) == 2
    assert desk.play("discard_mail", message_id=[*found], confirm=[*found])[0].changed == 1
    assert forwarding.left() == {}
    with pytest.raises(PlaybookFailedError, match="it is not held"):
        desk.play("discard_mail", message_id=["no-such/../mail"], confirm=["no-such/../mail"])


def test_what_sns_could_not_hand_over_and_events_are_replayed_too(desk: Desk) -> None:
    forwarding, sqs = desk.forwarding, desk.forwarding.client("sqs")
    key = forwarding.receive(ADDRESSES[2], mail("undelivered"))
    forwarding.settle()
    event = {
        "eventType": "Bounce",
        "mail": {"messageId": "no-such", "timestamp": "2026-11-26T00:00:00Z", "destination": ["cat@example.org"]},
        "bounce": {
            "bounceType": "Permanent",
            "timestamp": "2026-11-26T00:00:00Z",
            "bouncedRecipients": [{"emailAddress": "cat@example.org"}],
        },
    }
    notice = {
        "notificationType": "Received",
        "mail": {"messageId": key, "source": "x@example.org", "timestamp": "2026-11-26T00:00:00Z"},
        "receipt": {
            "recipients": [ADDRESSES[2]],
            "action": {"type": "S3", "bucketName": BUCKET, "objectKey": f"mail/{key}"},
        },
    }
    sqs.send_message(QueueUrl=desk.dead_letters("undelivered"), MessageBody=json.dumps(notice))
    sqs.send_message(QueueUrl=desk.dead_letters("events-undelivered"), MessageBody=json.dumps(event))
    found = {one["kind"]: (one["message_id"], one["reason"]) for one in desk.held()["held_mail"]}
    assert found == {"failed": (key, "not-queued"), "event": ("no-such", "bounce")}

    assert desk.play("replay_mail", limit=2)[0].changed == 1
    # Nobody knows the mail that the event is about, so that it becomes a dead letter again, of a queue this time.
    wait_until(lambda: desk.count(desk.dead_letters("events-dead-letters")) == 1, timeout=120)
    assert forwarding.got()[key] == {"cat@example.org": [COPY]}
    assert desk.held(kinds=["event"])["held_mail"][0]["message_id"] == "no-such"
    assert desk.play("discard_mail", message_id="no-such", confirm=["no-such"])[0].changed == 1
    forwarding.settle()


def test_a_forwarder_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(PlaybookFailedError, match="mail_forwarder_message_id, mail_forwarder_limit: give the ids"):
        desk.play("discard_mail", reason="spam")
    for play, variables in (("list_held_mail", {}), ("release_mail", {"message_id": "m1"})):
        with pytest.raises(PlaybookFailedError, match="there is no forwarder no-such"):
            desk.play(play, stack_name="no-such", **variables)
