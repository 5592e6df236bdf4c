# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a forwarder and of what it rests on: what each says. Pure, standard library only.

A judge looks at what was read and returns a ``Judgement``. With the id of its check that is a ``Check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

# Mail cannot work or would be lost; not yet as it should be; not found out, which is never ok; as it should be.
FAIL, WARN, SKIPPED, OK = "fail", "warn", "skipped", "ok"
# Worst first.
STATUSES = (FAIL, WARN, SKIPPED, OK)
# What is said of how many have each.
COUNTED = {FAIL: "failed", WARN: "to look at", SKIPPED: "skipped", OK: "ok"}
# What a check is about, and from which a run may choose.
TOPICS = (
    "account",
    "identity",
    "dns",
    "receiving",
    "names",
    "key",
    "rights",
    "functions",
    "grants",
    "queues",
    "settings",
    "owners",
    "alarms",
    "data",
)
ACCOUNT, IDENTITY, DNS, RECEIVING, NAMES, KEY, RIGHTS, FUNCTIONS, GRANTS, QUEUES, SETTINGS, OWNERS, ALARMS, DATA = (
    TOPICS
)
# In the place of a name or ARN: the stack makes one.
CREATE = "create"
# When a run ends as failed: where a check fails, where one fails or warns, or never.
FAIL_ON = (FAIL, WARN, "never")
# Of a sentence, which may hold three records of DNS.
SHOWN_MAX = 2000


@dataclass(frozen=True)
class Unread:
    """What could not be read, and why: AWS denied the call, or it failed."""

    reason: str


class UnreadError(Exception):
    """Raised where something cannot be read because something else could not."""


@dataclass(frozen=True)
class Judgement:
    """What a judge says of what was read.

    ``what`` was seen, ``why`` it matters and ``remedy``, what to run or change, are sentences; the last two are empty
    where all is well. ``evidence`` is what AWS said, as values.
    """

    status: str
    what: str
    why: str = ""
    remedy: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A check and what came of it, see ``Judgement``."""

    id: str
    topic: str
    status: str
    what: str
    why: str = ""
    remedy: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the check as modules show it: what DNS and other people's names say is made fit to be shown."""
        texts = {name: printable(getattr(self, name), SHOWN_MAX) or "" for name in ("what", "why", "remedy")}
        return {**vars(self), **texts, "evidence": dict(self.evidence)}


@dataclass(frozen=True)
class Asked:
    """The forwarder that is looked at: what is ``deployed``, or is to be. Domains are in lower case.

    ``replaced_rule`` is a receipt rule that is disabled once the forwarder's is in its place. ``mail_from_subdomain``
    is that of identities that are yet to be created. ``nameservers`` are hosts with ports; none are the system's.
    ``code_sha256`` is the digest of the package that the functions are to run, in Base64. ``kms_key`` and
    ``access_log_bucket`` are what is given, "create" for one of the stack's, empty for none.
    """

    stack_name: str
    region: str
    domains: tuple[str, ...]
    from_address: str
    identity: str
    map_table: str
    concurrency: int
    rule_position: str | None = None
    rule_after: str | None = None
    rule_enabled: bool = True
    replaced_rule: str | None = None
    hosted_zone_id: str = ""
    mail_from_subdomain: str = ""
    accept_foreign_mx: bool = False
    nameservers: tuple[tuple[str, int], ...] = ()
    deployed: bool = False
    code_sha256: str | None = None
    kms_key: str = ""
    access_log_bucket: str = ""

    @property
    def given_key(self) -> str | None:
        """Return the ARN of a key that is not the stack's own."""
        return self.kms_key if self.kms_key != CREATE and self.kms_key else None


def ok(what: str, **evidence: Any) -> Judgement:
    return Judgement(OK, what, evidence=evidence)


def warn(what: str, why: str, remedy: str, **evidence: Any) -> Judgement:
    return Judgement(WARN, what, why, remedy, evidence)


def fail(what: str, why: str, remedy: str, **evidence: Any) -> Judgement:
    return Judgement(FAIL, what, why, remedy, evidence)


def skipped(what: str, **evidence: Any) -> Judgement:
    return Judgement(SKIPPED, what, evidence=evidence)


def worst_first(checks: Iterable[Check]) -> list[Check]:
    """Return the checks by status; those of one status stay in their order."""
    return sorted(checks, key=lambda check: STATUSES.index(check.status))


def count(checks: Iterable[Check]) -> dict[str, int]:
    """Return how many checks have each status."""
    found = [check.status for check in checks]
    return {status: found.count(status) for status in STATUSES}


def failing(fail_on: str) -> tuple[str, ...]:
    """Return the statuses with which a run ends as failed."""
    return {FAIL: (FAIL,), WARN: (FAIL, WARN)}.get(fail_on, ())


def join(names: Iterable[str], most: int = 5) -> str:
    """Return the names as one text, the first few of many."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
