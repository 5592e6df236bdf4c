# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mails can be sent on as they are."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils import _message as message
from forwarder.core.mail import Mail


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", False, id="empty"),
        pytest.param(b"x" * 998, False, id="998, no line end"),
        pytest.param(b"x" * 999, True, id="999, no line end"),
        pytest.param(b"x" * 998 + b"\r\n", False, id="998"),
        pytest.param(b"x" * 999 + b"\r\n", True, id="999"),
        pytest.param(b"x" * 998 + b"\n", False, id="998, LF"),
        pytest.param(b"x" * 999 + b"\n", True, id="999, LF"),
        pytest.param(b"x" * 998 + b"\ry", True, id="CR alone ends no line"),
        pytest.param(b"a\r\n" + b"x" * 998 + b"\r\nb", False, id="998 within"),
        pytest.param(b"a\r\n" + b"x" * 999 + b"\r\nb", True, id="999 within"),
        pytest.param((b"x" * 998 + b"\r\n") * 50, False, id="many of 998"),
        pytest.param((b"x" * 998 + b"\r\n") * 50 + b"x" * 999, True, id="the last of many"),
        pytest.param((b"x" * 76 + b"\r\n") * 5000 + b"x" * 999 + b"\n" + b"y\r\n" * 5000, True, id="one of thousands"),
        pytest.param((b"x" * 76 + b"\r\n") * 5000, False, id="none of thousands"),
        pytest.param(b"x" * 990 + b"\r\n" + b"y" * 7 + b"\n" + b"z" * 998 + b"\r\n", False, id="short before long"),
    ],
)
def test_a_long_line_is_found(body: bytes, expected: bool) -> None:
    assert Mail.read(b"Subject: x\r\n\r\n" + body).has_long_line() is expected


def test_a_long_line_of_the_header_is_not_the_bodys() -> None:
    assert not Mail.read(b"Subject: " + b"x" * 2000 + b"\r\n\r\nbody").has_long_line()


@pytest.mark.parametrize(
    ("raw", "is_opened"),
    [
        pytest.param(b"Subject: x\r\n\r\nbody", True, id="a mail"),
        pytest.param(b"", True, id="nothing"),
        pytest.param(b"A: b\r\n" * (message.FIELDS_MAX + 1) + b"\r\n", False, id="too many fields"),
        pytest.param(b"A: " + b"x" * message.HEADER_MAX + b"\r\n\r\n", False, id="too long a header"),
    ],
)
def test_a_header_beyond_the_limits_stays_closed(raw: bytes, is_opened: bool) -> None:
    mail = Mail.read(raw)
    assert (mail.is_opened, mail.raw) == (is_opened, raw)
