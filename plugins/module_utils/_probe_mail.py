# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe of a forwarder: the mail that goes its whole way and ends at SES's mailbox simulator, never at a person.

The one definition of it for whoever sends it and for the forwarder, which knows it by the envelope and the map alone.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from ._address import split
from ._record import RETIRED, AddressRecord

# Amazon SES Developer Guide, "Using the Amazon SES mailbox simulator": its addresses take labels, and mail to them
# counts neither for the daily quota nor for the bounce rate, and may be sent in the sandbox.
SIMULATOR = "simulator.amazonses.com"
LOCAL_PART = "forwarder-probe"
SENDER_LOCAL_PART = "doctor"
ID_FIELD = "X-Account-Factory-Probe"
# Organizations CreateAccount, parameter AccountName.
_NAME_MAX = 50
# What stands behind the + of the recipient: it tells one mail of the probe from another, and from a stranger's.
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Probe:
    """The probe of a stack, in one of the domains that it receives mail for."""

    stack_name: str
    domain: str

    @property
    def address(self) -> str:
        """Return the address that is vended once."""
        return f"{LOCAL_PART}@{self.domain}"

    @property
    def sender(self) -> str:
        """Return whom its mail is from; nobody has that address, and what is sent there is no answer to the probe."""
        return f"{SENDER_LOCAL_PART}@{self.domain}"

    @property
    def owner(self) -> str:
        """Return the only owner of the address, a mailbox that takes everything and answers nothing."""
        return f"success+{self.stack_name}@{SIMULATOR}"

    @property
    def request_id(self) -> str:
        """Return the request that the address is vended under, each time the same one."""
        return probe_request_id(self.domain)

    @property
    def account_name(self) -> str:
        """Return the name that the map has for the address; there is no such account."""
        return f"{LOCAL_PART} {self.domain}"[:_NAME_MAX].rstrip(" .-")

    def recipient(self, probe_id: str) -> str:
        """Return the recipient of one mail of the probe."""
        return f"{LOCAL_PART}+{probe_id}@{self.domain}"

    def request(self, probe_id: str, now: datetime) -> dict[str, Any]:
        """Return one mail of the probe as the parameters of SendEmail (Amazon SES API v2 Reference).

        It is sent with no configuration set of the forwarder's, so that it is none of its copies. Where SES mails what
        bounces, that comes to the probe's address, whose mail the forwarder drops.
        """
        return {
            "FromEmailAddress": self.sender,
            "Destination": {"ToAddresses": [self.recipient(probe_id)]},
            "FeedbackForwardingEmailAddress": self.address,
            "Content": {"Raw": {"Data": self.message(probe_id, now)}},
        }

    def message(self, probe_id: str, now: datetime) -> bytes:
        """Return one mail of the probe as bytes; ``now`` has a time zone."""
        lines = (
            f"From: {self.sender}",
            f"To: {self.recipient(probe_id)}",
            f"Subject: Probe of the mail forwarder {self.stack_name}",
            f"Date: {format_datetime(now)}",
            f"Message-ID: <{probe_id}@{self.domain}>",
            f"{ID_FIELD}: {probe_id}",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "This mail goes the whole way of a mail to a root user, to see whether the way is open. It is for nobody.",
            "",
        )
        return "\r\n".join(lines).encode("ascii")


def probe_request_id(domain: str) -> str:
    """Return the request id of the probe's address in a domain."""
    return f"{LOCAL_PART} {domain}"


def probe_domain(domains: Collection[str], from_address: str) -> str:
    """Return the domain whose mail is probed, of the normalised ones that the map vends in.

    That is the one of the address that the forwarder sends from, which is the first of its domains unless it was told
    otherwise, and else the first in the order of the alphabet.
    """
    own = from_address.rpartition("@")[2].lower()
    return own if own in domains else min(domains)


def is_probe_address(address: str) -> bool:
    """Return whether a normalised address is one that the probe may have, whatever the map says of it."""
    return split(address)[0].partition("+")[0] == LOCAL_PART


def is_probe_record(record: AddressRecord) -> bool:
    """Return whether a record is the probe's. Once an account has the address, its mail is that of a root user."""
    return record.request_id == probe_request_id(record.domain) and record.account_id is None


def simulators(record: AddressRecord) -> tuple[str, ...]:
    """Return whom mail of the probe goes to: owners that are no persons, and nobody while it is not to be forwarded."""
    if record.status == RETIRED or not record.forwarding:
        return ()
    return tuple(owner for owner in record.owners if is_simulator(owner))


def is_simulator(mailbox: str) -> bool:
    """Return whether a mailbox is one of SES's simulator, and so nobody's."""
    return mailbox.lower().endswith(f"@{SIMULATOR}")


def probe_id_of(recipient: str) -> str | None:
    """Return the id of the mail of the probe that a recipient of an envelope is for, None where it says none."""
    local_part = recipient.rpartition("@")[0].strip().lower()
    name, _plus, probe_id = local_part.partition("+")
    return probe_id if name == LOCAL_PART and _ID.fullmatch(probe_id) else None


def is_from_probe(authors: Iterable[str], recipient: str) -> bool:
    """Return whether a mail to a recipient says that it is the probe's; anybody may say so, and gains nothing by it."""
    domain = recipient.rpartition("@")[2].strip().rstrip(".").lower()
    sender = f"{SENDER_LOCAL_PART}@{domain}"
    return probe_id_of(recipient) is not None and [*map(_bare, authors)] == [sender]


def _bare(author: str) -> str:
    return author.rpartition("<")[2].removesuffix(">").strip().lower()
