# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of an account: what they are to be, and making them so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from . import api
from .calls import Connection


@dataclass(frozen=True)
class TagPlan:
    """The tags before and after, None where they are not asked about, and what to do."""

    before: dict[str, str] | None
    after: dict[str, str] | None
    to_set: dict[str, str]
    to_remove: list[str]


def unchanged(tags: Mapping[str, str] | None) -> TagPlan:
    """Return the plan for an account that has the tags, or gets them with its creation."""
    shown = None if tags is None else dict(tags)
    return TagPlan(shown, shown, {}, [])


def plan_tags(connection: Connection, account_id: str, tags: Mapping[str, str], purge: bool) -> TagPlan:
    """Return what gives the account its tags."""
    before = api.list_tags(connection, account_id)
    to_set, to_remove = compare_aws_tags(before, dict(tags), purge)
    kept = {key: value for key, value in before.items() if key not in to_remove}
    return TagPlan(before, {**kept, **to_set}, to_set, to_remove)


def apply_tags(connection: Connection, account_id: str, plan: TagPlan) -> None:
    """Do what is planned. Tags are removed first: an account has room for 50."""
    if plan.to_remove:
        api.untag_account(connection, account_id, plan.to_remove)
    if plan.to_set:
        api.tag_account(connection, account_id, plan.to_set)
