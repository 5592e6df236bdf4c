# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""deliveries_info: its real main() against a table that the forwarder's own code has written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
import yaml
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._notice import RELEASED, Notice, Verdicts
from ansible_collections.account_factory.email.plugins.modules import deliveries_info
from forwarder.aws.deliveries import DeliveryTable, Record
from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.recipients import Delivery, Instead, Standing
from forwarder.core.sending_event import SendingEvent
from tests.aws_errors import noted_calls, refuse
from tests.map_table import create_delivery_table

MAIN = deliveries_info.main
NAME = "mail-forwarder-deliveries"
NOON = 1_795_262_400  # 2026-11-21T12:00:00Z
ADDRESS, OTHER = "payments-001@accounts.example.com", "payments-002@accounts.example.com"
ANN, BOB, DESK = "Ann@example.org", "bob@example.org", "desk@example.org"
# All that a module shows of a copy that was sent, and of which SES told nothing yet.
SENT = {
    "message_id": "m1",
    "address": ADDRESS,
    "recipient": ADDRESS,
    "mailbox": ANN,
    "standing": "owner",
    "sender": "no-reply@example.com",
    "received_at": "2026-11-21T11:59:58Z",
    "claimed_at": "2026-11-21T12:00:00Z",
    "status": "sent",
    "form": "sent",
    "sent_at": "2026-11-21T12:00:00Z",
    "sent_to": ANN,
    "sent_message_id": "s-m1",
    "instead_of": None,
    "became": None,
    "became_at": None,
    "diagnostic": None,
    "released": False,
    "released_by": None,
    "released_at": None,
}


@dataclass
class Forwarder:
    """What the forwarder's code writes, at a time that the test sets."""

    dynamodb: Any
    now: float = NOON
    table: DeliveryTable = field(init=False)

    def __post_init__(self) -> None:
        self.table = DeliveryTable(self.dynamodb, NAME, lambda: self.now, 365)

    def notice(self, message_id: str, sender: str = "no-reply@example.com", again: str = "") -> Notice:
        key, received_at = f"mail/{message_id}", "2026-11-21T11:59:58.123Z"
        return Notice(message_id, sender, (ADDRESS,), Verdicts("PASS"), "b", key, received_at=received_at, again=again)

    def claim(self, notice: Notice, address: str = ADDRESS, mailbox: str = ANN, **more: Any) -> Any:
        of = {"recipient": address, "standing": Standing.OWNER, **more}
        return self.table.claim(notice, Delivery(address=address, mailbox=mailbox, **of), 60)

    def send(self, notice: Notice, mailbox: str = ANN, outcome: Outcome = Outcome.SENT, **more: Any) -> None:
        claim = self.claim(notice, mailbox=mailbox, **more)
        self.table.mark_sent(claim, f"s-{notice.message_id}", outcome, mailbox)

    def tell(self, notice: Notice, outcome: Outcome, at: str, words: str | None = None, mailbox: str = ANN) -> None:
        record = Record(notice, Delivery(ADDRESS, ADDRESS, mailbox, Standing.OWNER))
        self.table.note(record, SendingEvent(outcome, mailbox, at, "s", None, words))


@pytest.fixture
def forwarder() -> Iterator[Forwarder]:
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="eu-west-1")
        create_delivery_table(dynamodb, NAME)
        yield Forwarder(dynamodb)


def found(run_module: Any, **options: Any) -> list[dict[str, Any]]:
    result = run_module(MAIN, **options)
    assert result["changed"] is False
    deliveries: list[dict[str, Any]] = result["deliveries"]
    return deliveries


@pytest.mark.parametrize("asked", [{"message_id": " m1\n"}, {"address": f" {ADDRESS.upper()}"}], ids=["id", "address"])
@pytest.mark.parametrize("check_mode", [True, False], ids=["check mode", "for real"])
def test_a_copy_is_shown_with_all_that_is_known(
    run_module: Any, forwarder: Forwarder, asked: dict[str, str], check_mode: bool
) -> None:
    forwarder.send(forwarder.notice("m1"))
    assert found(run_module, check_mode=check_mode, **asked) == [SENT]


def test_a_copy_that_is_not_finished_yet(run_module: Any, forwarder: Forwarder) -> None:
    forwarder.claim(forwarder.notice("m1"))
    unsent = dict.fromkeys(("form", "sent_at", "sent_to", "sent_message_id"))
    assert found(run_module, message_id="m1") == [{**SENT, **unsent, "status": "claimed"}]


