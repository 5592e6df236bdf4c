# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ses_email_identity_info: its real main() against SES of local AWS, which moto verifies all at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._dns_records import waiting
from ansible_collections.account_factory.email.plugins.modules import ses_email_identity_info
from tests.aws_errors import refuse
from tests.local_aws.gateway import Gateway
from tests.local_aws.ses_identities import SesIdentities, Verification, Verifications

INFO = ses_email_identity_info.main
DOMAIN, OTHER = "accounts.example.com", "payments.example.com"
PENDING = Verification("PENDING", "HOST_NOT_FOUND", dkim="PENDING")


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> Iterator[Verifications]:
    known = Verifications()
    gateway = Gateway({"ses": SesIdentities(known, lambda: [DOMAIN, OTHER], lambda _name: {}).handle})
    gateway.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gateway.port}")
    yield known
    gateway.stop()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass, and return the seconds that would have."""
    noted: list[float] = []
    monkeypatch.setattr("time.sleep", noted.append)
    return noted


def test_how_far_ses_is(run_module: Any, verifications: Verifications, slept: list[float]) -> None:
    verifications.set(OTHER, PENDING)
    result = run_module(INFO, names=[DOMAIN, OTHER, "none.example.com"])
    ours, theirs, missing = result["identities"]
    assert ours == {"name": DOMAIN, "verified": True, "verification_status": "SUCCESS", "reason": None}
    assert (theirs["verified"], theirs["verification_status"]) == (False, "PENDING")
    assert theirs["reason"].startswith("PENDING; HOST_NOT_FOUND (DNS does not know the name")
    assert (missing["verified"], missing["reason"]) == (False, "SES has no such identity")
    assert (result["failed"], result["changed"], slept) == (False, False, [])


def test_it_waits_until_all_are_verified(
    run_module: Any, verifications: Verifications, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    verifications.set(DOMAIN, PENDING)
    verifications.set(OTHER, PENDING)
    steps = iter([DOMAIN, OTHER])
    monkeypatch.setattr("time.sleep", lambda _seconds: verifications.set(next(steps)))
    progress = tmp_path / "progress"
    result = run_module(INFO, names=[DOMAIN, OTHER], wait=True, progress_file=str(progress))
    assert [one["verified"] for one in result["identities"]] == [True, True]
    assert progress.read_text().splitlines() == ["0 2", "1 2", "2 2"]


def test_nothing_is_waited_for_once_all_are_verified(
    run_module: Any, verifications: Verifications, slept: list[float], tmp_path: Path
) -> None:
    assert verifications.is_verified(DOMAIN)
    progress = tmp_path / "progress"
    assert not run_module(INFO, names=[DOMAIN], wait=True, progress_file=str(progress))["failed"]
    assert not progress.exists()
    assert not slept


@pytest.mark.parametrize(
    ("state", "text"),
    [
        pytest.param(
            PENDING, "1 of 2 identities are not verified by SES: payments.example.com: PENDING; HOST_", id="late"
        ),
        pytest.param(
            Verification("FAILED", "INVALID_VALUE", name_server="ns1.example.net"),
            "the records are there with another value), last checked",
            id="given up",
        ),
    ],
)
def test_it_says_why_it_has_waited_in_vain(
    run_module: Any, verifications: Verifications, slept: list[float], state: Verification, text: str
) -> None:
    verifications.set(OTHER, state)
    result = run_module(INFO, names=[DOMAIN, OTHER], wait=True, wait_timeout=60)
    assert result["failed"]
    assert text in result["msg"]
    assert "run it again to wait on" in result["msg"]
    assert [one["verified"] for one in result["identities"]] == [True, False]
    assert sum(slept) == (60 if state is PENDING else 0)


def test_one_that_ses_gives_up_does_not_keep_it_from_the_others(
    run_module: Any, verifications: Verifications, slept: list[float]
) -> None:
    verifications.set(DOMAIN, Verification("FAILED"))
    verifications.set(OTHER, PENDING)
    result = run_module(INFO, names=[DOMAIN, OTHER], wait=True, wait_timeout=30)
    assert "2 of 2 identities" in result["msg"]
    assert slept


def test_the_time_is_for_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    waited: list[tuple[str, float]] = []

    def wait(_client: Any, name: str, timeout: float) -> bool:
        nonlocal now
        waited.append((name, timeout))
        now += 40
        return timeout > 0

    monkeypatch.setattr(waiting, "_wait", wait)
    waiting.wait_for_identities(None, [DOMAIN, OTHER, "c.example.com"], 60, lambda _done, _all: None, lambda: now)
    assert waited == [(DOMAIN, 60), (OTHER, 20), ("c.example.com", -20)]


def test_denied_is_an_error(run_module: Any, verifications: Verifications, monkeypatch: pytest.MonkeyPatch) -> None:
    verifications.set(DOMAIN, PENDING)
    refuse(monkeypatch, "GetEmailIdentity", "AccessDeniedException")
    result = run_module(INFO, names=[DOMAIN], wait=True)
    assert result["failed"]
    assert "Failed to look up the SES identity" in result["msg"]
