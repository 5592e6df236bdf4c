# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an email address is: the one definition that the modules and the forwarder share.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Organizations CreateAccount, parameter Email (AWS Organizations API Reference).
ACCOUNT_EMAIL_MIN = 6
ACCOUNT_EMAIL_MAX = 64
# What leaves room for a local part of one character and the @.
VENDED_DOMAIN_MAX = ACCOUNT_EMAIL_MAX - 2
# Characters that RFC 5321 allows in a dot-string (RFC 5322 atext) and that CreateAccount does not refuse.
_ACCOUNT_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$*+/=?^_`{}~.-]*")
# RFC 5321 section 4.5.3.1.
LOCAL_PART_MAX = 64
ADDRESS_MAX = 254
_DOT_STRING = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# RFC 1035 section 2.3.4; a name of 255 octets has 253 characters when written with dots.
DOMAIN_MAX = 253
DOMAIN_LABEL_MAX = 63
_DOMAIN = re.compile(r"[a-z0-9.-]*")
# Organizations CreateAccount, parameter AccountName.
ACCOUNT_NAME_MAX = 50
_PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*")
# RFC 2142: these mailboxes belong to whoever runs the domain, never to an account.
RESERVED_LOCAL_PARTS = frozenset({"abuse", "postmaster"})


class AddressError(ValueError):
    """A text that cannot be used as the address, domain or account name that it is meant to be."""


def split(address: str) -> tuple[str, str]:
    """Return (local part, domain), cut at the last ``@``: a quoted local part may hold one itself (RFC 5321 4.1.2)."""
    local_part, at, domain = address.rpartition("@")
    if not at or not local_part or not domain:
        raise AddressError(f"{address!r} is not an email address: it needs a local part, one '@' and a domain")
    return local_part, domain


# Ten thousand addresses lie in a handful of domains.
@lru_cache(maxsize=256)
def normalise_domain(domain: str) -> str:
    """Return the domain in lower case, without a trailing dot; an internationalized one is given in its ASCII form.

    Python converts by IDNA2003, which makes of some names (straße.example) another one that somebody else may own.
    """
    if not domain.isascii():
        raise AddressError(f"{domain!r} is not a domain name in ASCII; give its form that begins with xn--")
    text = domain.strip().removesuffix(".").lower()
    problem = _domain_problem(text)
    if problem:
        raise AddressError(f"{domain!r} is not a domain name: {problem}")
    return text


def domains_above(domain: str) -> list[str]:
    """Return the domains above a normalised one, the nearest first; no top-level domain."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(1, len(labels) - 1)]


def _domain_problem(text: str) -> str | None:
    """Return what keeps a text in lower case from being a domain name (RFC 1123 section 2.1), None if nothing does."""
    labels = text.split(".")
    if refused := _refused(text, _DOMAIN):
        return f"it has {refused!r}; use ASCII letters, digits, hyphens and dots"
    if len(labels) < 2:
        return "it needs two labels or more with a dot between, as example.com has"
    if len(text) > DOMAIN_MAX:
        return f"it has {_too_many(text, DOMAIN_MAX)} a domain may have"
    for label in labels:
        if not label:
            return "it begins with a dot, or has two in a row"
        if label.startswith("-") or label.endswith("-"):
            return f"its label {label!r} begins or ends with a hyphen"
        if len(label) > DOMAIN_LABEL_MAX:
            return f"its label {label!r} has {_too_many(label, DOMAIN_LABEL_MAX)} a label may have"
    return None


def _refused(text: str, accepted: re.Pattern[str]) -> str:
    """Return the characters of a text that the pattern does not accept, each once."""
    return "".join(sorted(set(accepted.sub("", text))))


def _too_many(text: str, limit: int) -> str:
    return f"{len(text)} characters, {len(text) - limit} more than the {limit} that"


def normalise(address: str) -> str:
    """Return the form of an address that is its key: local part unquoted and case-folded, domain normalised.

    Accepts what may stand in an SMTP envelope: quoted and escaped local parts (RFC 5321 section 4.1.2), any case, a
    trailing dot. Raises AddressError where there is no local part or no domain.
    """
    local_part, domain = split(address.strip())
    if len(local_part) >= 2 and local_part[0] == local_part[-1] == '"':
        local_part = re.sub(r"\\(.)", r"\1", local_part[1:-1])
    return f"{local_part.lower()}@{normalise_domain(domain)}"


def lookup_keys(recipient: str) -> tuple[str, ...]:
    """Return the normalised addresses to look a recipient up by, in order: as it is, then without its ``+tag``."""
    address = normalise(recipient)
    local_part, domain = split(address)
    base = local_part.partition("+")[0]
    return (address,) if base in ("", local_part) else (address, f"{base}@{domain}")


def normalise_owner(owner: str) -> str:
    """Return an owner's address with its domain normalised, its local part as given (RFC 5321 2.4: its case may count).

    Raises AddressError for anything that SES could not send to: SES takes no SMTPUTF8, and display names, comments and
    quoted local parts have no place in a list of mailboxes.
    """
    local_part, domain = split(owner.strip())
    if not _DOT_STRING.fullmatch(local_part):
        raise AddressError(
            f"{owner!r} is not a plain email address: give only user@host, the user in ASCII letters, digits and"
            " !#$%&'*+/=?^_`{|}~- with single dots between"
        )
    address = f"{local_part}@{normalise_domain(domain)}"
    if len(local_part) > LOCAL_PART_MAX or len(address) > ADDRESS_MAX:
        raise AddressError(
            f"{owner!r} is too long: an address has at most {ADDRESS_MAX} characters, {LOCAL_PART_MAX} of them before"
            " the '@' (RFC 5321)"
        )
    return address


