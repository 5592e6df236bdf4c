# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stack has of a plan."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.filter.managed_resources import managed_resources


def test_what_is_managed_is_named() -> None:
    ours, theirs = {"resource": "RecordMx1", "managed": True}, {"resource": "RecordDmarc1", "managed": False}
    domains = [
        {"resource": "Identity1", "managed": True, "records": [ours, theirs]},
        {"resource": "Identity2", "managed": False, "records": []},
    ]
    assert managed_resources({"domains": domains}) == ["Identity1", "RecordMx1"]
