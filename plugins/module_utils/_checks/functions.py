# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the forwarder's functions. Pure, standard library only.

Source: AWS Lambda API Reference, FunctionConfiguration (CodeSha256: the digest in Base64).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from .model import Asked, Judgement, fail, join, ok
from .names import Caller, code_bucket


def judge_code(asked: Asked, code: Mapping[str, str | None], caller: Caller) -> Judgement:
    """Whether each function, by its name, runs the package that was deployed.

    CloudFormation gives Lambda the name of an object and asks nothing of its content, nor does it see a function that
    was changed by other means.
    """
    if missing := [name for name, digest in code.items() if digest is None]:
        return fail(
            f"There is no function {join(missing)}.",
            "Somebody deleted it outside of the stack, which goes on as if it were there. Without the forwarder's own,"
            " mail waits in its queue for 14 days and is then lost.",
            "Run teardown, which keeps the map and the mail, and deploy again.",
            functions=dict(code),
        )
    changed = {name: digest for name, digest in code.items() if digest != asked.code_sha256}
    if not changed:
        return ok(f"All {len(code)} functions run the package that was deployed.", functions=dict(code))
    name, digest = next(iter(changed.items()))
    bucket, key = code_bucket(asked, caller), f"forwarder-{base64.b64decode(asked.code_sha256 or '').hex()}.zip"
    return fail(
        f"The function {join(changed)} runs code with the SHA-256 {digest}, and the package that was deployed has"
        f" {asked.code_sha256}.",
        "Whoever chooses the code of a function reads the mail and says who gets it.",
        f"Find out who changed the function, or the object {key} in {bucket}; delete that object and deploy again if it"
        f" is the object. Then run: aws lambda update-function-code --function-name {name} --s3-bucket {bucket}"
        f" --s3-key {key}",
        functions=dict(code),
    )
