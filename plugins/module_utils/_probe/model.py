# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a mail of the probe has got, and when it passed each hop. Pure, standard library only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._moments import read_moment
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import (
    Probe,
    is_probe_record,
    is_simulator,
    probe_domain,
)
from ansible_collections.account_factory.email.plugins.module_utils._record import RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_milliseconds

# SES took it from us; put it into the bucket; told the queue of it. The function took it from there; SES took the copy
# for the simulator; and told that the copy arrived.
SENT, STORED, NOTIFIED, TAKEN, FORWARDED, DELIVERED = HOPS = (
    "sent",
    "stored",
    "notified",
    "taken",
    "forwarded",
    "delivered",
)
WAIT_TIMEOUT = 120
# What clocks may differ by before what ours says is corrected by that of AWS.
_CLOCK_MARGIN = timedelta(seconds=2)
_VERDICTS = ("spf", "dkim", "dmarc")


@dataclass(frozen=True)
class Hop:
    """A hop that the mail has passed, when, and how many seconds after the one before; the times are AWS's."""

    name: str
    at: datetime
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the hop as the module shows it."""
        return {"name": self.name, "at": utc_milliseconds(self.at), "seconds": self.seconds}


@dataclass(frozen=True)
class Traces:
    """What a mail of the probe has left behind.

    ``item`` is that of the table of deliveries, of Python values; ``sent_at`` is None where SES did not take the mail.
    ``waiting`` is how many notices were in the queue before it, and where nobody has taken it up, how many are, None
    where that could not be looked up; then ``stored_at`` is when an object was stored that may be it. ``error`` is why
    a hop was not passed.
    """

    sent_at: datetime | None = None
    item: Mapping[str, Any] = field(default_factory=dict)
    stored_at: datetime | None = None
    waiting: int | None = 0
    error: str | None = None

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Return the hops that were passed, in order."""
        found: list[Hop] = []
        for name, at in zip(HOPS, self._times(), strict=False):
            if at is None:
                break
            # Some are whole seconds. No mail is stored before it was sent.
            at = max([at, *(hop.at for hop in found[-1:])])
            found.append(Hop(name, at, round((at - found[-1].at).total_seconds(), 1) if found else 0.0))
        return tuple(found)

    @property
    def failed_at(self) -> str | None:
        """Return the first hop that was not passed, None where all were."""
        return next(iter(HOPS[len(self.hops) :]), None)

    @property
    def verdicts(self) -> dict[str, str | None]:
        """Return what SES found of the mail's sender, which is us, in its own words; None where it said nothing."""
        said = self._facts.get("verdicts", {})
        return {name: said.get(name) for name in _VERDICTS}

    @property
    def became(self) -> str | None:
        """Return what SES told of the copy where that is not that it arrived."""
        return self.item.get("failed_by") or (None if self._is_delivered else self.item.get("told_by"))

    @property
    def _facts(self) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = json.loads(self.item.get("mail", "{}"))
        return facts

    @property
    def _is_delivered(self) -> bool:
        return self.item.get("told_by") == "delivered"

    def _times(self) -> Iterator[datetime | None]:
        item, facts = self.item, self._facts
        yield self.sent_at
        if not item:
            yield from (self.stored_at, self.stored_at if self.waiting else None, None)
            return
        taken = _of_seconds(item["claimed_at"])
        # A forwarder of an earlier release notes less.
        yield _moment(facts.get("received_at")) or taken
        yield _moment(facts.get("queued_at")) or taken
        yield taken
        yield _of_seconds(item["sent_at"]) if item.get("status") == "sent" else None
        yield _moment(item.get("told_at")) if self._is_delivered else None


def probe_of(stack: ForwarderStack, domains: Mapping[str, Any]) -> Probe:
    """Return the probe of a deployed forwarder whose map vends in these domains."""
    if "FromAddress" not in stack.parameters:
        raise InputError(f"stack_name: {stack.name} was torn down and forwards no mail; deploy it again to probe it")
    if not domains:
        raise InputError(f"stack_name: the map of {stack.name} vends in no domain; deploy it again, which sets them")
    return Probe(stack.name, probe_domain([*domains], stack.parameters["FromAddress"]))


def check_record(probe: Probe, record: AddressRecord) -> None:
    """Raise InputError unless mail of the probe may be sent to its address, of which this is the record."""
    edit = f"ansible-playbook account_factory.email.edit_address -e account_factory_address={record.address}"
    if record.account_id is not None:
        raise InputError(
            f"stack_name: the account {record.account_id} has the probe's address {record.address}, so that its mail is"
            " a person's: no probe is sent. Give the account another address"
        )
    persons = [owner for owner in record.owners if not is_simulator(owner)]
    if persons:
        raise InputError(
            f"stack_name: the probe's address {record.address} has the owner {persons[0]}, who is to get no probe: none"
            f" is sent. Give the address back to the simulator: {edit} -e account_factory_owners={probe.owner}"
        )
    if not is_probe_record(record):
        raise InputError(
            f"stack_name: the probe's address {record.address} was vended under the request {record.request_id!r}, so"
            f" that the forwarder does not know it as the probe's: no probe is sent. {record.domain} cannot be probed;"
            " run doctor with mail_forwarder_probe=false"
        )
    if record.status == RETIRED:
        raise InputError(
            f"stack_name: the probe's address {record.address} is retired: no probe is sent. Bring it back: {edit} -e"
            " account_factory_restore=true"
        )
    if not record.forwarding:
        raise InputError(
            f"stack_name: the mail of the probe's address {record.address} is suspended: no probe is sent. Let it be"
            f" forwarded: {edit} -e account_factory_forwarding=true"
        )


def by_their_clock(ours: datetime, theirs: datetime | None) -> datetime:
    """Return a moment of ours as AWS would have told it, by what AWS said of the same moment in whole seconds."""
    if theirs is None or abs(theirs - ours) <= _CLOCK_MARGIN:
        return ours
    return theirs


def _of_seconds(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), timezone.utc)


def _moment(text: str | None) -> datetime | None:
    try:
        return read_moment(text or "")
    except ValueError:
        return None