def test_what_became_of_a_copy_is_what_ses_told_last(run_module: Any, forwarder: Forwarder) -> None:
    notice = forwarder.notice("m1")
    forwarder.send(notice)
    told = []
    for outcome, at, words in (
        (Outcome.DELAYED, "2026-11-21T12:05:00.000Z", "421 busy"),
        (Outcome.DELIVERED, "2026-11-21T12:10:00.500Z", None),
        (Outcome.COMPLAINED, "2026-11-21T13:00:00.000Z", "abuse"),
        (Outcome.BOUNCED, "2026-11-21T11:00:00.000Z", "came late"),
    ):
        forwarder.tell(notice, outcome, at, words)
        (one,) = found(run_module, message_id="m1")
        told.append((one["became"], one["became_at"], one["diagnostic"]))
    complained = ("complained", "2026-11-21T13:00:00Z", "abuse")
    assert told == [
        ("delayed", "2026-11-21T12:05:00Z", "421 busy"),
        ("delivered", "2026-11-21T12:10:00Z", None),
        complained,
        complained,
    ]


def test_copies_in_the_place_of_others(run_module: Any, forwarder: Forwarder) -> None:
    notice = forwarder.notice("m1")
    forwarder.send(notice)
    forwarder.tell(notice, Outcome.BOUNCED, "2026-11-21T12:00:30.000Z", "smtp; 550 5.1.1 user unknown")
    forwarder.now += 60
    forwarder.send(notice, DESK, Outcome.SENT_TO_FALLBACK, instead=Instead(ANN, Reason.BOUNCED))
    forwarder.now += 60
    claim = forwarder.claim(notice, mailbox=BOB)
    forwarder.table.mark_sent(claim, "s3", Outcome.SENT_TO_ADMIN, "admin@example.org")
    sandboxed, fallback, own = found(run_module, message_id="m1")
    assert (own["mailbox"], own["became"], own["diagnostic"]) == (ANN, "bounced", "smtp; 550 5.1.1 user unknown")
    assert (fallback["sent_to"], fallback["form"], fallback["instead_of"]) == (DESK, "sent-to-fallback", ANN)
    assert (sandboxed["mailbox"], sandboxed["sent_to"]) == (BOB, "admin@example.org")


def put(forwarder: Forwarder, **attributes: str) -> None:
    item = {name: {"S": value} for name, value in attributes.items()}
    forwarder.dynamodb.put_item(TableName=NAME, Item=item)


def test_a_release_is_told_from_what_was_sent_before(run_module: Any, forwarder: Forwarder) -> None:
    held, released = (forwarder.notice("m1", again=again) for again in ("", RELEASED))
    forwarder.send(held, outcome=Outcome.QUARANTINED)
    forwarder.now += 3600
    forwarder.send(released)
    # However the item of the mail is written, it is no delivery.
    put(
        forwarder,
        pk="MAIL#m1",
        message_id="m1",
        released_by="arn:aws:iam::123456789012:user/jane\u202e",
        released_at="2026-11-21T12:59:00Z",
    )
    for asked in ({"message_id": "m1"}, {"address": ADDRESS}):
        after, before = found(run_module, **asked)
        assert before == {**SENT, "form": "quarantined"}
        assert (after["message_id"], after["released"], after["form"]) == ("m1", True, "sent")
        assert after["released_by"] == "arn:aws:iam::123456789012:user/jane"
        assert after["released_at"] == "2026-11-21T12:59:00Z"


def test_a_release_that_nobody_noted(run_module: Any, forwarder: Forwarder) -> None:
    forwarder.send(forwarder.notice("m1", again=RELEASED))
    (one,) = found(run_module, message_id="m1")
    assert (one["released"], one["released_by"], one["released_at"]) == (True, None, None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param(f"released#{ADDRESS}", False, id="like the key of a release"),
        pytest.param(f"a#b{ADDRESS}", False, id="with the separator of keys"),
        pytest.param("", False, id="none at all"),
    ],
)
def test_whatever_the_address_a_delivery_is_read(
    run_module: Any, forwarder: Forwarder, address: str, expected: bool
) -> None:
    forwarder.claim(forwarder.notice("m1"), address=address)
    (one,) = found(run_module, message_id="m1")
    assert (one["message_id"], one["address"], one["released"]) == ("m1", address or None, expected)


