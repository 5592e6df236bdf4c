# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outbox on disk, as programs outside of Python see it, and as tests read it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.local_aws.outbox import Outbox


def test_a_mail_is_two_files_with_exact_bytes_and_its_envelope(tmp_path: Path) -> None:
    data = b"From: x\r\n\r\n\xff\x00\n.\r\n"
    outbox = Outbox(tmp_path / "outbox")
    name = outbox.add(
        "id-1", data, "f@example.com", ("a@example.org", "b@example.org"), configuration_set="c", tags={"k": "v"}
    )
    assert sorted(path.name for path in outbox.directory.iterdir()) == [f"{name}.eml", f"{name}.json"]
    assert "id-1" in name
    assert (outbox.directory / f"{name}.eml").read_bytes() == data
    envelope = json.loads((outbox.directory / f"{name}.json").read_text())
    assert {key: envelope[key] for key in ("from", "to", "configuration_set", "tags")} == {
        "from": "f@example.com",
        "to": ["a@example.org", "b@example.org"],
        "configuration_set": "c",
        "tags": {"k": "v"},
    }
    (mail,) = outbox.messages()
    assert (mail.name, mail.data, mail.sender, mail.recipients) == (
        name,
        data,
        "f@example.com",
        ("a@example.org", "b@example.org"),
    )


def test_names_sort_in_order_of_sending(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    names = [outbox.add(f"id-{9 - number}", b"", "f", ("t",)) for number in range(10)]
    assert names == sorted(names)
    assert [mail.name for mail in outbox.messages()] == names


def test_waiting_is_for_one_recipient_and_a_count(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.add("1", b"", "f", ("a@example.org",))
    adding = threading.Timer(0.1, outbox.add, ("2", b"", "f", ("a@example.org", "b@example.org")))
    adding.start()
    assert len(outbox.wait_for("a@example.org", count=2, timeout=10)) == 2
    assert len(outbox.wait_for("b@example.org", timeout=10)) == 1
    adding.join()
    with pytest.raises(TimeoutError, match=r"0 of 1 mails to c@example\.org"):
        outbox.wait_for("c@example.org", timeout=0)


def test_a_mail_that_is_being_written_is_not_there_yet(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    (tmp_path / "00-id.eml").write_bytes(b"half")
    assert outbox.messages() == []
