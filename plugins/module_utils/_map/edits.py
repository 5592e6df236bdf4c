# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be changed of an address and what its record becomes. Pure, nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._errors import ConflictError, InputError
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import each_once
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    ACTIVE,
    RETIRED,
    VENDED,
    AddressRecord,
    account_key,
    address_key,
    merged_contacts,
)
from ansible_collections.account_factory.email.plugins.module_utils._tags import merged_tags

from .fields import (
    EDITED,
    check_contacts,
    check_outside,
    check_owned,
    checked_address,
    checked_mailbox,
    checked_mailboxes,
    checked_values,
    named_mailboxes,
)

# The options that change the owners that an address has when the edit is written, whoever they are by then.
OWNER_CHANGES = ("add_owners", "remove_owners", "replace_owner")


@dataclass(frozen=True)
class OwnerChange:
    """A change of the owners that a record has: first ``replaced`` by ``replacements``, then removed, then added.

    Whoever is to be replaced is replaced among the fallback owners and contacts, too. What is not there is not removed
    or replaced.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: str | None = None
    replacements: tuple[str, ...] = ()

    def owners(self, record: AddressRecord) -> tuple[str, ...]:
        """Return the record's owners after the change, of whom none may be left."""
        gone = {owner.lower() for owner in self.removed}
        kept = [owner for owner in self._with_replacements(record.owners) if owner.lower() not in gone]
        return each_once([*kept, *self.added])

    def is_in(self, record: AddressRecord) -> bool:
        """Return whether the record names whoever is to be replaced."""
        return record.has_mailbox((self.replaced or "").lower())

    def fallback_owners(self, record: AddressRecord) -> tuple[str, ...]:
        return self._with_replacements(record.fallback_owners)

    def contacts(self, record: AddressRecord) -> dict[str, tuple[str, ...]]:
        return {kind: self._with_replacements(mailboxes) for kind, mailboxes in record.contacts.items()}

    def _with_replacements(self, owners: Sequence[str]) -> tuple[str, ...]:
        old = (self.replaced or "").lower()
        return each_once([new for owner in owners for new in (self.replacements if owner.lower() == old else (owner,))])


@dataclass(frozen=True)
class Edit:
    """A change to one record, checked and normalised by ``build_edit``.

    ``values`` are those of the fields (``fields.EDITED``) that are set; others are not touched.
    """

    address: str
    values: Mapping[str, Any] = field(default_factory=dict)
    owner_change: OwnerChange | None = None
    purge_tags: bool = True
    retire: bool = False
    restore: bool = False

    @property
    def key(self) -> str:
        """The key of the item by which the address is found."""
        return address_key(self.address)

    @property
    def depends_on(self) -> list[str]:
        """Return the keys of the items that the edit depends on."""
        account_id = self.values.get("account_id")
        return [self.key, *([account_key(account_id)] if account_id else [])]

    def check_mailboxes(self, vended_domains: Collection[str]) -> None:
        """Raise InputError where an owner lies in a vended domain: its mail would create a mail loop."""
        domains = {*vended_domains, addresses.split(self.address)[1]}
        for option, mailboxes in named_mailboxes(self.values):
            check_outside(option, mailboxes, domains)
        if self.owner_change:
            check_outside("add_owners", self.owner_change.added, domains)
            check_outside("replace_owner.new", self.owner_change.replacements, domains)


def build_edit(options: Mapping[str, Any]) -> Edit:
    """Return the edit that a task's options make; raise InputError naming the option that cannot work."""
    address = checked_address(options["address"])
    if options["state"] == "absent":
        return _retirement(address, options)
    values = checked_values(options, EDITED)
    check_contacts(address, values.get("contacts", {}))
    # An address of its own may be written in a domain that is not known yet; it is vended in all the same.
    edit = Edit(address, values, _owner_change(options), options["purge_tags"], restore=options["restore"])
    edit.check_mailboxes(())
    return edit


def _retirement(address: str, options: Mapping[str, Any]) -> Edit:
    names = (*(each.name for each in EDITED), *OWNER_CHANGES)
    given = [name for name in names if options[name] is not None]
    if given or options["restore"]:
        raise InputError(
            f"{(given or ['restore'])[0]}: has no place beside state absent, which keeps a record as it is; edit the"
            " address first, or omit the option"
        )
    return Edit(address, retire=True)


def _owner_change(options: Mapping[str, Any]) -> OwnerChange | None:
    given = [name for name in OWNER_CHANGES if options[name] is not None]
    if not given:
        return None
    if options["owners"] is not None:
        raise InputError(f"{given[0]}: has no place beside owners, which is the whole list; give one of them")
    added = checked_mailboxes("add_owners", options["add_owners"] or ())
    removed = checked_mailboxes("remove_owners", options["remove_owners"] or ())
    both = {owner.lower() for owner in added} & {owner.lower() for owner in removed}
    if both:
        raise InputError(f"remove_owners: {min(both)!r} is in add_owners, too; omit one of them")
    replace_owner = options["replace_owner"]
    if replace_owner is None:
        return OwnerChange(added, removed)
    replacement = build_replacement(
        "replace_owner.old", replace_owner["old"], "replace_owner.new", replace_owner["new"]
    )
    return replace(replacement, added=added, removed=removed)


