# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the forwarder's functions, and of what calls them. Pure, standard library only.

Functions are given by their names, as FunctionConfiguration, None for one that is not there. Sources: AWS Lambda API
Reference, FunctionConfiguration (CodeSha256 is the digest in Base64) and EventSourceMappingConfiguration; AWS Lambda
Developer Guide, "Lambda function states" and "Configuring reserved concurrency".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from .model import Asked, Judgement, fail, join, ok, warn
from .names import Caller, code_bucket

Functions = Mapping[str, "Mapping[str, Any] | None"]
# States in which a function runs once it is called; an idle one (Inactive) is made ready again by the first call.
_RUNS = ("Active", "Inactive")
_WAITS = "What it was to work on waits in its queue, and is lost after 14 days."


def judge_code(asked: Asked, functions: Functions, caller: Caller) -> Judgement:
    """Whether each function, by its name, runs the package that was deployed.

    CloudFormation gives Lambda the name of an object and asks nothing of its content, nor does it see a function that
    was changed by other means.
    """
    if missing := _missing(functions):
        return missing
    code = {name: (one or {}).get("CodeSha256", "") for name, one in functions.items()}
    changed = {name: digest for name, digest in code.items() if digest != asked.code_sha256}
    if not changed:
        return ok(f"All {len(code)} functions run the package that was deployed.", functions=code)
    name, digest = next(iter(changed.items()))
    bucket, key = code_bucket(asked, caller), f"forwarder-{base64.b64decode(asked.code_sha256 or '').hex()}.zip"
    return fail(
        f"The function {join(changed)} runs code with the SHA-256 {digest}, and the package that was deployed has"
        f" {asked.code_sha256}.",
        "Whoever chooses the code of a function reads the mail and says who gets it.",
        f"Find out who changed the function, or the object {key} in {bucket}; delete that object and deploy again if it"
        f" is the object. Then run: aws lambda update-function-code --function-name {name} --s3-bucket {bucket}"
        f" --s3-key {key}",
        functions=code,
    )


def _missing(functions: Functions) -> Judgement | None:
    names = [name for name, one in functions.items() if one is None]
    if not names:
        return None
    return fail(
        f"There is no function {join(names)}.",
        f"Somebody deleted it outside of the stack, which goes on as if it were there. {_WAITS}",
        "Run teardown, which keeps the map and the mail, and deploy again.",
        missing=names,
    )


def judge_states(asked: Asked, functions: Functions, concurrency: Mapping[str, int | None]) -> Judgement:
    """Whether each function can run; ``concurrency`` is what is reserved for each, None where nothing is."""
    if missing := _missing(functions):
        return missing
    states = {name: str((one or {}).get("State", "Active")) for name, one in functions.items()}
    if stopped := [name for name, reserved in concurrency.items() if reserved == 0]:
        return fail(
            f"The function {join(stopped)} is stopped: its reserved concurrency is 0.",
            _WAITS,
            f"Find out who stopped it, then: aws lambda delete-function-concurrency --function-name {stopped[0]}",
            states=states,
        )
    if failed := [name for name, state in states.items() if state not in _RUNS]:
        reasons = {str((functions[name] or {}).get("StateReason", "")) for name in failed} - {""}
        return fail(
            f"The function {join(failed)} is {states[failed[0]]}{': ' if reasons else ''}{join(sorted(reasons))}.",
            _WAITS,
            f"If it does not become Active by itself, mend what the reason names, and deploy {asked.stack_name} again.",
            states=states,
        )
    return ok(f"All {len(states)} functions can run.", states=states)


def judge_event_sources(asked: Asked, sources: Mapping[str, Sequence[Mapping[str, Any]]]) -> Judgement:
    """Whether the queues call the functions; ``sources`` are the event source mappings of each function."""
    seen = {name: [one.get("State") for one in found] for name, found in sources.items()}
    if unconnected := [name for name, found in sources.items() if not found]:
        return fail(
            f"No queue calls the function {join(unconnected)}.",
            _WAITS,
            "Somebody deleted the event source mapping outside of the stack. Run teardown, which keeps the map and the"
            " mail, and deploy again.",
            sources=seen,
        )
    off = {name: one for name, found in sources.items() for one in found if one.get("State") != "Enabled"}
    if not off:
        return ok(f"The queues of {asked.stack_name} call its functions.", sources=seen)
    name, one = next(iter(off.items()))
    return (fail if str(one.get("State")).startswith("Disab") else warn)(
        f"The event source mapping of the function {name} is {one.get('State')}, and not Enabled.",
        f"Meanwhile the queue does not call it. {_WAITS}",
        f"Find out who changed it, then: aws lambda update-event-source-mapping --uuid {one.get('UUID')} --enabled",
        sources=seen,
    )
