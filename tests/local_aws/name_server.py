# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS server on loopback that answers from records as Route 53 has them, as everybody's resolver would.

RFC 1034 section 4.3.2: CNAME records are followed, and a name that has records of other types, or names below it, is
there. Every zone counts as delegated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from dnslib import QTYPE, RCODE, RR, DNSError, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

# Values by name, in lower case and without a dot at its end, and type.
Records = Mapping[tuple[str, str], Sequence[str]]
SILENT = "SILENT"
TTL = 300
# Longer than any chain of names that a test has.
_LINKS_MAX = 8
# How soon it stops.
_POLL_SECONDS = 0.02


class _Resolver(BaseResolver):
    def __init__(self, records: Callable[[], Records], failing: Mapping[str, str]) -> None:
        self._records = records
        self._failing = failing

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        reply = request.reply(aa=0, ra=1)
        name, kind = str(request.q.qname).removesuffix(".").lower(), QTYPE[request.q.qtype]
        failure = next((code for above, code in self._failing.items() if _is_within(name, above)), None)
        if failure == SILENT:
            raise DNSError("this server does not answer")
        if failure:
            reply.header.rcode = getattr(RCODE, failure)
            return reply
        records = self._records()
        for link, kind_found, value in _followed(records, name, kind):
            reply.add_answer(*RR.fromZone(f"{link}. {TTL} IN {kind_found} {value}"))
        last = str(reply.rr[-1].rdata).removesuffix(".").lower() if _ends_in_cname(reply, kind) else name
        if not any(_is_within(known, last) for known, _kind in records):
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


def _followed(records: Records, name: str, kind: str) -> Iterator[tuple[str, str, str]]:
    """Yield the records of an answer: the CNAME records that lead on, and those of the type that was asked for."""
    for _link in range(_LINKS_MAX):
        for value in records.get((name, kind), ()):
            yield name, kind, value
        aliases = records.get((name, "CNAME"), ())
        if kind == "CNAME" or not aliases:
            return
        yield name, "CNAME", aliases[0]
        name = aliases[0].removesuffix(".").lower()


def _ends_in_cname(reply: DNSRecord, kind: str) -> bool:
    return kind != "CNAME" and bool(reply.rr) and QTYPE[reply.rr[-1].rtype] == "CNAME"


def _is_within(name: str, above: str) -> bool:
    return name == above or name.endswith(f".{above}")


@contextmanager
def name_server(records: Callable[[], Records], failing: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a server and yield its host:port; ``failing`` are names with the RCODE for all below them, or SILENT."""
    quiet = DNSLogger(log="", logf=lambda _text: None)
    server = DNSServer(_Resolver(records, failing or {}), port=0, address="127.0.0.1", logger=quiet)
    serving = threading.Thread(target=server.server.serve_forever, args=(_POLL_SECONDS,), name="DNS", daemon=True)
    serving.start()
    try:
        host, port = server.server.server_address
        yield f"{host}:{port}"
    finally:
        server.server.shutdown()
        serving.join()
        server.server.server_close()
