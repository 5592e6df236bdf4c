# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group of IAM Identity Center whose members own addresses, as the map keeps it: an item for each group, so that a
change of its members is one write, however many addresses name it.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from ._record import PARTITION_KEY

GROUP_PREFIX = "GROUP#"
# Identity Store API Reference, GroupId. AWS writes it in lower case, and so do we.
_GROUP_ID = re.compile(r"([0-9a-f]{10}-|)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
# Each of them gets a copy of every mail, which SES counts one by one.
MEMBERS_MAX = 50


class Refusal(str, Enum):
    """Why the members that Identity Center names were not taken over, and the last ones stay. A value is in the map."""

    # Nobody that could get mail is left in it.
    EMPTIED = "emptied"
    # It lost more of its members at once than is plausible.
    SHRUNK = "shrunk"
    # Identity Center does not have it any more.
    DELETED = "deleted"
    # It has more members than MEMBERS_MAX.
    TOO_LARGE = "too-large"


def normalise_group_id(group_id: str) -> str | None:
    """Return the id of a group in the form that is in its key; None for what is no such id."""
    text = group_id.strip().lower()
    return text if _GROUP_ID.fullmatch(text) else None


def group_key(group_id: str) -> str:
    """Return the key of a group's item; the id is normalised already."""
    return f"{GROUP_PREFIX}{group_id}"


@dataclass(frozen=True)
class OwnerGroup:
    """A group and the mailboxes of its members. Times are UTC in ISO 8601, ``version`` counts writes from 1.

    ``members_since`` is since when each mailbox has been in it. ``synced_at`` is when its members were last found to be
    these in Identity Center. ``refused`` is what a guard did not take over at ``refused_at``, and has not since.
    """

    group_id: str
    name: str = ""
    mailboxes: tuple[str, ...] = ()
    members_since: Mapping[str, str] = field(default_factory=dict)
    identity_store_id: str = ""
    synced_at: str = ""
    refused: Refusal | None = None
    refused_at: str | None = None
    version: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the group as plain JSON types, every field present."""
        refused = self.refused.value if self.refused else None
        return {
            **vars(self),
            "mailboxes": list(self.mailboxes),
            "members_since": dict(self.members_since),
            "refused": refused,
        }

    def to_item(self) -> dict[str, Any]:
        """Return the group as a DynamoDB item of Python values; a field that is not set has no attribute."""
        values = {name: value for name, value in self.to_dict().items() if value not in (None, "")}
        return {PARTITION_KEY: group_key(self.group_id), **values}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> OwnerGroup:
        """Return the group that an item of Python values holds; attributes that are not ours are left alone."""
        values = {name: item[name] for name in GROUP_FIELDS if name in item}
        values["mailboxes"] = tuple(str(one) for one in item.get("mailboxes", ()))
        values["members_since"] = dict(item.get("members_since", {}))
        values["version"] = int(item.get("version", 1))
        if item.get("refused") is not None:
            values["refused"] = Refusal(item["refused"])
        return cls(**values)


GROUP_FIELDS = tuple(each.name for each in fields(OwnerGroup))


def readable(items: Iterable[Mapping[str, Any]]) -> Iterator[OwnerGroup]:
    """Yield the groups that items of Python values hold; one that cannot be read, of a later release say, is none."""
    for item in items:
        with suppress(KeyError, TypeError, ValueError):
            yield OwnerGroup.from_item(item)


def each_once(mailboxes: Iterable[str]) -> tuple[str, ...]:
    """Return the mailboxes, each once whatever its case, as it was written first and in that order."""
    kept: dict[str, str] = {}
    for mailbox in mailboxes:
        kept.setdefault(mailbox.lower(), mailbox)
    return tuple(kept.values())


def members_of(group_ids: Iterable[str], groups: Mapping[str, OwnerGroup]) -> tuple[str, ...]:
    """Return the mailboxes of the members of the groups, each once; a group that is not known has none."""
    return each_once(mailbox for one in group_ids if one in groups for mailbox in groups[one].mailboxes)
