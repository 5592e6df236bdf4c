# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mailbox is sent a link, by what SES says of its identity and when the last link was sent."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks.identity import (
    verified_identity,
    verified_names,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._owner_identities import model
from ansible_collections.account_factory.email.plugins.module_utils._owner_identities.model import Identity, Owner

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
NEW, HOURS, DAY = timedelta(minutes=59), timedelta(hours=23, minutes=59), timedelta(hours=24)


def owner(status: str, **fields: object) -> Owner:
    return Owner("jane@example.org", status, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "age", "due"),
    [
        pytest.param("PENDING", NEW, False, id="pending"),
        pytest.param("PENDING", HOURS, False, id="pending for a day, nearly"),
        pytest.param("PENDING", DAY, True, id="pending for a day"),
        pytest.param("PENDING", None, False, id="pending, made by hand"),
        pytest.param("FAILED", NEW, False, id="failed, and sent again just now"),
        pytest.param("FAILED", HOURS, True, id="failed"),
        pytest.param("FAILED", None, True, id="failed, made by hand"),
        pytest.param("TEMPORARY_FAILURE", HOURS, True, id="temporary failure"),
        pytest.param("TEMPORARY_FAILURE", None, False, id="temporary failure, made by hand"),
        pytest.param("NOT_STARTED", HOURS, True, id="not started"),
        pytest.param("NOT_STARTED", None, False, id="not started, made by hand"),
        pytest.param("PENDING", NOW - model.NEVER, True, id="a link that could not be sent"),
        pytest.param("PENDING", -DAY, False, id="another clock is ahead"),
    ],
)
def test_who_is_sent_a_link(status: str, age: timedelta | None, due: bool) -> None:
    assert model.is_due(Identity("jane@example.org", status, NOW - age if age is not None else None), NOW) == due


def test_who_has_no_identity_is_sent_one() -> None:
    assert model.is_due(None, NOW)


@pytest.mark.parametrize(
    ("identities", "by"),
    [
        pytest.param([], None, id="none"),
        pytest.param(["Jane@corp.example.org"], "Jane@corp.example.org", id="itself"),
        pytest.param(["Jane@CORP.example.org"], "Jane@corp.example.org", id="the domain in another case"),
        pytest.param(["jane@corp.example.org"], None, id="the local part in another case is another mailbox"),
        pytest.param(["Corp.Example.org"], "corp.example.org", id="its domain"),
        pytest.param(["example.org"], "example.org", id="a domain above"),
        pytest.param(["org", "other.example.org", "ple.org"], None, id="other domains"),
        pytest.param(["example.org", "corp.example.org"], "corp.example.org", id="the nearest"),
    ],
)
def test_by_which_identity_a_mailbox_is_verified(identities: list[str], by: str | None) -> None:
    listed = [{"IdentityName": name, "VerificationStatus": "SUCCESS"} for name in identities]
    assert verified_identity("Jane@corp.example.org", verified_names(listed)) == by
    for status in ("PENDING", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED"):
        listed = [{"IdentityName": name, "VerificationStatus": status} for name in identities]
        assert verified_identity("Jane@corp.example.org", verified_names(listed)) is None


def test_mailboxes_are_those_of_the_map_each_once() -> None:
    given = [" Jane@EXAMPLE.org ", "Jane@example.org.", "jane@example.org"]
    assert model.check_emails(given) == ("Jane@example.org", "jane@example.org")


@pytest.mark.parametrize("email", ["jane", "Jane <jane@example.org>", "jane@localhost", "jane@exämple.org", ""])
def test_what_is_no_mailbox_is_named(email: str) -> None:
    with pytest.raises(InputError, match=r"^emails\[1\]: "):
        model.check_emails(["joe@example.org", email])


@pytest.mark.parametrize(
    ("tags", "sent"),
    [
        pytest.param([], None, id="none"),
        pytest.param([{"Key": "team", "Value": "2026-11-21T12:00:00Z"}], None, id="another"),
        pytest.param([{"Key": model.SENT_TAG, "Value": "2026-11-21T12:00:00Z"}], NOW, id="ours"),
        pytest.param([{"Key": model.SENT_TAG, "Value": "yesterday"}], None, id="edited by hand"),
    ],
)
def test_when_the_link_was_sent(tags: list[dict[str, str]], sent: datetime | None) -> None:
    assert model.read_sent(tags) == sent


WAITED = Identity("jane@example.org", "PENDING", NOW)


@pytest.mark.parametrize(
    ("one", "waiting", "since", "changes"),
    [
        pytest.param(owner("verified"), False, None, False, id="verified"),
        pytest.param(owner("pending", identity=WAITED), True, "2026-11-21T12:00:00Z", False, id="pending"),
        pytest.param(owner("pending"), True, None, False, id="somebody else has just created it"),
        pytest.param(owner("sent"), True, None, True, id="sent"),
        pytest.param(owner("sent", identity=WAITED), True, None, True, id="sent again"),
        pytest.param(owner("failed", identity=WAITED, reason="no"), False, None, False, id="failed"),
    ],
)
def test_what_is_told_of_an_owner(one: Owner, waiting: bool, since: str | None, changes: bool) -> None:
    before, after = model.diff_sides([one])
    assert (one.is_waiting, one.to_dict()["since"], before != after) == (waiting, since, changes)


def test_a_warning_names_all_and_the_first_reason() -> None:
    assert model.warning([owner("sent")]) is None
    said = model.warning([owner("failed", reason="Failed to: denied"), Owner("joe@example.org", "failed", reason="x")])
    assert said is not None
    assert said.startswith("SES was not asked to verify jane@example.org, joe@example.org, and ")
    assert said.endswith(". Failed to: denied")
