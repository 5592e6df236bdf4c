# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be changed of an address, what becomes of its record, and what is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map import edits
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import apply_edit, touched
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp

LATER = Stamp("2026-11-21T10:00:00Z", "arn:aws:iam::123456789012:user/joe")
CREATED = "2026-11-21T09:30:00Z"
RECORD = AddressRecord(
    address="app-001@accounts.example.com",
    account_name="App-001",
    domain="accounts.example.com",
    owners=("jane@example.org",),
    created_at=CREATED,
    updated_at=CREATED,
)
NOTHING: dict[str, Any] = {
    "state": "present",
    "address": RECORD.address,
    "owners": None,
    "owner_groups": None,
    "fallback_owners": None,
    "contacts": None,
    "add_owners": None,
    "remove_owners": None,
    "replace_owner": None,
    "account_type": None,
    "tags": None,
    "purge_tags": True,
    "account_id": None,
    "create_account_request_id": None,
    "status": None,
    "forwarding": None,
    "restore": False,
}
GROUP = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
OURS, OTHER = "111111111111", "222222222222"


def edit(**options: Any) -> edits.Edit:
    return edits.build_edit({**NOTHING, **options})


def after(record: AddressRecord, **options: Any) -> AddressRecord:
    return Change(record, apply_edit(record, edit(**options))).signed(LATER).after


