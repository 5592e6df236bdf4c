# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a probe says of its forwarder, as a check: which hop was not passed, why that may be, and what to do.

Pure, standard library only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    Check,
    Judgement,
    fail,
    ok,
    skipped,
    warn,
)
from ansible_collections.account_factory.email.plugins.module_utils._probe_mail import Probe

from .model import DELIVERED, FORWARDED, NOTIFIED, SENT, STORED, TAKEN, Traces

ID, TOPIC = "probe", "mail"
_LOST = (
    "Mail to root users does not get through: whoever asks for a password, or has to act on a warning, gets nothing."
)
_WAITS = "Mail to root users waits in the queue, for 14 days, and is forwarded to nobody meanwhile."
_CHECK = "ansible-playbook account_factory.email.doctor -e mail_forwarder_probe=false -e mail_forwarder_checks="


def check_of(judgement: Judgement) -> dict[str, Any]:
    """Return what a probe says in the form of the other checks."""
    return Check(ID, TOPIC, **vars(judgement)).to_dict()


def not_sent(reason: str) -> Judgement:
    """Return what is said where no mail was sent, though nothing is known to be wrong."""
    return skipped(reason)


def judge(probe: Probe, traces: Traces, timeout: int) -> Judgement:
    """Return what the traces of a mail come to, after so many seconds at most."""
    evidence: dict[str, Any] = {
        "hops": [hop.to_dict() for hop in traces.hops],
        "verdicts": traces.verdicts,
        "failed_at": traces.failed_at,
        "waiting": traces.waiting,
        "address": probe.address,
    }
    if traces.failed_at is not None:
        what, why, remedy = _CUT[traces.failed_at](probe, traces, timeout)
        return fail(what, why, remedy, **evidence)
    return _arrived(probe, traces, evidence)


def _arrived(probe: Probe, traces: Traces, evidence: dict[str, Any]) -> Judgement:
    seconds = (traces.hops[-1].at - traces.hops[0].at).total_seconds()
    what = f"A mail to {probe.address} went the whole way in {seconds:.1f} s."
    failed = [f"{name.upper()} {said}" for name, said in traces.verdicts.items() if said == "FAIL"]
    if not failed:
        return ok(what, **evidence)
    return warn(
        f"{what} SES, which judged it as a mail from {probe.sender}, found {', '.join(failed)}.",
        f"What {probe.domain} sends fails checks of mail servers, so that owners may not get what is forwarded.",
        f"See which record of DNS is missing or wrong: {_CHECK}dkim,dkim_records,mail_from,dmarc",
        **evidence,
    )


class _Said(NamedTuple):
    """What was seen, why it matters and what to do, see Judgement."""

    what: str
    why: str
    remedy: str


def _cut_at_sent(probe: Probe, traces: Traces, _timeout: int) -> _Said:
    return _Said(
        f"SES does not take a mail from {probe.sender}. {traces.error or ''}".strip(),
        "The forwarder sends by the same account: it can most likely forward nothing either.",
        f"Mend what SES says. See what else it says of the account and the domain: {_CHECK}sending,identity",
    )


def _cut_at_stored(probe: Probe, traces: Traces, timeout: int) -> _Said:
    seen = f" It could not be looked up whether it was: {traces.error}" if traces.error else ""
    return _Said(
        f"SES took a mail to {probe.address} and has not stored it in {timeout} s.{seen}",
        f"{_LOST} Most likely the MX record of {probe.domain} leads elsewhere, the receipt rule is not in the rule set"
        " that is active or is disabled, another rule or an IP address filter stops it, or SES may not write to the"
        " bucket.",
        f"See which: {_CHECK}mx,receiving",
    )


def _cut_at_notified(probe: Probe, _traces: Traces, timeout: int) -> _Said:
    return _Said(
        f"SES stored a mail to {probe.address}, and no notice of it came into the queue in {timeout} s.",
        f"{_LOST} The mail itself is kept. Most likely the topic {probe.stack_name}-received, its policy, its"
        " subscription or the policy of the queue was changed outside of the stack.",
        "Undo that; the alarms on publishing and on undelivered notices say more, see docs/on-call.md. Who has changed"
        f" what: aws cloudformation detect-stack-drift --stack-name {probe.stack_name}",
    )


def _cut_at_taken(probe: Probe, _traces: Traces, timeout: int) -> _Said:
    return _Said(
        f"A notice of a mail to {probe.address} waits in the queue, and the function {probe.stack_name} has not taken"
        f" it in {timeout} s.",
        f"{_WAITS} Most likely the queue does not call the function, the function is stopped or fails before it does"
        " anything, or many mails wait before this one.",
        f"See which: {_CHECK}functions,queues",
    )


def _cut_at_forwarded(probe: Probe, traces: Traces, timeout: int) -> _Said:
    said = f": {traces.error}" if traces.error else f" in {timeout} s"
    return _Said(
        f"The function {probe.stack_name} took a mail to {probe.address} and could not send it on{said}.",
        "Other mail fares alike: it is tried again for about two days, and is a dead letter then.",
        "Mend what that says. See what SES says of the account and the sender:"
        f" {_CHECK}sending,sandbox,quota,from_address",
    )


def _cut_at_delivered(probe: Probe, traces: Traces, timeout: int) -> _Said:
    if traces.became:
        return _Said(
            f"The copy of a mail to {probe.address} that was sent on has {traces.became}.",
            "SES's simulator takes what is for a mailbox success@: the address has another owner.",
            "Give the address back to the simulator: ansible-playbook account_factory.email.edit_address -e"
            f" account_factory_address={probe.address} -e account_factory_owners={probe.owner}",
        )
    return _Said(
        f"SES took the copy of a mail to {probe.address} and has not told in {timeout} s that it arrived.",
        "Owners most likely get their mail. But nobody hears of a mailbox that refuses it, and nobody else gets that"
        f" mail then. Most likely the event destination of the configuration set {probe.stack_name}, the topic"
        f" {probe.stack_name}-sent or the function {probe.stack_name}-events was changed outside of the stack.",
        "Undo that. Whether the event destination is there and enabled: aws sesv2"
        f" get-configuration-set-event-destinations --configuration-set-name {probe.stack_name}",
    )


_CUT: dict[str, Callable[[Probe, Traces, int], _Said]] = {
    SENT: _cut_at_sent,
    STORED: _cut_at_stored,
    NOTIFIED: _cut_at_notified,
    TAKEN: _cut_at_taken,
    FORWARDED: _cut_at_forwarded,
    DELIVERED: _cut_at_delivered,
}
