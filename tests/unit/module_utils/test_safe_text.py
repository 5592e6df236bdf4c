# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers write does no harm where it is shown."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import SHOWN_MAX, printable, unlinked


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        pytest.param("smtp; 550 5.1.1 user unknown", "smtp; 550 5.1.1 user unknown", id="as they are"),
        pytest.param("550-a\r\n550\tb\x00\x1b[31m\u202ec", "550-a 550 b [31m c", id="one printable line"),
        pytest.param("utilisateur inconnu: d\u00e9sol\u00e9", "utilisateur inconnu: d\u00e9sol\u00e9", id="not ASCII"),
        pytest.param("x" * (SHOWN_MAX + 1), "x" * SHOWN_MAX, id="cut"),
        pytest.param(" \r\n", None, id="nothing"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_mail_servers_words_do_no_harm(words: str | None, kept: str | None) -> None:
    assert printable(words) == kept


def test_a_text_is_cut_where_it_is_told_to_be() -> None:
    assert printable("abc def", 4) == "abc "


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("see https://evil.example/a.b?c=d.e", "see https evil[.]example/a[.]b?c=d[.]e", id="a URL"),
        pytest.param("www.evil.example", "www[.]evil[.]example", id="a host"),
        pytest.param("jane@evil.example", "jane@evil[.]example", id="an address"),
        pytest.param("<MAILTO:jane@evil>", "<MAILTO jane@evil>", id="an address with its scheme"),
        pytest.param("tel:+49900 javascript:x()", "tel +49900 javascript x()", id="schemes without slashes"),
        pytest.param("Tel: +49900, metadata:x", "Tel: +49900, metadata:x", id="words that are no scheme"),
        pytest.param("https:////evil", "https //evil", id="slashes in plenty"),
        pytest.param("\\\\evil\\share", " \\evil\\share", id="a Windows share"),
        pytest.param("evil\u3002example", "evil[.]example", id="an ideographic dot"),
        pytest.param("evil\uff0eexample\uff61org", "evil[.]example[.]org", id="a fullwidth and a halfwidth dot"),
        pytest.param("evil\u2024example\ufe52org", "evil[.]example[.]org", id="dots that browsers map to one"),
        pytest.param("//evil.example", "//evil[.]example", id="a URL without its scheme"),
        pytest.param("1.example and a.1", "1[.]example and a[.]1", id="digits on one side"),
        pytest.param(
            "550 5.1.1 user unknown.", "550 5.1.1 user unknown.", id="a status code and the end of a sentence"
        ),
        pytest.param("\u0628.\u0643\u0648\u0645", "\u0628[.]\u0643\u0648\u0645", id="a host that is not ASCII"),
    ],
)
def test_nothing_that_programs_make_a_link_of(text: str, shown: str) -> None:
    assert unlinked(text) == shown