def test_mail_to_a_tag_is_where_the_forwarder_keeps_it(run_module: Any, forwarder: Forwarder) -> None:
    tagged = ADDRESS.replace("@", "+billing@")
    forwarder.send(forwarder.notice("m1"), recipient=tagged)
    forwarder.now += 60
    # Of an address that is nobody's, the tag is a part of the address.
    claim = forwarder.claim(forwarder.notice("m2"), address=tagged, standing=Standing.UNKNOWN)
    forwarder.table.mark_sent(claim, "s", Outcome.SENT, ANN)
    vended, both = found(run_module, address=ADDRESS), found(run_module, address=tagged)
    assert [(one["message_id"], one["recipient"]) for one in vended] == [("m1", tagged)]
    assert [(one["message_id"], one["standing"]) for one in both] == [("m2", "unknown"), ("m1", "owner")]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        pytest.param({}, "m3 m2 m1", id="all"),
        pytest.param({"start_date": "2026-11-21T12:00:00Z"}, "m3 m2 m1", id="from a moment on"),
        pytest.param({"start_date": "2026-11-21T12:00:00.001Z"}, "m3 m2", id="after a moment"),
        pytest.param({"end_date": "2026-11-21T13:00:00Z"}, "m1", id="before a moment"),
        pytest.param({"end_date": "2026-11-21T13:00:00.500Z"}, "m2 m1", id="just after one"),
        pytest.param({"start_date": "2026-11-21 12:30", "end_date": "2026-11-21 13:30"}, "m2", id="between"),
        pytest.param({"start_date": "2026-11-21", "end_date": "2026-11-22"}, "m3 m2 m1", id="a day"),
        pytest.param({"start_date": "2026-11-21T14:00:00+01:00"}, "m3 m2", id="in another zone"),
        pytest.param({"start_date": "2026-12-01"}, "", id="none"),
        pytest.param(
            {"start_date": "2026-11-21T12:00:00.200Z", "end_date": "2026-11-21T12:00:00.800Z"}, "", id="not a second"
        ),
    ],
)
def test_a_period(run_module: Any, forwarder: Forwarder, period: dict[str, str], expected: str) -> None:
    for message_id in ("m1", "m2", "m3"):
        forwarder.send(forwarder.notice(message_id))
        forwarder.now += 3600
    assert " ".join(one["message_id"] for one in found(run_module, address=ADDRESS, **period)) == expected


@pytest.mark.parametrize("asked", [{"message_id": "m0"}, {"address": OTHER}], ids=["id", "address"])
def test_none(run_module: Any, forwarder: Forwarder, asked: dict[str, str]) -> None:
    forwarder.send(forwarder.notice("m1"))
    assert found(run_module, **asked) == []


@pytest.mark.parametrize("sender", ["a\x1b[31m@evil.example", "a\r\nb@evil.example", "\u202ea@evil.example", "x" * 900])
def test_what_a_stranger_wrote_can_be_shown(run_module: Any, forwarder: Forwarder, sender: str) -> None:
    notice = forwarder.notice("m1", sender=sender)
    forwarder.send(notice)
    forwarder.tell(notice, Outcome.BOUNCED, "2026-11-21T12:00:30.000Z", sender)
    (one,) = found(run_module, message_id="m1")
    for text in (one["sender"], one["diagnostic"]):
        assert text.isprintable()
        assert 0 < len(text) <= 500


def test_the_null_sender(run_module: Any, forwarder: Forwarder) -> None:
    forwarder.send(forwarder.notice("m1", sender=""))
    assert found(run_module, message_id="m1") == [{**SENT, "sender": None}]


def test_an_item_of_an_earlier_release(run_module: Any, forwarder: Forwarder) -> None:
    item = {
        "pk": {"S": f"m1#{ADDRESS}#{ANN.lower()}"},
        "address": {"S": ADDRESS},
        "claimed_at": {"N": str(NOON)},
        "mailbox": {"S": ANN},
        "status": {"S": "sent"},
        "outcome": {"S": "sent"},
        "sent_at": {"N": str(NOON)},
        "sent_message_id": {"S": "s-m1"},
        "failed_at": {"S": "2026-11-21T12:00:30.000Z"},
        "failed_by": {"S": "bounced"},
    }
    forwarder.dynamodb.put_item(TableName=NAME, Item=item)
    unknown = dict.fromkeys(("recipient", "standing", "sender", "received_at"))
    became = {"became": "bounced", "became_at": "2026-11-21T12:00:30Z"}
    assert found(run_module, address=ADDRESS) == [{**SENT, **unknown, **became}]


