# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each limit that AWS sets to an account's email and name, and what the one who went beyond it is told.

Source: AWS Organizations API Reference, CreateAccount, request parameters Email and AccountName
(https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html). Each id is one of its rules.
"""

from __future__ import annotations

import re
import string

import pytest

from ansible_collections.account_factory.email.plugins.module_utils import _address as address

DOMAIN = "accounts.example.com"
LONGEST = 64 - len("@") - len(DOMAIN)
# Email: "The local name can't contain any of the following characters".
REFUSED = {
    "space": " ",
    "tab": "\t",
    "line feed": "\n",
    "carriage return": "\r",
    "form feed": "\f",
    "vertical tab": "\v",
    "quotation mark": '"',
    "apostrophe": "'",
    "left parenthesis": "(",
    "right parenthesis": ")",
    "less than": "<",
    "greater than": ">",
    "left bracket": "[",
    "right bracket": "]",
    "colon": ":",
    "semicolon": ";",
    "comma": ",",
    "backslash": "\\",
    "bar": "|",
    "percent": "%",
    "ampersand": "&",
}
SIGNS = "!#$*+-./=?^_`{}~"


def refusal(email: str) -> str:
    with pytest.raises(address.AddressError) as refused:
        address.check_account_email(email)
    return str(refused.value)


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("a@b.co", id="6, the minimum"),
        pytest.param("ab@b.co", id="7, the minimum and 1"),
        pytest.param(f"{'a' * (LONGEST - 1)}@{DOMAIN}", id="63, the maximum less 1"),
        pytest.param(f"{'a' * LONGEST}@{DOMAIN}", id="64, the maximum"),
        pytest.param(f"a@{'b' * 58}.com", id="64, the longest domain"),
    ],
)
def test_an_email_of_legal_length_is_accepted(email: str) -> None:
    assert address.check_account_email(email) == email


@pytest.mark.parametrize(
    ("email", "says"),
    [
        pytest.param(
            "a@b.c",
            "'a@b.c' has 5 characters, 1 fewer than the 6 that AWS wants for an account's email; with this domain the"
            " local part needs 2 at least",
            id="5, the minimum less 1",
        ),
        pytest.param(
            f"{'a' * (LONGEST + 1)}@{DOMAIN}",
            "has 65 characters, 1 more than the 64 that AWS accepts for an account's email; with this domain the local"
            " part may have 43 at most",
            id="65, the maximum and 1",
        ),
        pytest.param(
            f"{'a' * 60}@{DOMAIN}", "has 81 characters, 17 more than the 64 that AWS accepts", id="81, far beyond"
        ),
        pytest.param(
            f"a@{'b' * 59}.com",
            "has 65 characters, 1 more than the 64 that AWS accepts for an account's email; use a domain of 62"
            " characters at most, so that a local part fits",
            id="65, a domain that leaves no room",
        ),
    ],
)
def test_an_email_of_illegal_length_is_refused_with_what_fits(email: str, says: str) -> None:
    assert says in refusal(email)


def test_the_lengths_that_the_messages_name_fit() -> None:
    for fits in ("ab@b.c", f"{'a' * 43}@{DOMAIN}", f"a@{'b' * 58}.com"):
        assert address.check_account_email(fits) == fits


@pytest.mark.parametrize("char", REFUSED.values(), ids=REFUSED)
def test_a_character_that_aws_refuses_in_the_local_part(char: str) -> None:
    for local_part in (f"a{char}b", f"{char}a", f"a{char}"):
        says = refusal(f"{local_part}@{DOMAIN}")
        assert says.startswith(f"AWS does not accept {char!r} in the local part of an account's email")
        assert says.endswith(f"use ASCII letters, digits and {SIGNS}")


def test_every_other_character_of_a_plain_local_part_is_accepted() -> None:
    for char in string.ascii_lowercase + string.digits + SIGNS:
        email = f"a{char}b@{DOMAIN}"
        assert address.check_account_email(email) == email


def test_the_refused_characters_are_all_there_are_in_ascii() -> None:
    """Beside them there are the at sign, and control characters, which RFC 5321 section 4.1.2 leaves out."""
    known = set(string.ascii_letters + string.digits + SIGNS + "".join(REFUSED.values()) + "@")
    assert {char for char in map(chr, range(128)) if char.isprintable() or char.isspace()} - known == set(
        "\x1c\x1d\x1e\x1f"
    )
    for char in map(chr, [*range(32), 127]):
        assert f"does not accept {char!r}" in refusal(f"a{char}b@{DOMAIN}")


@pytest.mark.parametrize(
    ("email", "says"),
    [
        pytest.param(f"é@{DOMAIN}", "AWS does not accept 'é' in the local part", id="7-bit ASCII, local part"),
        pytest.param("a@exämple.com", "is not a domain name in ASCII", id="7-bit ASCII, domain"),
        pytest.param(DOMAIN, "needs a local part, one '@' and a domain", id="no at sign"),
        pytest.param(f"a@b@{DOMAIN}", "AWS does not accept '@' in the local part", id="two at signs"),
        pytest.param(
            f".a@{DOMAIN}", "a dot at the beginning of an account's email ('.a'); leave it out", id="leading dot"
        ),
        pytest.param("a@example", "it needs two labels or more with a dot between", id="domain without a dot"),
        pytest.param("a@.example.com", "it begins with a dot", id="domain begins with a dot"),
        pytest.param("a@example.com..", "two in a row", id="domain ends with dots"),
        pytest.param(
            "a@-example.com", "its label '-example' begins or ends with a hyphen", id="domain begins with a hyphen"
        ),
        pytest.param("a@example.com-", "its label 'com-' begins or ends with a hyphen", id="domain ends with a hyphen"),
        pytest.param(
            "a@exa_mple.com", "it has '_'; use ASCII letters, digits, hyphens and dots", id="domain: underscore"
        ),
        pytest.param("a@exa mple.com", "it has ' '", id="domain: space"),
        pytest.param("a@[192.0.2.1]", "it has '[]'", id="domain: address literal"),
    ],
)
def test_a_form_that_aws_refuses(email: str, says: str) -> None:
    assert says in refusal(email)


@pytest.mark.parametrize(
    ("email", "becomes"),
    [
        pytest.param("A.B@Example.COM", "a.b@example.com", id="capital letters"),
        pytest.param("a@ex-ample1.co", "a@ex-ample1.co", id="domain: letters, digits, hyphen, dot"),
        pytest.param("a@example.com.", "a@example.com", id="domain ends with the root's dot, which goes"),
    ],
)
def test_a_form_that_aws_accepts(email: str, becomes: str) -> None:
    assert address.check_account_email(email) == becomes


PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x", id="1, the minimum"),
        pytest.param("xy", id="2, the minimum and 1"),
        pytest.param("x" * 49, id="49, the maximum less 1"),
        pytest.param("x" * 50, id="50, the maximum"),
        pytest.param(PRINTABLE[:48], id="printable ASCII, first half"),
        pytest.param(PRINTABLE[48:], id="printable ASCII, second half"),
        pytest.param(" ", id="a space alone"),
        pytest.param(" x y ", id="spaces at both ends, kept"),
    ],
)
def test_an_account_name_that_aws_accepts(name: str) -> None:
    assert address.check_account_name(name) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("", "'' has 0 characters; AWS wants 1 to 50 for an account name", id="0, the minimum less 1"),
        pytest.param("x" * 51, "has 51 characters, 1 more than the 50 that AWS accepts", id="51, the maximum and 1"),
        pytest.param("x" * 80, "has 80 characters, 30 more than the 50 that AWS accepts", id="80, far beyond"),
        pytest.param("a\x1fb", "AWS does not accept '\\x1f' in an account name", id="before the space"),
        pytest.param("a\x7fb", "AWS does not accept '\\x7f' in an account name", id="after the tilde"),
        pytest.param("a\n", "AWS does not accept '\\n' in an account name", id="line feed at the end"),
        pytest.param("na\u00efve", "AWS does not accept 'ï' in an account name", id="letter beyond ASCII"),
        pytest.param(
            "a\u00a0b", "use printable ASCII: letters, digits, punctuation and the space", id="no-break space"
        ),
    ],
)
def test_an_account_name_that_aws_refuses(name: str, says: str) -> None:
    with pytest.raises(address.AddressError, match=re.escape(says)):
        address.check_account_name(name)
