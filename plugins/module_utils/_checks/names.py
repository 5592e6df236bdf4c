# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the names that the forwarder takes: free, or its own. Pure, standard library only.

Sources: AWS CloudFormation User Guide, stack status codes; Amazon S3 API Reference, HeadBucket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import CREATE, Asked, Judgement, fail, ok, skipped

# What a bucket's or a table's name is: nobody's, this account's, another account's; or AWS does not tell.
FREE, OURS, THEIRS, UNKNOWN = "free", "ours", "theirs", "unknown"
# A stack can be updated in these states.
_CHANGEABLE = re.compile(r"(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE")
_ANOTHER_STACK = "give another mail_forwarder_stack_name"


@dataclass(frozen=True)
class Caller:
    """Whose credentials these are; by how many seconds the clock here is ahead of AWS's, if that is told."""

    account_id: str
    arn: str
    ahead: float | None = None

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


@dataclass(frozen=True)
class Stack:
    """A stack of the forwarder's name, its parameters and outputs as texts."""

    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_forwarder(self) -> bool:
        return {"MailBucket", "MapTable"} <= self.parameters.keys()

    @property
    def forwards(self) -> bool:
        """Tell whether it is a forwarder's, and not only the data that a teardown leaves."""
        return self.is_forwarder and "QueueUrl" in self.outputs

    def has(self, name: str, parameter: str, keeps: str) -> bool:
        """Return whether the stack holds the data of that name; ``keeps`` is the parameter that says so."""
        return self.parameters.get(parameter) == name and self.parameters.get(keeps) == "true"


@dataclass(frozen=True)
class Taken:
    """A bucket or table by its name, and whose that is."""

    name: str
    owner: str
    reason: str = ""


def mail_bucket(asked: Asked, caller: Caller) -> str:
    return f"{asked.stack_name}-mail-{caller.account_id}-{asked.region}"


def code_bucket(asked: Asked, caller: Caller) -> str:
    return f"{asked.stack_name}-code-{caller.account_id}-{asked.region}"


def access_log_bucket(asked: Asked, caller: Caller) -> str | None:
    """Return the bucket that access logs go to, None where none are kept."""
    if asked.access_log_bucket != CREATE:
        return asked.access_log_bucket or None
    return f"{asked.stack_name}-logs-{caller.account_id}-{asked.region}"


def judge_stack(asked: Asked, stack: Stack | None) -> Judgement:
    """Whether the stack is there to be made or to be updated."""
    name = asked.stack_name
    if stack is None:
        return ok(f"There is no stack {name} yet.")
    seen = {"stack_status": stack.status}
    if not stack.is_forwarder:
        return fail(
            f"There is a stack {name} already that is not a mail forwarder's.",
            "A deployment would replace all that is in it.",
            f"Leave it alone: {_ANOTHER_STACK}.",
            **seen,
        )
    if not _CHANGEABLE.fullmatch(stack.status):
        return fail(
            f"The stack {name} is {stack.status}.",
            "CloudFormation does not update a stack in this state.",
            _remedy_of_state(name, stack.status),
            **seen,
        )
    return ok(f"The stack {name} can be updated ({stack.status}).", **seen)


def judge_forwarder(asked: Asked, stack: Stack | None) -> Judgement:
    """Whether there is a forwarder at all."""
    if stack and stack.forwards:
        return ok(f"The forwarder {asked.stack_name} is deployed.")
    left = stack is not None and stack.is_forwarder
    return fail(
        f"The forwarder {asked.stack_name} was taken away, and its data is left."
        if left
        else f"There is no forwarder {asked.stack_name} in {asked.region} of this account.",
        "No mail is received for its domains, and none is forwarded.",
        "Run the playbook deploy, or look where it is: mail_forwarder_stack_name, the region and the account.",
    )


def _remedy_of_state(name: str, status: str) -> str:
    option = f"--stack-name {name}"
    if status.endswith("_IN_PROGRESS"):
        return "Something else is changing it: run again when that is done."
    if "UPDATE_ROLLBACK" in status:
        return f"Continue the rollback of its update first: aws cloudformation continue-update-rollback {option}"
    return (
        "A stack that was never made whole has to be deleted before it can be made. Look at its events for the reason:"
        f" aws cloudformation describe-stack-events {option}"
    )


