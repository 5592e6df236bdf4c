# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking DNS, by dnspython: all questions at once, and within a few seconds in all."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

try:
    import dns.exception
    import dns.nameserver
    import dns.rcode
    import dns.resolver
except ImportError:  # Nothing else of the collection needs it.
    HAS_DNSPYTHON = False
else:
    HAS_DNSPYTHON = True

from .dns import NOERROR, NXDOMAIN, TIMEOUT, Answer, Question

# Within the first a lost packet is sent again. RFC 1536: a resolver of one's own answers, or fails, within seconds.
SERVER_SECONDS, ALL_SECONDS = 2.0, 5.0
_AT_ONCE = 32
UNREACHABLE = "UNREACHABLE"
# What a server says, or does not say, that answers nobody, or not us.
_NO_ANSWERS = (TIMEOUT, UNREACHABLE, "REFUSED")
_ELSEWHERE = "let UDP and TCP to port 53 out, or give mail_forwarder_nameservers (nameservers) others"


class ResolvingError(Exception):
    """Raised where DNS cannot be asked at all; says what to do."""


def ask(
    questions: Sequence[Question], servers: Sequence[tuple[str, int]], seconds: float = ALL_SECONDS
) -> dict[Question, Answer]:
    """Return what the servers, or else the system's, answer to each question within so many seconds in all.

    Raises ResolvingError where dnspython is missing, or where no server answers any of the questions.
    """
    if not HAS_DNSPYTHON:
        raise ResolvingError(
            "DNS cannot be asked without dnspython, 2.4 or later: install it for the Python that runs the module (pip"
            " install dnspython)"
        )
    resolver, deadline = _resolver(servers), time.monotonic() + seconds
    with ThreadPoolExecutor(min(_AT_ONCE, len(questions)) or 1) as pool:
        answers = list(pool.map(lambda question: _ask(resolver, question, deadline), questions))
    if answers and all(answer.code in _NO_ANSWERS for answer in answers):
        named = ", ".join(sorted({str(one) for one in resolver.nameservers}))
        codes = ", ".join(sorted({answer.code for answer in answers}))
        raise ResolvingError(f"no name server answers ({codes}), of {named}: {_ELSEWHERE}")
    return dict(zip(questions, answers, strict=True))


def _resolver(servers: Sequence[tuple[str, int]]) -> Any:
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration as error:
        raise ResolvingError(f"the system names no name server: {_ELSEWHERE}") from error
    resolver.timeout = SERVER_SECONDS
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(_address(host), port) for host, port in servers]
    return resolver


def _address(host: str) -> str:
    """Return the address of a name server, that of a name as the system looks it up."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    except OSError as error:
        raise ResolvingError(
            f"nameservers: the address of {host} cannot be found ({error}); give the address"
        ) from error


def _ask(resolver: Any, question: Question, deadline: float) -> Answer:
    name, kind = question
    left = deadline - time.monotonic()
    if left <= 0:
        return Answer(TIMEOUT)
    try:
        answer = resolver.resolve(f"{name}.", kind, raise_on_no_answer=False, lifetime=left, search=False)
    except dns.resolver.NXDOMAIN as error:
        return Answer(NXDOMAIN, leads_to=_leads_to(name, error.canonical_name))
    except dns.resolver.NoNameservers as error:
        return Answer(_code(error))
    except dns.exception.Timeout:
        return Answer(TIMEOUT)
    except dns.exception.DNSException as error:
        return Answer(type(error).__name__)
    values = tuple(_value(kind, record) for record in answer.rrset or ())
    ttl = answer.rrset.ttl if answer.rrset is not None else 0
    return Answer(NOERROR, values, _leads_to(name, answer.canonical_name), ttl)


def _code(error: Any) -> str:
    """Return the RCODE of the last server that had one; a server that is not there has none."""
    responses = [told[4] for told in error.kwargs.get("errors", ()) if told[4] is not None]
    return str(dns.rcode.to_text(responses[-1].rcode())) if responses else UNREACHABLE


def _leads_to(name: str, canonical: Any) -> str:
    found = str(canonical.to_text(omit_final_dot=True))
    return "" if found.lower() == name.lower() else found


def _value(kind: str, record: Any) -> str:
    """Return the value of a record as Route 53 has it; the strings of a TXT record are one text (RFC 7208, 3.3)."""
    if kind == "TXT":
        return f'"{b"".join(record.strings).decode("ascii", "backslashreplace")}"'
    return str(record.to_text())
