# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the KMS key that is given: whether it encrypts, and for whom. Pure, standard library only.

Sources: AWS KMS API Reference, DescribeKey and KeyMetadata; AWS KMS Developer Guide, "Key states of AWS KMS keys".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .key_policy import needs
from .model import Asked, Judgement, Unread, fail, join, ok, skipped, warn
from .names import Caller
from .policies import REFUSED, UNSURE, Need, permits
from .receiving import Inbound

_NO_MAIL = "What the key encrypts could be neither stored nor read: mail would be lost."
_ANOTHER = "Give another key in mail_forwarder_kms_key, or create."
# What brings a key back in the states in which something does.
_REMEDIES = {
    "Disabled": "Enable it: aws kms enable-key --key-id {arn}",
    "PendingDeletion": (
        "Find out who deletes it, then: aws kms cancel-key-deletion --key-id {arn} && aws kms enable-key --key-id {arn}"
    ),
    "PendingImport": "Import its key material (AWS KMS Developer Guide, importing key material).",
    "Unavailable": "Connect its custom key store (AWS KMS Developer Guide, custom key stores).",
}


def judge_key(asked: Asked, key: Mapping[str, Any] | None) -> Judgement:
    """Whether the key that is given is there and can encrypt."""
    if not asked.given_key:
        return _none_given(asked)
    arn = asked.given_key
    if arn.split(":")[3:4] != [asked.region]:
        return fail(f"The key {arn} is not in {asked.region}.", _NO_MAIL, f"{_ANOTHER} SES takes none of elsewhere.")
    if key is None:
        return fail(f"There is no key {arn}.", _NO_MAIL, f"Compare it with aws kms list-keys. {_ANOTHER}")
    state, problems = key.get("KeyState", "Enabled"), list(_unusable(key))
    seen = {"key_state": state, "key_spec": key.get("KeySpec"), "key_usage": key.get("KeyUsage")}
    if problems:
        return fail(f"The key {arn} {join(problems)}.", _NO_MAIL, _ANOTHER, **seen)
    if state != "Enabled":
        remedy = _REMEDIES.get(state, f"Wait until it is Enabled. {_ANOTHER}")
        return fail(f"The key {arn} is {state}.", _NO_MAIL, remedy.format(arn=arn), **seen)
    return ok(f"The key {arn} can be used.", **seen)


def judge_own_key(asked: Asked, key: Mapping[str, Any] | None) -> Judgement:
    """Whether the key that the stack created can be used, and is rotated; None where the stack has none."""
    if key is None:
        return ok(f"The stack {asked.stack_name} has no key of its own.")
    arn, state = key["Arn"], key.get("KeyState", "Enabled")
    if state != "Enabled":
        remedy = _REMEDIES.get(state, "Wait until it is Enabled.").format(arn=arn)
        return fail(f"The stack's own key {arn} is {state}.", _NO_MAIL, remedy, key_state=state)
    if not key["Rotates"]:
        return warn(
            f"The stack's own key {arn} is not rotated.",
            "One key material encrypts the mail of all years. A deployment does not bring its rotation back.",
            f"aws kms enable-key-rotation --key-id {arn}",
            key_state=state,
        )
    return ok(f"The stack's own key {arn} can be used.", key_state=state)


def _unusable(key: Mapping[str, Any]) -> Iterator[str]:
    """Yield what makes a key one that never encrypts for the forwarder."""
    if key.get("KeyManager", "CUSTOMER") != "CUSTOMER":
        yield "is managed by AWS, so that its policy lets no service of ours use it"
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        yield f"is of the kind {key['KeySpec']}, and the services take only SYMMETRIC_DEFAULT"
    if key.get("KeyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        yield f"is for {key['KeyUsage']}, and not for ENCRYPT_DECRYPT"


def judge_key_policy(
    asked: Asked, policy: Mapping[str, Any] | None, caller: Caller | Unread, inbound: Inbound | Unread
) -> Judgement:
    """Whether the policy of the key that is given lets those use it who must."""
    if not asked.given_key:
        return _none_given(asked)
    if policy is None:
        return skipped(f"There is no key {asked.given_key} whose policy could be looked at.")
    if isinstance(caller, Unread):
        return skipped(caller.reason)
    rule_set = asked.stack_name if isinstance(inbound, Unread) else inbound.rule_set
    wanted = needs(asked.stack_name, rule_set, asked.region, caller.account_id, caller.partition)
    refused, unsure = ([need for need in wanted if permits(policy, need) == said] for said in (REFUSED, UNSURE))
    seen = {"refused": [one.principal for one in refused], "unsure": [one.principal for one in unsure]}
    remedy = (
        'Add the statements of the role\'s README, "The key", to its policy: aws kms put-key-policy --key-id'
        f" {asked.given_key}"
    )
    if refused:
        return fail(f"The policy of the key does not let {_who(refused)} use it.", _why(refused), remedy, **seen)
    if unsure:
        return warn(
            f"Whether the policy of the key lets {_who(unsure)} use it rests on conditions or names that cannot be"
            " judged from here.",
            f"If it does not: {_why(unsure)}",
            remedy,
            **seen,
        )
    return ok("The policy of the key lets those use it who must.", **seen)


def _none_given(asked: Asked) -> Judgement:
    return ok("The stack creates its key." if asked.kms_key else "No key is given.")


def _who(found: list[Need]) -> str:
    return join(one.principal for one in found)


def _why(found: list[Need]) -> str:
    return " ".join(f"{one.without[0].upper()}{one.without[1:]}." for one in found)