def judge_map_table(asked: Asked, stack: Stack | None, table: Taken) -> Judgement:
    """Whether the map is the stack's own, or its name is free; never another table than before."""
    before = stack.parameters.get("MapTable") if stack and stack.parameters.get("KeepMap") == "true" else None
    if before is not None and before != asked.map_table:
        return fail(
            f"The stack {asked.stack_name} has its map in the table {before}, which is its map for life, and not in"
            f" {asked.map_table}.",
            "Another table would be empty: addresses would be vended again that have owners already.",
            f"Keep mail_forwarder_map_table={before}, or deploy another stack and import the map there.",
            table=before,
        )
    return _judge_data("table", table, before is not None)


def judge_delivery_table(_asked: Asked, stack: Stack | None, table: Taken) -> Judgement:
    """Whether the table of deliveries is the stack's own, or its name is free."""
    return _judge_data("table", table, stack is not None and stack.parameters.get("KeepMail") == "true")


def judge_mail_bucket(_asked: Asked, stack: Stack | None, bucket: Taken) -> Judgement:
    """Whether the bucket of the mail is the stack's own, or its name is free."""
    return _judge_data("bucket", bucket, stack is not None and stack.has(bucket.name, "MailBucket", "KeepMail"))


def judge_code_bucket(_asked: Asked, bucket: Taken) -> Judgement:
    """Whether the bucket of the code, which is made before the stack, is this account's, or its name is free."""
    return _judge_data("bucket", bucket, bucket.owner == OURS)


def judge_access_log_bucket(asked: Asked, stack: Stack | None, bucket: Taken | None) -> Judgement:
    """Whether the bucket of the access logs is there where it is given, and else the stack's own, or its name free."""
    if bucket is None:
        return ok("No access logs are kept.")
    if asked.access_log_bucket == CREATE:
        return _judge_data("bucket", bucket, stack is not None and stack.has(CREATE, "AccessLogBucket", "KeepMail"))
    if bucket.owner == UNKNOWN:
        return skipped(f"Whose the bucket {bucket.name} is cannot be told: {bucket.reason}")
    if bucket.owner != OURS:
        return fail(
            f"The bucket {bucket.name} {'is not there' if bucket.owner == FREE else 'belongs to another AWS account'}.",
            "S3 logs to buckets of the same account only, so that the deployment would be undone.",
            "mail_forwarder_access_log_bucket: give a bucket of this account in this region, or create.",
        )
    return ok(f"The bucket {bucket.name} is ours.")


def _judge_data(kind: str, taken: Taken, is_held: bool) -> Judgement:
    """Judge a name; ``is_held`` is whether the forwarder has it already."""
    name = taken.name
    if taken.owner == UNKNOWN:
        return skipped(f"Whose the {kind} {name} is cannot be told: {taken.reason}")
    if taken.owner == THEIRS:
        return fail(
            f"The {kind} {name} belongs to another AWS account.",
            "The forwarder could not be made; whoever has that name must not get its mail or its code.",
            f"Leave it alone: {_ANOTHER_STACK}, from which the name derives.",
        )
    if taken.owner == FREE and is_held:
        return fail(
            f"The {kind} {name} of the stack is not there.",
            "It was deleted outside of the stack, which goes on as if it were there: mail would be lost.",
            f"Restore it under that name ({'from its point-in-time backup' if kind == 'table' else 'and its mail'}), or"
            " deploy another stack.",
        )
    if taken.owner == OURS and not is_held:
        return fail(
            f"There is a {kind} {name} already that is not in the stack.",
            "CloudFormation makes nothing that exists, so that the deployment would be undone.",
            "If its stack was deleted outside of this role, import it into a stack of that name first. If not:"
            f" {_ANOTHER_STACK}.",
        )
    return ok(f"The {kind} {name} is {'ours' if is_held else 'free'}.")