def check_account_email(address: str) -> str:
    """Return the address, normalised, that AWS accepts as an account's email; raise AddressError otherwise.

    Source: AWS Organizations API Reference, CreateAccount. An account made with an address that is not valid can
    neither be accessed as root nor removed, so this is checked before anything is written.
    """
    local_part, domain = split(address)
    normalised_domain = normalise_domain(domain)
    if refused := _refused(local_part, _ACCOUNT_LOCAL_PART):
        raise AddressError(
            f"AWS does not accept {refused!r} in the local part of an account's email ({local_part!r}); use ASCII"
            " letters, digits and !#$*+-./=?^_`{}~"
        )
    if local_part.startswith("."):
        raise AddressError(
            f"AWS does not accept a dot at the beginning of an account's email ({local_part!r}); leave it out"
        )
    if not _DOT_STRING.fullmatch(local_part):
        raise AddressError(
            f"the local part {local_part!r} ends with a dot or has two in a row (RFC 5321 section 4.1.2); leave out the"
            " dots that are too many"
        )
    if local_part.lower() in RESERVED_LOCAL_PARTS:
        raise AddressError(f"{local_part!r} belongs to whoever runs the domain (RFC 2142) and is never vended")
    normalised = f"{local_part.lower()}@{normalised_domain}"
    _check_account_email_length(normalised, len(normalised_domain))
    return normalised


def _check_account_email_length(email: str, domain_length: int) -> None:
    longest = ACCOUNT_EMAIL_MAX - 1 - domain_length
    if len(email) > ACCOUNT_EMAIL_MAX:
        fits = f"with this domain the local part may have {longest} at most"
        if longest < 1:
            fits = f"use a domain of {VENDED_DOMAIN_MAX} characters at most, so that a local part fits"
        raise AddressError(
            f"{email!r} has {_too_many(email, ACCOUNT_EMAIL_MAX)} AWS accepts for an account's email; {fits}"
        )
    if len(email) < ACCOUNT_EMAIL_MIN:
        raise AddressError(
            f"{email!r} has {len(email)} characters, {ACCOUNT_EMAIL_MIN - len(email)} fewer than the"
            f" {ACCOUNT_EMAIL_MIN} that AWS wants for an account's email; with this domain the local part needs"
            f" {ACCOUNT_EMAIL_MIN - 1 - domain_length} at least"
        )


def check_account_name(name: str) -> str:
    """Return the name if AWS accepts it for an account: 1 to 50 printable ASCII characters. Else raise AddressError.

    AWS documents no rule about blanks but that they are accepted, so the name stays as it is, those at its ends too.
    """
    if refused := _refused(name, _PRINTABLE_ASCII):
        raise AddressError(
            f"AWS does not accept {refused!r} in an account name ({name!r}); use printable ASCII: letters, digits,"
            " punctuation and the space"
        )
    if not name:
        raise AddressError(f"{name!r} has 0 characters; AWS wants 1 to {ACCOUNT_NAME_MAX} for an account name")
    if len(name) > ACCOUNT_NAME_MAX:
        raise AddressError(f"{name!r} has {_too_many(name, ACCOUNT_NAME_MAX)} AWS accepts for an account name")
    return name