def build_replacement(old_option: str, old: str, new_option: str, new: Sequence[str]) -> OwnerChange:
    """Return the change that replaces one owner by others; raise InputError naming the option that cannot work."""
    replaced = checked_mailbox(old_option, old)
    replacements = checked_mailboxes(new_option, new)
    if not replacements:
        raise InputError(f"{new_option}: is empty; name who gets the mail now")
    if replaced.lower() in (owner.lower() for owner in replacements):
        raise InputError(f"{new_option}: {replaced!r} is who is to be replaced; name only the others")
    return OwnerChange(replaced=replaced, replacements=replacements)


def apply_edit(record: AddressRecord, edit: Edit) -> AddressRecord:
    """Return the record as the edit leaves it: the same object where nothing changes, else a new version, unsigned."""
    edited = replace(record, status=RETIRED) if edit.retire else replace(record, **_wanted(record, edit))
    if edited == record:
        return record
    return replace(edited, version=record.version + 1)


def touched(record: AddressRecord, edit: Edit) -> dict[str, Any]:
    """Return the record's values of the fields that the edit sets, to tell whether somebody else changed them.

    Owners that are added, removed or replaced are not among them: that applies whoever else changes owners.
    """
    names = ("status",) if edit.retire or edit.restore else ()
    values = {name: getattr(record, name) for name in (*names, *edit.values)}
    kinds = {kind: record.contacts.get(kind) for kind in edit.values.get("contacts", ())}
    return {**values, **({"contacts": kinds} if kinds else {})}


def is_too_late(edit: Edit, first: AddressRecord, before: AddressRecord, after: AddressRecord) -> bool:
    """Return whether the edit would undo what another has made of the same fields since the record was first read."""
    return before != after and touched(before, edit) != touched(first, edit)


def too_late(record: AddressRecord) -> InputError:
    """Return what to tell whoever is too late; the record is what the other made of it."""
    return ConflictError(
        f"{record.address} was changed by {record.updated_by} at {record.updated_at}, while this task ran, in the same"
        " fields; nothing was written here. Look at what it holds now and run the task again if it still applies"
    )


def _wanted(record: AddressRecord, edit: Edit) -> dict[str, Any]:
    """Return the fields that the edit sets, with their new values."""
    wanted = dict(edit.values)
    if edit.owner_change:
        wanted["owners"] = edit.owner_change.owners(record)
        wanted.setdefault("fallback_owners", edit.owner_change.fallback_owners(record))
    present = edit.owner_change.contacts(record) if edit.owner_change else record.contacts
    wanted["contacts"] = merged_contacts(present, wanted.get("contacts", {}))
    _check_somebody_owns(record, edit, wanted)
    if "tags" in wanted and not edit.purge_tags:
        wanted["tags"] = merged_tags(record.tags, wanted["tags"])
    account_id = wanted.get("account_id")
    if account_id is not None and record.account_id not in (None, account_id):
        raise ConflictError(
            f"account_id: {record.address} belongs to account {record.account_id} for life; it cannot be given to"
            f" {account_id}. Vend a new address for that account"
        )
    wanted["status"] = _status(record, edit)
    return wanted


def _check_somebody_owns(record: AddressRecord, edit: Edit, wanted: Mapping[str, Any]) -> None:
    """Raise InputError where the edit would leave nobody to get the mail."""
    if not {"owners", "owner_groups"} & {*wanted}:
        return
    after = {"owners": record.owners, "owner_groups": record.owner_groups, **wanted}
    if edit.owner_change and not after["owners"] and not after["owner_groups"]:
        raise InputError(
            f"remove_owners: nobody would be left to get the mail of {record.address}; give others as add_owners,"
            " or retire the address"
        )
    check_owned(after)


def _status(record: AddressRecord, edit: Edit) -> str:
    """Return the status that the edit leads to; raise InputError where it cannot be had."""
    given, edited_id = edit.values.get("status"), edit.values.get("account_id")
    if record.status == RETIRED:
        _check_restored(record, edit, edited_id)
    account_id = edited_id or record.account_id
    if given == VENDED and account_id is not None:
        raise ConflictError(
            f"status: {record.address} belongs to account {account_id}, so it is {ACTIVE}, not {VENDED}"
        )
    if given is not None:
        return str(given)
    if edited_id is not None:
        return ACTIVE
    if record.status == RETIRED:
        return VENDED if record.account_id is None else ACTIVE
    return record.status


def _check_restored(record: AddressRecord, edit: Edit, account_id: str | None) -> None:
    """Raise InputError unless the edit brings a retired record back, and to the account that had it."""
    if not edit.restore:
        raise ConflictError(
            f"address: {record.address} is retired, and what it was is kept as it is. Set restore to bring it back to"
            " its own account"
        )
    if record.account_id is not None and account_id is None:
        raise ConflictError(
            f"account_id: {record.address} belongs to an account for life; name it to bring the address back to it"
        )
    if record.account_id is None and account_id is not None:
        raise ConflictError(
            f"account_id: {record.address} was retired without an account, and is not brought back for another one."
            " Restore it without account_id if it is wanted again for its own request, or vend a new address"
        )
