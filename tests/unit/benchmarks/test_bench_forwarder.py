# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark measures what it says: mails of their size, forwarded in the form that is asked for, in each way."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._record import address_key
from tests.benchmarks import received
from tests.benchmarks.bench_forwarder import KB, MB, WAYS, WORST_HEADERS, Bench, Cost, bench, say_worst_headers

SIZE = 20_000


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as found:
        # Each mail twice, however fast that is.
        yield replace(found, seconds=0.0)


@pytest.mark.parametrize("kind", [received.PLAIN, received.LONG_LINE, received.REFUSED])
def test_a_mail_has_the_octets_that_its_name_says(kind: str) -> None:
    mail = received.stored(received.name(kind, SIZE))
    assert len(mail) == SIZE
    assert (max(map(len, mail.split(b"\r\n"))) > 998) == (kind == received.LONG_LINE)


@pytest.mark.parametrize(("kind", "octets"), WORST_HEADERS.values(), ids=WORST_HEADERS)
def test_the_worst_headers_have_the_octets_that_their_names_say(kind: str, octets: int) -> None:
    assert len(received.stored(received.name(kind, octets))) == octets


def _fields(kind: str) -> list[bytes]:
    """Return the fields of a mail's header, unfolded at their length."""
    octets = dict(WORST_HEADERS.values())[kind]
    header = received.stored(received.name(kind, octets)).partition(b"\r\n\r\n")[0]
    lines = header.replace(b"\r\n ", b"   ").split(b"\r\n")
    assert all(b":" in line for line in lines[:-1])
    return lines


def test_a_whole_mail_is_one_folded_field() -> None:
    assert max(map(len, _fields(received.ENDLESS_FIELD))) > 39.9 * MB


def test_a_whole_mail_is_fields() -> None:
    fields = _fields(received.NO_BLANK_LINE)
    assert sum(len(field) + 2 for field in fields) >= 40 * MB - 1


def test_there_are_100_000_fields_of_the_usual_length() -> None:
    fields = [field for field in _fields(received.MANY_FIELDS) if field.startswith(b"X-Field:")]
    assert (len(fields), max(map(len, fields)) < 50) == (100_000, True)


def test_there_are_62_from_fields_of_16_kb() -> None:
    fields = [field for field in _fields(received.MANY_FROMS) if field.startswith(b"From:")]
    assert len(fields) == 62
    assert all(15.9 * KB < len(field) < 16.1 * KB for field in fields)


@pytest.mark.parametrize(
    ("kind", "name", "octets"),
    [(received.MESSAGE_ID, b"Message-ID: <\xff", MB), (received.PUNYCODE, b"Subject: =?punycode?q?", 900_000)],
    ids=["Message-ID", "punycode"],
)
def test_one_field_is_endless(kind: str, name: bytes, octets: int) -> None:
    (field,) = (field for field in _fields(kind) if field.startswith(name.partition(b" ")[0]))
    assert field.startswith(name)
    assert len(field) > octets


@pytest.mark.parametrize(
    ("address", "owners"),
    [(received.VENDED, ["jane@example.org"]), (received.SHARED, ["jane@example.org", "joe@example.org"])],
    ids=["one owner", "two owners"],
)
def test_an_address_has_its_owners(here: Bench, address: str, owners: list[str]) -> None:
    asked = json.dumps({"TableName": "t", "Key": {"pk": {"S": address_key(address)}}}).encode()
    target = {"X-Amz-Target": "DynamoDB_20120810.GetItem"}
    with urllib.request.urlopen(
        urllib.request.Request(here.environment["AWS_ENDPOINT_URL"], asked, target), timeout=60
    ) as answer:
        item = json.load(answer)["Item"]
    assert (item["address"]["S"], [owner["S"] for owner in item["owners"]["L"]]) == (address, owners)


@pytest.mark.parametrize("kind", [kind for kind, _unused in WORST_HEADERS.values()])
def test_the_worst_headers_go_through_the_forwarder(here: Bench, kind: str) -> None:
    assert here.forward_to_any_end(received.name(kind, 2 * MB)).outcomes


def test_the_worst_headers_are_printed_beside_a_plain_mail(
    here: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forward(_bench: Bench, message_id: str) -> Cost:
        times = 1 if message_id.startswith(received.PLAIN) else 3
        return Cost([0.5, 0.01 * times], [], 0.0, 20 * MB * times, {"sent" if times == 1 else "kept"}, [])

    monkeypatch.setattr(Bench, "forward_to_any_end", forward)
    say_worst_headers(here)
    _heads, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(WORST_HEADERS)
    assert all(line.split()[-7:] == ["30.0", "10.0", "3.00", "60", "20", "3.00", "kept"] for line in lines)


def test_a_failed_mail_ends_the_benchmark(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Cost([], [], 0.0, 0, {"failed"}, [])
    monkeypatch.setattr(Bench, "forward", lambda *_unused: failed)
    with pytest.raises(SystemExit, match=r"came to \{'failed'\}"):
        here.forward_to_any_end(received.name(received.PLAIN, SIZE))


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(received.PLAIN, "sent"), (received.LONG_LINE, "sent-attached"), (received.REFUSED, "sent-attached")],
    ids=["plain", "long line", "refused"],
)
def test_the_forwarder_brings_each_mail_to_its_form(here: Bench, kind: str, outcome: str) -> None:
    assert here.forward("ours", received.name(kind, SIZE)).outcomes == {outcome}


def test_another_outcome_than_what_is_measured_ends_the_benchmark(here: Bench) -> None:
    with pytest.raises(SystemExit, match=r"came to \{'sent'\}, not to kept"):
        here.forward_ours(received.name(received.PLAIN, SIZE), "kept")


@pytest.mark.parametrize("way", WAYS)
def test_each_way_says_what_it_cost(here: Bench, way: str) -> None:
    cost = here.forward(way, received.name(received.PLAIN, SIZE))
    assert len(cost.cpu_seconds) == 2
    assert len(cost.start_cpu_seconds) == 4
    assert 10 * MB < cost.peak_octets < 200 * MB