@pytest.mark.parametrize(
    ("record", "change", "expected"),
    [
        pytest.param({}, {"owners": ["joe@example.org"]}, {"owners": ("joe@example.org",)}, id="owners"),
        pytest.param(
            {},
            {"fallback_owners": ["Team@example.org"]},
            {"fallback_owners": ("Team@example.org",)},
            id="fallback owners",
        ),
        pytest.param(
            {"fallback_owners": ("team@example.org",)},
            {"fallback_owners": []},
            {"fallback_owners": ()},
            id="no fallback",
        ),
        pytest.param(
            {},
            {"contacts": {"billing": ["Fin@example.org", "fin@example.org"], "operations": None, "security": []}},
            {"contacts": {"billing": ("Fin@example.org",)}},
            id="a contact",
        ),
        pytest.param(
            {"contacts": {"billing": ("fin@example.org",), "security": ("soc@example.org",)}},
            {"contacts": {"billing": ["team@example.org"], "operations": ["ops@example.org"]}},
            {
                "contacts": {
                    "billing": ("team@example.org",),
                    "security": ("soc@example.org",),
                    "operations": ("ops@example.org",),
                }
            },
            id="contacts of other kinds stay",
        ),
        pytest.param(
            {"contacts": {"billing": ("fin@example.org",), "security": ("soc@example.org",)}},
            {"contacts": {"security": []}},
            {"contacts": {"billing": ("fin@example.org",)}},
            id="no contact of a kind",
        ),
        pytest.param({}, {"account_type": "prod"}, {"account_type": "prod"}, id="type"),
        pytest.param({"tags": {"a": "1"}}, {"tags": {"b": "2"}}, {"tags": {"b": "2"}}, id="tags replace"),
        pytest.param(
            {"tags": {"a": "1"}},
            {"tags": {"b": "2"}, "purge_tags": False},
            {"tags": {"a": "1", "b": "2"}},
            id="tags add",
        ),
        pytest.param(
            {}, {"account_id": "123456789012"}, {"account_id": "123456789012", "status": "active"}, id="account id"
        ),
        pytest.param(
            {},
            {"create_account_request_id": "car-0123456789"},
            {"create_account_request_id": "car-0123456789"},
            id="creation request",
        ),
        pytest.param({}, {"status": "active"}, {"status": "active"}, id="active without an account id"),
        pytest.param({"status": "active"}, {"status": "vended"}, {"status": "vended"}, id="not active after all"),
        pytest.param({}, {"forwarding": False}, {"forwarding": False}, id="suspended"),
        pytest.param({"forwarding": False}, {"forwarding": True}, {"forwarding": True}, id="taken up again"),
        pytest.param({}, {"state": "absent"}, {"status": "retired"}, id="retired"),
        pytest.param(
            {"account_id": OURS, "status": "active"}, {"state": "absent"}, {"status": "retired"}, id="active, retired"
        ),
        pytest.param({"status": "retired"}, {"restore": True}, {"status": "vended"}, id="restored, had no account"),
        pytest.param(
            {"status": "retired", "account_id": OURS},
            {"restore": True, "account_id": OURS},
            {"status": "active"},
            id="restored to its account",
        ),
        pytest.param(
            {"status": "retired"},
            {"restore": True, "owners": ["joe@example.org"]},
            {"status": "vended", "owners": ("joe@example.org",)},
            id="restored with another owner",
        ),
    ],
)
def test_an_edit_changes_just_what_it_names(
    record: dict[str, Any], change: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = replace(RECORD, **record)
    edited = after(before, **change)
    signed: dict[str, Any] = {
        "version": 2,
        "updated_at": LATER.at,
        "updated_by": LATER.by,
        "owners_since": edited.owners_since,
    }
    assert edited == replace(before, **expected, **signed)
    assert after(edited, **change) is edited


@pytest.mark.parametrize(
    ("record", "change", "expected"),
    [
        pytest.param({}, {"account_type": "prod"}, {"jane@example.org": CREATED}, id="who stays"),
        pytest.param(
            {},
            {"add_owners": ["joe@example.org"]},
            {"jane@example.org": CREATED, "joe@example.org": LATER.at},
            id="who is added",
        ),
        pytest.param({}, {"owners": ["joe@example.org"]}, {"joe@example.org": LATER.at}, id="who is replaced"),
        pytest.param({}, {"owners": ["Jane@example.org"]}, {"Jane@example.org": CREATED}, id="written otherwise"),
        pytest.param(
            {},
            {"fallback_owners": ["team@example.org"]},
            {"jane@example.org": CREATED, "team@example.org": LATER.at},
            id="a fallback owner",
        ),
        pytest.param(
            {},
            {"contacts": {"security": ["soc@example.org"]}},
            {"jane@example.org": CREATED, "soc@example.org": LATER.at},
            id="a contact",
        ),
        pytest.param(
            {"fallback_owners": ("team@example.org",), "owners_since": {"team@example.org": "2026-11-21T09:40:00Z"}},
            {"owners": ["team@example.org"], "fallback_owners": []},
            {"team@example.org": "2026-11-21T09:40:00Z"},
            id="a fallback owner who becomes an owner",
        ),
        pytest.param(
            {"version": 3},
            {"add_owners": ["joe@example.org"]},
            {"joe@example.org": LATER.at},
            id="not known of a record that an earlier release changed",
        ),
    ],
)
def test_a_record_keeps_since_when_each_mailbox_gets_its_mail(
    record: dict[str, Any], change: dict[str, Any], expected: dict[str, str]
) -> None:
    assert after(replace(RECORD, **record), **change).owners_since == expected


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"address": "nobody"}, "address: 'nobody' is not an email", id="address"),
        pytest.param({"address": ""}, "address: '' is not an email", id="empty address"),
        pytest.param({"account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "is not an AWS account id", id="other digits"),
        pytest.param({"create_account_request_id": "x"}, "'x' is not the id of an account's creation", id="car id"),
        pytest.param({"account_type": ""}, "account_type: is empty", id="empty type"),
        pytest.param({"account_id": "12345"}, "account_id: '12345' is not an AWS account id", id="account id"),
        pytest.param({"contacts": {"security": ["x"]}}, r"contacts\.security\[0\]: 'x' is not an email", id="contact"),
        pytest.param(
            {"contacts": {"billing": ["a@example.org", "x@accounts.example.com"]}},
            r"contacts\.billing\[1\]: .* vended domain",
            id="contact loop",
        ),
        pytest.param(
            {"address": "pay+roll@accounts.example.com", "contacts": {"billing": ["fin@example.org"]}},
            r"contacts: pay\+roll@accounts\.example\.com has a '\+' itself",
            id="contact that no mail reaches",
        ),
        pytest.param({"owner_groups": ["Leads"]}, r"owner_groups\[0\]: 'Leads' is not the id of a group", id="group"),
        pytest.param({"fallback_owners": ["x"]}, r"fallback_owners\[0\]: 'x' is not an email", id="fallback owner"),
        pytest.param(
            {"fallback_owners": ["x@accounts.example.com"]},
            r"fallback_owners\[0\]: .* vended domain",
            id="fallback loop",
        ),
        pytest.param(
            {"owners": ["a@z.example"], "add_owners": ["b@z.example"]}, "add_owners: has no place beside", id="both"
        ),
        pytest.param({"add_owners": ["x"]}, r"add_owners\[0\]: 'x' is not an email", id="add no address"),
        pytest.param(
            {"add_owners": ["x@accounts.example.com"]}, r"add_owners\[0\]: .* create a mail loop", id="add a loop"
        ),
        pytest.param(
            {"add_owners": ["A@z.example"], "remove_owners": ["a@z.example"]},
            "remove_owners: 'a@z.example'",
            id="in both",
        ),
        pytest.param(
            {"replace_owner": {"old": "x", "new": ["a@z.example"]}}, "replace_owner.old: 'x' is not", id="replace whom"
        ),
        pytest.param(
            {"replace_owner": {"old": "a@z.example", "new": []}}, "replace_owner.new: is empty", id="replaced by nobody"
        ),
        pytest.param(
            {"replace_owner": {"old": "a@z.example", "new": ["A@z.example"]}},
            "replace_owner.new: 'a@z.example' is who",
            id="replaced by the same",
        ),
        pytest.param(
            {"owners": ["x@accounts.example.com"]}, r"owners\[0\]: .* vended domain", id="owner in its domain"
        ),
        pytest.param(
            {"state": "absent", "owners": ["a@z.example"]}, "owners: has no place beside", id="retire, owners"
        ),
        pytest.param({"state": "absent", "restore": True}, "restore: has no place beside", id="retire and restore"),
    ],
)
def test_edit_refuses(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        edit(**options)


@pytest.mark.parametrize(
    ("record", "change", "says"),
    [
        pytest.param(
            {"account_id": OURS, "status": "active"},
            {"account_id": OTHER},
            f"account_id: .* belongs to account {OURS} for life",
            id="another account",
        ),
        pytest.param(
            {"account_id": OURS, "status": "active"},
            {"status": "vended"},
            f"status: .* belongs to account {OURS}, so it is active",
            id="not active in spite of an account",
        ),
        pytest.param({}, {"status": "vended", "account_id": OURS}, "status: .* belongs", id="both at once"),
        pytest.param(
            {"status": "retired"}, {"owners": ["a@z.example"]}, "address: .* is retired", id="edit of a retired"
        ),
        pytest.param({"status": "retired"}, {"account_id": OURS}, "address: .* is retired", id="account for a retired"),
        pytest.param(
            {"status": "retired", "account_id": OURS},
            {"restore": True},
            "account_id: .* name it",
            id="restored, account not named",
        ),
        pytest.param(
            {"status": "retired", "account_id": OURS},
            {"restore": True, "account_id": OTHER},
            f"account_id: .* belongs to account {OURS} for life",
            id="restored to another account",
        ),
        pytest.param(
            {"status": "retired"},
            {"restore": True, "account_id": OTHER},
            "account_id: .* retired without an account",
            id="restored for an account that it never had",
        ),
        pytest.param(
            {"tags": {f"k{index}": "" for index in range(50)}},
            {"tags": {"one more": ""}, "purge_tags": False},
            "tags: 51 given",
            id="one tag too many with those that stay",
        ),
    ],
)
def test_an_edit_that_the_record_does_not_allow(record: dict[str, Any], change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}"):
        after(replace(RECORD, **record), **change)


def test_restoring_what_is_not_retired_changes_nothing() -> None:
    assert after(RECORD, restore=True) is RECORD


@pytest.mark.parametrize(
    ("change", "names"),
    [
        pytest.param({"owners": ["a@z.example"]}, {"owners"}, id="owners"),
        pytest.param({"forwarding": False, "tags": {}}, {"forwarding", "tags"}, id="two"),
        pytest.param({"state": "absent"}, {"status"}, id="retire"),
        pytest.param({"restore": True, "account_type": "x"}, {"status", "account_type"}, id="restore"),
    ],
)
def test_the_fields_that_an_edit_touches(change: dict[str, Any], names: set[str]) -> None:
    assert touched(RECORD, edit(**change)) == {name: getattr(RECORD, name) for name in names}


JOE, ANN, TEAM = "joe@example.org", "ann@example.org", "team@example.org"


@pytest.mark.parametrize(
    ("owners", "change", "left"),
    [
        pytest.param([JOE], {"add_owners": [ANN]}, [JOE, ANN], id="added at the end"),
        pytest.param([JOE], {"add_owners": ["JOE@example.org"]}, [JOE], id="there already, in another case"),
        pytest.param([JOE, ANN], {"remove_owners": ["Ann@example.org"]}, [JOE], id="removed, in another case"),
        pytest.param([JOE], {"remove_owners": [ANN]}, [JOE], id="not there, not removed"),
        pytest.param([JOE], {"remove_owners": [JOE], "add_owners": [ANN]}, [ANN], id="the last one, for another"),
        pytest.param(
            [ANN, JOE, TEAM],
            {"replace_owner": {"old": "JOE@example.org", "new": ["x@z.example", "y@z.example"]}},
            [ANN, "x@z.example", "y@z.example", TEAM],
            id="replaced in place, by two",
        ),
        pytest.param(
            [ANN, JOE], {"replace_owner": {"old": JOE, "new": ["ANN@example.org"]}}, [ANN], id="by another owner"
        ),
        pytest.param([ANN], {"replace_owner": {"old": JOE, "new": [TEAM]}}, [ANN], id="not there, not replaced"),
        pytest.param(
            [ANN, JOE],
            {"replace_owner": {"old": JOE, "new": [TEAM]}, "remove_owners": [ANN], "add_owners": ["x@z.example"]},
            [TEAM, "x@z.example"],
            id="replaced, removed and added",
        ),
    ],
)
def test_owners_change_from_what_the_record_has(owners: list[str], change: dict[str, Any], left: list[str]) -> None:
    before = replace(RECORD, owners=tuple(owners))
    edited = after(before, **change)
    assert list(edited.owners) == left
    assert (edited is before) == (owners == left)
    assert after(edited, **change) is edited


def test_who_is_replaced_is_replaced_among_the_fallback_owners_too() -> None:
    before = replace(RECORD, owners=(ANN,), fallback_owners=(TEAM, JOE))
    edited = after(before, replace_owner={"old": JOE, "new": [ANN]})
    assert (edited.owners, edited.fallback_owners) == ((ANN,), (TEAM, ANN))


def test_who_is_replaced_is_replaced_among_the_contacts_too() -> None:
    before = replace(RECORD, owners=(ANN,), contacts={"billing": (JOE, TEAM), "security": (ANN,)})
    edited = after(before, replace_owner={"old": JOE.upper(), "new": [ANN, TEAM]})
    assert (edited.owners, edited.contacts) == ((ANN,), {"billing": (ANN, TEAM), "security": (ANN,)})
    # Who is removed from the owners may go on as a contact.
    kept = after(replace(before, owners=(ANN, JOE)), remove_owners=[JOE])
    assert kept.contacts == before.contacts


def test_another_kind_of_contact_that_changes_meanwhile_is_in_nobodys_way() -> None:
    first = replace(RECORD, contacts={"billing": (JOE,)})
    own = edit(contacts={"billing": [ANN]})
    another, same = (replace(first, contacts={**first.contacts, kind: (TEAM,)}) for kind in ("security", "billing"))
    assert not edits.is_too_late(own, first, another, apply_edit(another, own))
    assert edits.is_too_late(own, first, same, apply_edit(same, own))


@pytest.mark.parametrize(
    ("groups", "change", "left"),
    [
        pytest.param((), {"owner_groups": [f" {GROUP.upper()} ", GROUP]}, ((ANN,), (GROUP,)), id="given, each once"),
        pytest.param((GROUP,), {"owners": []}, ((), (GROUP,)), id="no owner, but a group"),
        pytest.param((), {"owners": [], "owner_groups": [GROUP]}, ((), (GROUP,)), id="a group in the owners' place"),
        pytest.param((GROUP,), {"remove_owners": [ANN]}, ((), (GROUP,)), id="the last owner, but a group"),
        pytest.param((GROUP,), {"owner_groups": []}, ((ANN,), ()), id="no group, but an owner"),
    ],
)
def test_groups_own_an_address_beside_its_owners(
    groups: tuple[str, ...], change: dict[str, Any], left: tuple[tuple[str, ...], ...]
) -> None:
    edited = after(replace(RECORD, owners=(ANN,), owner_groups=groups), **change)
    assert (edited.owners, edited.owner_groups) == left


@pytest.mark.parametrize(
    ("owners", "groups", "change"),
    [
        pytest.param((ANN,), (), {"owners": []}, id="no owner"),
        pytest.param((), (GROUP,), {"owner_groups": []}, id="no group"),
        pytest.param((ANN,), (GROUP,), {"owners": [], "owner_groups": []}, id="neither"),
    ],
)
def test_somebody_owns_every_address(owners: tuple[str, ...], groups: tuple[str, ...], change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"^owners: is empty; an address needs at least one owner, or a group"):
        after(replace(RECORD, owners=owners, owner_groups=groups), **change)


def test_the_last_owner_is_not_removed() -> None:
    with pytest.raises(InputError, match=r"^remove_owners: nobody would be left .*app-001@accounts.example.com"):
        after(RECORD, remove_owners=["JANE@example.org"])


def test_owners_that_change_from_what_is_there_are_never_too_late() -> None:
    assert touched(RECORD, edit(add_owners=[JOE], account_type="x")) == {"account_type": None}
