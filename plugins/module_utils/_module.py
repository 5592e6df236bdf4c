# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exit path that all modules share: one outcome, one error path, the same keys in check mode and for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError

Result = TypeVar("Result")
# What a user can mend. amazon.aws raises errors of its own, as for credentials that are not complete.
FAILURES = (TaskError, AwsError, AnsibleAWSError)
# How many reasons a summary shows.
_SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """What a task did, or in check mode would have done: the resource before and after (None where there is none).

    ``failure`` is what to say where a part could not be done; the task then fails, with the result of the rest.
    """

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    extra: Mapping[str, Any] = field(default_factory=dict)
    failure: str | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after


def run_module(module: AnsibleAWSModule, resource: str, work: Callable[[], Outcome]) -> None:
    """Do the module's work and end it: ``changed``, the resource under its name and, when asked for, ``diff``."""
    outcome = _done(module, work)
    result = {"changed": outcome.changed, resource: outcome.after or {}, **outcome.extra}
    if module._diff:
        result["diff"] = {"before": outcome.before or {}, "after": outcome.after or {}}
    if outcome.failure is not None:
        return module.fail_json(msg=outcome.failure, **result)
    return module.exit_json(**result)


def run_info(
    module: AnsibleAWSModule,
    work: Callable[[], Mapping[str, Any]],
    failure_of: Callable[[Mapping[str, Any]], str | None] = lambda _found: None,
) -> None:
    """Do the work of a module that only reads and end it with what it found.

    Where ``failure_of`` what was found is a text, the task fails with it, and with the same result.
    """
    found = _done(module, work)
    failed = failure_of(found)
    if failed is not None:
        return module.fail_json(msg=failed, changed=False, **found)
    return module.exit_json(changed=False, **found)


def _done(module: AnsibleAWSModule, work: Callable[[], Result]) -> Result:
    """Return what the work comes to, or end the module with what was wrong."""
    try:
        return work()
    except FAILURES as error:
        return module.fail_json(**failure(error))


def failure(error: Exception) -> dict[str, Any]:
    """Return what a failed task says: "Failed to ...: what AWS said", and what to do about it where that is known.

    A TaskError says all of that itself. Any other error than those of ``FAILURES`` is raised.
    """
    if isinstance(error, TaskError):
        return {"msg": str(error)}
    if not isinstance(error, FAILURES):
        raise error
    known = error if isinstance(error, AwsError) else _known(error)
    if known.exception is None:
        return {"msg": str(known)}
    code = known.code or type(known.exception).__name__
    return {"msg": str(known), "error": {"code": code, "message": str(known.exception)}}


def _known(error: AnsibleAWSError) -> AwsError:
    """Return an error of amazon.aws's own as one of ours."""
    return AwsError(error.message, error.exception)


class ProgressFile:
    """Adds a line to the file, if there is one, as the work goes on."""

    def __init__(self, path: str | None) -> None:
        self.path = path

    def __call__(self, done: int, total: int) -> None:
        if self.path:
            with open(self.path, "a", encoding="ascii") as file:
                file.write(f"{done} {total}\n")


def summary(failures: Sequence[str], total: int, what: str) -> str:
    """Return what a task says that could not do all that it was given, with the first few reasons, which name each."""
    more = f"; and {len(failures) - _SHOWN} more, see failures" if len(failures) > _SHOWN else ""
    return f"{len(failures)} of {total} {what}: {'; '.join(failures[:_SHOWN])}{more}"
