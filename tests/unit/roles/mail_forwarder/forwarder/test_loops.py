# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops end, and no mark in a mail makes it vanish."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice, Verdicts
from forwarder.core.loops import MAX_HOPS, LoopError, check_loop
from forwarder.core.mail import About, Mail
from forwarder.core.recipients import Delivery, Standing
from forwarder.core.trace import LOOP_FIELD

from .conftest import ADMIN, FROM, SETTINGS

VENDED = "aws-sandbox-0001@accounts.example.com"
TO_OWNER = Delivery(VENDED, VENDED, "owner@example.com", Standing.OWNER)
TO_SELF = Delivery(FROM, FROM, ADMIN, Standing.OWN_ADDRESS)
BOUNCE = (pathlib.Path(__file__).parents[4] / "mail" / "bounce-of-the-admin.eml").read_bytes()
HOP = LOOP_FIELD + b": " + FROM.encode() + b"\r\n"


def check(raw: bytes, delivery: Delivery = TO_OWNER, dmarc: str | None = None, sender: str = "a@x.org") -> None:
    notice = Notice("m1", sender, (delivery.recipient,), Verdicts(dmarc=dmarc), "bucket", "mail/m1")
    check_loop(About(Mail.read(raw), delivery, notice, SETTINGS))


@pytest.mark.parametrize(
    ("raw", "delivery", "dmarc", "sender"),
    [
        pytest.param(b"From: a@x.org\r\n\r\n", TO_OWNER, "PASS", "a@x.org", id="a mail"),
        pytest.param(HOP * MAX_HOPS + b"\r\n", TO_OWNER, None, "a@x.org", id="few hops"),
        pytest.param(HOP.replace(b"example", b"other") * 9 + b"\r\n", TO_OWNER, None, "a@x.org", id="another's hops"),
        pytest.param(b"From: <" + FROM.encode() + b">\r\n\r\n", TO_OWNER, "FAIL", "a@x.org", id="forged as ours"),
        pytest.param(
            b"From: <" + FROM.encode() + b">, b@x.org\r\n\r\n", TO_OWNER, "PASS", "a@x.org", id="ours and another's"
        ),
        pytest.param(
            b"From: <" + FROM.encode() + b">\r\n\r\n", TO_OWNER, None, "a@x.org", id="ours, not authenticated"
        ),
        pytest.param(BOUNCE, TO_OWNER, None, "", id="bounce to a vended address"),
        pytest.param(
            BOUNCE.replace(b"multipart/report", b"multipart/mixed"), TO_SELF, None, "person@x.org", id="passed on"
        ),
        pytest.param(
            BOUNCE.replace(b"rfc822; cloud-admin", b"rfc822; owner"), TO_SELF, None, "", id="bounce of an owner"
        ),
    ],
)
def test_what_is_no_loop_passes(raw: bytes, delivery: Delivery, dmarc: str | None, sender: str) -> None:
    check(raw, delivery, dmarc, sender)


@pytest.mark.parametrize(
    ("raw", "delivery", "dmarc", "sender", "reason"),
    [
        pytest.param(HOP * (MAX_HOPS + 1) + b"\r\n", TO_OWNER, None, "a@x.org", "4 times", id="many hops"),
        pytest.param(
            b"From: x <" + FROM.upper().encode() + b">\r\n\r\n", TO_OWNER, "PASS", "a@x.org", "itself", id="ours"
        ),
        pytest.param(BOUNCE, TO_SELF, None, "", "could not be reached", id="bounce of the admin"),
        pytest.param(BOUNCE, TO_SELF, None, "MAILER-DAEMON@x.org", "could not be reached", id="bounce, with a sender"),
        pytest.param(BOUNCE, TO_SELF, None, "postmaster@x.org", "could not be reached", id="bounce, any sender"),
    ],
)
def test_loops_are_raised(raw: bytes, delivery: Delivery, dmarc: str | None, sender: str, reason: str) -> None:
    with pytest.raises(LoopError, match=reason):
        check(raw, delivery, dmarc, sender)