@pytest.mark.parametrize("asked", [{"message_id": "m1"}, {"address": ADDRESS}], ids=["id", "address"])
def test_more_than_one_answer_holds(
    run_module: Any, forwarder: Forwarder, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of an index, batches of keys, and keys that DynamoDB left for later."""
    notice = forwarder.notice("m1")
    for number in range(230):
        forwarder.claim(notice, mailbox=f"{number:03}@example.org")
    real, asked_for = BaseClient._make_api_call, []

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "Query":
            return real(client, operation, {**parameters, "Limit": 70})
        keys = parameters["RequestItems"][NAME]["Keys"]
        asked_for.append(len(keys))
        assert len(keys) <= 100
        later, now = keys[60:], keys[:60]
        answer = real(client, operation, {"RequestItems": {NAME: {**parameters["RequestItems"][NAME], "Keys": now}}})
        return {**answer, "UnprocessedKeys": {NAME: {"Keys": later, "ConsistentRead": True}} if later else {}}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    mailboxes = [one["mailbox"] for one in found(run_module, **asked)]
    assert mailboxes == [f"{number:03}@example.org" for number in range(230)]
    assert asked_for == [100, 40, 100, 40, 30]


def test_what_is_deleted_between_two_calls_is_not_there(
    run_module: Any, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    forwarder.send(forwarder.notice("m1"))
    real = BaseClient._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "BatchGetItem":
            (key,) = parameters["RequestItems"][NAME]["Keys"]
            real(client, "DeleteItem", {"TableName": NAME, "Key": key})
        return real(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    assert found(run_module, message_id="m1") == []


def test_one_mail_costs_two_calls(run_module: Any, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch) -> None:
    forwarder.send(forwarder.notice("m1"))
    noted = noted_calls(monkeypatch)
    found(run_module, message_id="m1")
    found(run_module, message_id="m0")
    assert noted == ["Query", "BatchGetItem", "Query"]


@pytest.mark.parametrize("operation", ["Query", "BatchGetItem"])
def test_what_is_throttled_is_tried_again(
    run_module: Any, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    forwarder.send(forwarder.notice("m1"))
    noted = refuse(monkeypatch, operation, "ThrottlingException", times=3)
    assert found(run_module, message_id="m1") == [SENT]
    assert noted.count(operation) == 4


@pytest.mark.parametrize("operation", ["Query", "BatchGetItem"])
def test_what_is_denied_is_said(
    run_module: Any, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    forwarder.send(forwarder.notice("m1"))
    refuse(monkeypatch, operation, "AccessDeniedException")
    failed = run_module(MAIN, message_id="m1")
    assert failed["msg"].startswith("Failed to look up who received the mail m1: ")
    assert failed["msg"].endswith("Give the credentials in use the permission that the message names, or use others.")


def test_a_forwarder_that_is_not_there(run_module: Any, forwarder: Forwarder) -> None:
    assert forwarder.table
    failed = run_module(MAIN, stack_name="other", address=ADDRESS)
    assert failed["error"]["code"] == "ResourceNotFoundException"
    assert failed["msg"].startswith(f"Failed to look up who received the mail to {ADDRESS}: ")
    assert failed["msg"].endswith("give stack_name the name of its stack, and check the region.")


def test_a_forwarder_of_an_earlier_release(
    run_module: Any, forwarder: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What AWS says where a table has no such index, and moto does not."""
    assert forwarder.table
    refuse(monkeypatch, "Query", "ValidationException")
    failed = run_module(MAIN, message_id="m1")
    assert "A forwarder of an earlier release has no such index: deploy it again." in failed["msg"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({}, "one of the following is required: message_id, address", id="neither"),
        pytest.param({"message_id": "m1", "address": ADDRESS}, "mutually exclusive: message_id|address", id="both"),
        pytest.param(
            {"message_id": "m1", "end_date": "2026-11-21"}, "mutually exclusive: message_id|end_date", id="end"
        ),
        pytest.param({"message_id": "a b"}, "message_id: 'a b' is not the id of a message", id="no id"),
        pytest.param({"message_id": ""}, "message_id: '' is not the id of a message", id="empty id"),
        pytest.param({"message_id": "m1#released"}, "message_id: 'm1#released' is not the id", id="key of a release"),
        pytest.param({"address": "payments"}, "address: 'payments' is not an email address", id="no address"),
        pytest.param({"address": ADDRESS, "start_date": "March"}, "start_date: 'March' is not a date", id="no date"),
        pytest.param(
            {"address": ADDRESS, "start_date": "2026-11-22", "end_date": "2026-11-21"},
            "start_date: is not before end_date",
            id="order",
        ),
    ],
)
def test_bad_options_call_nothing(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], says: str
) -> None:
    noted = noted_calls(monkeypatch)
    failed = run_module(MAIN, **options)
    assert failed["failed"]
    assert says in failed["msg"].replace("parameters are ", "")
    assert noted == []


def test_every_key_of_a_delivery_is_documented() -> None:
    documented = yaml.safe_load(deliveries_info.RETURN)["deliveries"]["contains"]
    assert list(documented) == list(SENT)
