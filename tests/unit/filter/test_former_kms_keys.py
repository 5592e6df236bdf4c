# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail stays readable that was encrypted with a key of before."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.filter.former_kms_keys import CREATE, former_kms_keys

A, B = "arn:aws:kms:eu-west-1:111122223333:key/a", "arn:aws:kms:eu-west-1:111122223333:key/b"


@pytest.mark.parametrize(
    ("asked", "current", "created", "former", "expected"),
    [
        pytest.param("", "", False, [""], [], id="never a key"),
        pytest.param(CREATE, "", False, [], [], id="the first, created"),
        pytest.param(A, "", False, [], [], id="the first, given"),
        pytest.param(CREATE, A, True, [], [], id="the one that was created stays"),
        pytest.param(A, A, False, [], [], id="the one that was given stays"),
        pytest.param("", A, True, [], [A], id="no longer one"),
        pytest.param("", "", False, [A], [A], id="no longer one, deployed again"),
        pytest.param(B, A, True, [], [A], id="given for created"),
        pytest.param(CREATE, A, False, [], [A], id="created for given"),
        pytest.param(A, B, False, [A], [B], id="back to the first"),
        pytest.param(A, A, True, [], [], id="the created one, now given by its ARN"),
        pytest.param(CREATE, "", False, [A, B], [A, B], id="a new one after two"),
    ],
)
def test_the_keys_of_before(asked: str, current: str, created: bool, former: list[str], expected: list[str]) -> None:
    assert former_kms_keys(asked, current=current, created=created, former=former) == expected
