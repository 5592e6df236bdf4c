# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change to the map as what it writes, and what has to hold for it to be written. Pure, nothing here calls AWS.

Each condition is said twice, to DynamoDB and in Python, so that check mode and plans judge as the table will.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import ConflictError, InputError
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    PARTITION_KEY,
    AddressRecord,
    Stamp,
    account_key,
    address_key,
    name_key,
    request_key,
)

Item = Mapping[str, Any]
# Returns the item that lies under a key, None where there is none.
Read: TypeAlias = "Callable[[str], Item | None]"


@dataclass(frozen=True)
class Condition:
    """What has to hold of an item: an expression of DynamoDB's with its values, and the same in Python.

    In the expression ``#key`` is the partition key.
    """

    expression: str
    holds: Callable[[Item | None], bool]
    values: Mapping[str, Any] = field(default_factory=dict)


def has_version(version: int) -> Condition:
    return Condition(
        "version = :version", lambda item: item is not None and item.get("version") == version, {":version": version}
    )


NOT_THERE = Condition("attribute_not_exists(#key)", lambda item: item is None)
# What keeps the local part of the forwarder's own address, in the place of an account's name.
NOT_THE_FORWARDERS = Condition(
    "attribute_not_exists(forwarder_address)", lambda item: "forwarder_address" not in (item or {})
)
NOT_AN_ACCOUNTS = Condition(
    "attribute_not_exists(#key) OR attribute_exists(forwarder_address)",
    lambda item: item is None or "forwarder_address" in item,
)


@dataclass(frozen=True)
class Action:
    """One item of a transaction: written under its condition, or (``writes`` False) only held to it."""

    item: Item
    condition: Condition = NOT_THERE
    writes: bool = True

    @property
    def key(self) -> str:
        return str(self.item[PARTITION_KEY])


@dataclass(frozen=True)
class Change:
    """A record before (None where it is new) and after; ``asked`` is the new one's request, to know it again by."""

    before: AddressRecord | None
    after: AddressRecord
    asked: Mapping[str, Any] | None = None

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def signed(self, stamp: Stamp) -> Change:
        """Return the change with when and by whom it is made, if it is one: plans are made without either."""
        if not self.changed:
            return self
        created: dict[str, Any] = {} if self.before else {"created_at": stamp.at, "created_by": stamp.by}
        since = owners_since(self.before, self.after, stamp.at)
        after = replace(self.after, updated_at=stamp.at, updated_by=stamp.by, owners_since=since, **created)
        return replace(self, after=after)

    def is_written(self, item: Item | None) -> bool:
        """Return whether the record's item is what this change wrote, whose answer was lost on its way.

        The change is then written once more, and meets what it wrote itself. A number of a series is drawn once, so
        that it tells even after another has edited the record.
        """
        if item is None or item == self.after.to_item():
            return item is not None
        drawn = self.before is None and self.after.request_id is not None and self.after.number is not None
        return drawn and (item.get("request_id"), item.get("number")) == (self.after.request_id, self.after.number)

    @cached_property
    def actions(self) -> list[Action]:
        """Return all that the change writes and demands: the request's own item first, then the record."""
        if not self.changed:
            return []
        account = _pointer(account_key(self.after.account_id), self.after) if self.after.account_id else None
        if self.before is None:
            return [*_creation(self.after, dict(self.asked or {})), *([account] if account else [])]
        is_new_account = account and self.before.account_id is None
        edited = Action(self.after.to_item(), has_version(self.before.version))
        return [edited, account] if account and is_new_account else [edited]


def owners_since(before: AddressRecord | None, after: AddressRecord, at: str) -> dict[str, str]:
    """Return since when each of a record's owners, fallback owners and contacts has been one; who is new, since ``at``.

    Letter case apart, so that writing a mailbox otherwise begins nothing. Who is no longer one is left out.
    """
    known = {mailbox.lower(): before.owner_since(mailbox) for mailbox in before.mailboxes} if before else {}
    since = {mailbox: known.get(mailbox.lower(), at) for mailbox in after.mailboxes}
    return {mailbox: moment for mailbox, moment in since.items() if moment}


def _creation(record: AddressRecord, asked: Item) -> list[Action]:
    by_name = name_key(record.account_name)
    if record.request_id is None:
        actions = [Action(record.to_item()), _pointer(by_name, record, asked)]
    else:
        request = _pointer(request_key(record.request_id), record, asked)
        actions = [request, Action(record.to_item()), _pointer(by_name, record)]
    local_part, domain = addresses.split(record.address)
    # The forwarder's own address is kept under its local part as a name.
    if name_key(local_part) != by_name:
        actions.append(Action({PARTITION_KEY: name_key(local_part)}, NOT_THE_FORWARDERS, writes=False))
    # What follows a "+" is a tag: the mail would be another account's.
    base, plus, _tag = local_part.partition("+")
    if plus and base:
        actions.append(Action({PARTITION_KEY: address_key(f"{base}@{domain}")}, writes=False))
    return actions


def _pointer(key: str, record: AddressRecord, asked: Item | None = None) -> Action:
    return Action({PARTITION_KEY: key, "address": record.address, **({} if asked is None else {"asked": asked})})


def unmet(change: Change, read: Read) -> str | None:
    """Return the key of the first item that stands in the way of the change, as a transaction would; None: nothing."""
    return next((action.key for action in change.actions if not action.condition.holds(read(action.key))), None)


def refusal(change: Change, key: str, read: Read) -> InputError:
    """Return what to tell the user when the item under ``key`` stands in the way of the change."""
    record = change.after
    there = read(key) or {}
    kind = key.partition("#")[0]
    if "forwarder_address" in there:
        return ConflictError(
            f"local_part: {there['forwarder_address']} is the forwarder's own address; its local part is never vended"
        )
    if key == address_key(record.address):
        return ConflictError(
            f"local_part: {record.address} is {there.get('status', 'vended')} already and is never vended again;"
            " choose another, or change this one by its address"
        )
    if kind == "ADDRESS":
        return ConflictError(
            f"local_part: mail for {record.address} is mail for {there.get('address')} with a tag, which is another"
            " account's; leave out the '+'"
        )
    text = {
        "ACCOUNT": f"account_id: account {record.account_id} has {there.get('address')}; an account has one address",
        "NAME": f"account_name: {record.account_name!r} is the name of {there.get('address')}; choose another",
        "REQUEST": f"request_id: {record.request_id!r} was used for {there.get('address')}; use another",
    }
    return ConflictError(text[kind])
