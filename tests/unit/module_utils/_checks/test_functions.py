# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of the code that the functions run."""

from __future__ import annotations

import base64
import hashlib

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks.functions import judge_code
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import FAIL, OK, Asked
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import Caller

PACKAGE = hashlib.sha256(b"package")
DIGEST, OTHER = (base64.b64encode(digest.digest()).decode() for digest in (PACKAGE, hashlib.sha256(b"other")))
ASKED = Asked(
    "mail-forwarder",
    "eu-west-1",
    ("accounts.example.com",),
    "aws-accounts@accounts.example.com",
    "accounts.example.com",
    "mail-forwarder-map",
    2,
    code_sha256=DIGEST,
)
CALLER = Caller("111122223333", "arn:aws:iam::111122223333:role/deployer")
WELL: dict[str, str | None] = {"mail-forwarder": DIGEST, "mail-forwarder-release": DIGEST}
UPDATE = (
    "aws lambda update-function-code --function-name mail-forwarder-release"
    f" --s3-bucket mail-forwarder-code-111122223333-eu-west-1 --s3-key forwarder-{PACKAGE.hexdigest()}.zip"
)


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        pytest.param({}, OK, ("All 2 functions run the package",), id="all of them"),
        pytest.param(
            {"mail-forwarder-release": OTHER}, FAIL, (OTHER, f"deployed has {DIGEST}", UPDATE), id="other code"
        ),
        pytest.param({"mail-forwarder": None}, FAIL, ("no function mail-forwarder.", "Run teardown"), id="deleted"),
    ],
)
def test_every_function_runs_the_package_that_was_deployed(
    found: dict[str, str | None], status: str, words: tuple[str, ...]
) -> None:
    judged = judge_code(ASKED, {**WELL, **found}, CALLER)
    assert (judged.status, judged.evidence) == (status, {"functions": {**WELL, **found}})
    said = f"{judged.what} {judged.why} {judged.remedy}"
    assert [each for each in words if each not in said] == []
