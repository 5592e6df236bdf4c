# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets a copy, for every kind of envelope recipient."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._record import ACTIVE, RETIRED, AddressRecord
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain
from forwarder.core.recipients import (
    Delivery,
    Found,
    LookUp,
    RecordError,
    Resolution,
    Standing,
    admin_of,
    deliveries,
    in_place_of,
    resolve,
)

from .conftest import SETTINGS as DEFAULTS

ADMIN = "admin@example.com"
SETTINGS = dataclasses.replace(DEFAULTS, from_address="Aws-Accounts@a.example.com", admin_address=ADMIN)
MAP = {
    record.address: record
    for record in (
        AddressRecord("one@a.example.com", "one", "a.example.com", ("ann@example.com", "bob@example.com")),
        AddressRecord("two@a.example.com", "two", "a.example.com", ("ann@example.com",)),
        AddressRecord("two+plus@a.example.com", "two-plus", "a.example.com", ("eve@example.com",)),
        AddressRecord("gone@a.example.com", "gone", "a.example.com", ("ann@example.com",), RETIRED),
        AddressRecord("held@a.example.com", "held", "a.example.com", ("ann@example.com",), ACTIVE, forwarding=False),
        AddressRecord("held+open@a.example.com", "held-open", "a.example.com", ("eve@example.com",)),
        AddressRecord("two+held@a.example.com", "two-held", "a.example.com", ("eve@example.com",), forwarding=False),
        AddressRecord("both@a.example.com", "both", "a.example.com", ("ann@example.com",), RETIRED, forwarding=False),
        AddressRecord("held-empty@a.example.com", "held-empty", "a.example.com", (), forwarding=False),
        AddressRecord("empty@a.example.com", "empty", "a.example.com", ()),
    )
}


def reader(records: Mapping[str, AddressRecord], **domains: VendedDomain) -> LookUp:
    """Return what looks a recipient up among records, with domains by their first label."""

    def look_up(keys: Sequence[str]) -> Found:
        domain = domains.get(keys[0].partition("@")[2].partition(".")[0], VendedDomain())
        found = next((key for key in keys if key in records), None)
        return Found(domain, found, records[found]) if found else Found(domain)

    return look_up


@pytest.mark.parametrize(
    ("recipient", "address", "reason", "mailboxes"),
    [
        pytest.param(
            "one@a.example.com", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="known"
        ),
        pytest.param(
            "ONE@A.Example.com", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="case"
        ),
        pytest.param(
            '"one"@a.example.com', "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="quoted"
        ),
        pytest.param(
            '"o\\ne"@a.example.com', "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="escaped"
        ),
        pytest.param(
            "one@a.example.com.", "one@a.example.com", "owner", ("ann@example.com", "bob@example.com"), id="dot"
        ),
        pytest.param("two+x+y@a.example.com", "two@a.example.com", "owner", ("ann@example.com",), id="tag"),
        pytest.param(
            "two+plus@a.example.com", "two+plus@a.example.com", "owner", ("eve@example.com",), id="plus, exact first"
        ),
        pytest.param("nobody@a.example.com", "nobody@a.example.com", "unknown", (ADMIN,), id="unknown"),
        pytest.param("one@other.example", "one@other.example", "unknown", (ADMIN,), id="another domain"),
        pytest.param("one", "one", "unknown", (ADMIN,), id="no @"),
        pytest.param("gone@a.example.com", "gone@a.example.com", "retired", (ADMIN,), id="retired"),
        pytest.param("gone+x@a.example.com", "gone@a.example.com", "retired", (ADMIN,), id="retired, tag"),
        pytest.param("both@a.example.com", "both@a.example.com", "retired", (ADMIN,), id="retired and suspended"),
        pytest.param("Held@a.example.com", "held@a.example.com", "suspended", (ADMIN,), id="suspended"),
        pytest.param("held+x@a.example.com", "held@a.example.com", "suspended", (ADMIN,), id="suspended, tag"),
        pytest.param(
            "held+open@a.example.com",
            "held+open@a.example.com",
            "owner",
            ("eve@example.com",),
            id="plus, exact first, of a suspended one",
        ),
        pytest.param(
            "two+held@a.example.com", "two+held@a.example.com", "suspended", (ADMIN,), id="plus, exact first, suspended"
        ),
        pytest.param(
            "held-empty@a.example.com", "held-empty@a.example.com", "suspended", (ADMIN,), id="suspended, no owners"
        ),
        pytest.param("Postmaster@a.example.com", "postmaster@a.example.com", "reserved", (ADMIN,), id="postmaster"),
        pytest.param("abuse@a.example.com", "abuse@a.example.com", "reserved", (ADMIN,), id="abuse"),
        pytest.param("aws-accounts@a.example.com", "aws-accounts@a.example.com", "own-address", (ADMIN,), id="our own"),
        pytest.param(
            "aws-accounts+b@a.example.com", "aws-accounts+b@a.example.com", "own-address", (ADMIN,), id="our own, tag"
        ),
    ],
)
@pytest.mark.parametrize("catch_all", [True, False], ids=["catch-all", "drop"])
def test_a_recipient_is_resolved(
    recipient: str, address: str, reason: str, mailboxes: tuple[str, ...], catch_all: bool
) -> None:
    expected = mailboxes if catch_all or reason == "owner" else ()
    settings = dataclasses.replace(SETTINGS, catch_all=catch_all)
    found = resolve(recipient, reader(MAP), settings)
    assert found == Resolution(recipient, address, Standing(reason), expected, found.fallbacks)
    assert found.fallbacks == (((ADMIN,),) if reason == "owner" else ())


def test_fallbacks_are_those_of_the_address_then_those_of_the_forwarder_then_the_admin() -> None:
    one = AddressRecord(
        "x@a.example.com", "x", "a.example.com", ("ann@example.com",), fallback_owners=("d@example.com",)
    )
    settings = dataclasses.replace(SETTINGS, fallback_owners=("e@example.com", "f@example.com"))
    found = resolve("x@a.example.com", reader({one.address: one}), settings)
    assert found.fallbacks == (("d@example.com",), ("e@example.com", "f@example.com"), (ADMIN,))


FIN, SOC, BOSS = "fin@example.com", "soc@example.com", "boss@example.com"
CONTACTED = {
    "one@a.example.com": AddressRecord(
        "one@a.example.com",
        "one",
        "a.example.com",
        ("ann@example.com",),
        fallback_owners=(BOSS,),
        contacts={"billing": (FIN, "ann@example.com"), "security": (SOC,)},
    ),
    "one+security@a.example.com": MAP["two+plus@a.example.com"],
    "gone@a.example.com": dataclasses.replace(MAP["gone@a.example.com"], contacts={"billing": (FIN,)}),
    "held@a.example.com": dataclasses.replace(MAP["held@a.example.com"], contacts={"billing": (FIN,)}),
    # Written by other means: no option takes it.
    "two+plus@a.example.com": dataclasses.replace(MAP["two+plus@a.example.com"], contacts={"plus": (FIN,)}),
}


@pytest.mark.parametrize(
    ("recipient", "mailboxes", "kind"),
    [
        pytest.param("one+billing@a.example.com", (FIN, "ann@example.com"), "billing", id="a contact"),
        pytest.param("ONE+Billing@A.example.com", (FIN, "ann@example.com"), "billing", id="in capitals"),
        pytest.param('"one+billing"@a.example.com', (FIN, "ann@example.com"), "billing", id="quoted"),
        pytest.param("one@a.example.com", ("ann@example.com",), None, id="no tag"),
        pytest.param("one+operations@a.example.com", ("ann@example.com",), None, id="a kind without contacts"),
        pytest.param("one+legal@a.example.com", ("ann@example.com",), None, id="no kind of AWS's"),
        pytest.param("one+billing+x@a.example.com", ("ann@example.com",), None, id="a longer tag"),
        pytest.param("one+x+billing@a.example.com", ("ann@example.com",), None, id="the last of two tags"),
        pytest.param("one+@a.example.com", ("ann@example.com",), None, id="an empty tag"),
        pytest.param("one+security@a.example.com", ("eve@example.com",), None, id="another address of the map"),
        pytest.param("two+plus@a.example.com", ("eve@example.com",), None, id="an address with a plus"),
        pytest.param("gone+billing@a.example.com", (ADMIN,), None, id="of a retired address"),
        pytest.param("held+billing@a.example.com", (ADMIN,), None, id="of a suspended address"),
        pytest.param("nobody+billing@a.example.com", (ADMIN,), None, id="of an unknown address"),
    ],
)
def test_a_contact_gets_the_mail_of_its_kind(recipient: str, mailboxes: tuple[str, ...], kind: str | None) -> None:
    found = resolve(recipient, reader(CONTACTED), dataclasses.replace(SETTINGS, catch_all=True))
    assert (found.mailboxes, found.contact) == (mailboxes, kind)


def test_the_owners_are_the_first_who_get_the_mail_of_contacts_that_fail_and_people_see_which_contact_it_is() -> None:
    found = resolve("One+Billing@a.example.com", reader(CONTACTED), SETTINGS)
    assert found.fallbacks == (("ann@example.com",), (BOSS,), (ADMIN,))
    # Ann is both, and has got it as a contact.
    assert in_place_of(found, {"ann@example.com"}, {FIN}, set()) == ()
    assert in_place_of(found, set(), {FIN, "ann@example.com"}, set()) == (BOSS,)
    security = dataclasses.replace(found, mailboxes=(SOC,))
    assert in_place_of(security, set(), {SOC}, set()) == ("ann@example.com",)
    delivery = found.delivery_to(FIN)
    assert delivery == Delivery(
        "One+Billing@a.example.com", "one@a.example.com", FIN, Standing.OWNER, contact="billing"
    )
    assert delivery.shown_address == "one+billing@a.example.com"
    assert dataclasses.replace(delivery, contact=None).shown_address == "one@a.example.com"


def test_who_is_a_contact_and_an_owner_gets_one_copy_of_a_mail_for_both() -> None:
    recipients = ["one@a.example.com", "one+billing@a.example.com"]
    found = deliveries([resolve(recipient, reader(CONTACTED), SETTINGS) for recipient in recipients])
    assert [(one.mailbox, one.contact) for one in found] == [("ann@example.com", None), (FIN, "billing")]


THEIR_ADMIN = "team@example.org"
THEIRS = VendedDomain(admin_address=THEIR_ADMIN, fallback_owners=("deputy@example.org",))


@pytest.mark.parametrize(
    ("domain", "catch_all", "mailboxes"),
    [
        pytest.param(VendedDomain(), True, (ADMIN,), id="the forwarder's own"),
        pytest.param(VendedDomain(), False, (), id="the forwarder's own, which drops"),
        pytest.param(THEIRS, True, (THEIR_ADMIN,), id="an admin of its own"),
        pytest.param(THEIRS, False, (), id="an admin of its own, and the forwarder drops"),
        pytest.param(dataclasses.replace(THEIRS, catch_all=True), False, (THEIR_ADMIN,), id="a catch-all of its own"),
        pytest.param(dataclasses.replace(THEIRS, catch_all=False), True, (), id="no catch-all of its own"),
        pytest.param(VendedDomain(catch_all=True), False, (ADMIN,), id="only a catch-all of its own"),
    ],
)
@pytest.mark.parametrize(
    "recipient", ["nobody", "gone", "held", "postmaster", "Aws-Accounts"], ids=lambda recipient: recipient.lower()
)
def test_what_no_owner_is_to_have_goes_where_its_domain_says(
    recipient: str, domain: VendedDomain, catch_all: bool, mailboxes: tuple[str, ...]
) -> None:
    settings = dataclasses.replace(SETTINGS, catch_all=catch_all)
    assert resolve(f"{recipient}@A.example.com", reader(MAP, a=domain), settings).mailboxes == mailboxes
    # A domain below it, one above and one beside it are others.
    for other in ("b.a.example.com", "example.com", "b.example.com"):
        expected = (ADMIN,) if catch_all else ()
        assert resolve(f"{recipient}@{other}", reader(MAP, a=domain), settings).mailboxes == expected


def test_fallbacks_of_a_domain_come_before_those_of_the_forwarder_and_its_admin_is_the_last() -> None:
    settings = dataclasses.replace(SETTINGS, fallback_owners=("e@example.com",))
    found = resolve("two@a.example.com", reader(MAP, a=THEIRS), settings)
    assert found.mailboxes == ("ann@example.com",)
    assert found.fallbacks == (("deputy@example.org",), ("e@example.com",), (THEIR_ADMIN,))


@pytest.mark.parametrize(
    ("whole_address", "admin"),
    [
        pytest.param("two@a.example.com", THEIR_ADMIN, id="its domain's"),
        pytest.param("two@b.example.com", ADMIN, id="the forwarder's"),
        pytest.param("two", ADMIN, id="no address"),
    ],
)
def test_the_admin_of_an_address(whole_address: str, admin: str) -> None:
    assert admin_of(whole_address, reader(MAP, a=THEIRS), SETTINGS) == admin


ANN, BOB, DEPUTY, SECOND, OTHERS = "Ann@x.org", "bob@x.org", "Deputy@x.org", "second@x.org", "others@x.org"
TEAM = Resolution("a@b.org", "a@b.org", Standing.OWNER, (ANN, BOB), ((DEPUTY, SECOND), (OTHERS,), (ADMIN,)))
ALONE = Resolution("a@b.org", "a@b.org", Standing.OWNER, (ANN,), ((ADMIN,),))
NOBODYS = Resolution("a@b.org", "a@b.org", Standing.UNKNOWN, (ADMIN,))


@pytest.mark.parametrize(
    ("resolution", "reached", "failed", "failing", "expected"),
    [
        pytest.param(TEAM, "", "ann", "", (BOB,), id="an owner who was not sent it"),
        pytest.param(TEAM, "bob", "ann", "", (DEPUTY, SECOND), id="the owners have it: all of the first tier"),
        pytest.param(TEAM, "", "ann bob", "", (DEPUTY, SECOND), id="no owner is left"),
        pytest.param(TEAM, "", "ann", "bob", (DEPUTY, SECOND), id="the other owner fails, too"),
        pytest.param(TEAM, "bob deputy second", "ann", "", (), id="the first tier has it"),
        pytest.param(TEAM, "bob second", "ann deputy", "", (), id="one of the first tier has it"),
        pytest.param(TEAM, "bob", "ann deputy", "", (SECOND,), id="the rest of the first tier"),
        pytest.param(TEAM, "bob", "ann", "deputy", (SECOND,), id="one of the first tier fails"),
        pytest.param(TEAM, "bob", "ann deputy second", "", (OTHERS,), id="the second tier"),
        pytest.param(TEAM, "bob", "ann", "deputy second others", (ADMIN,), id="the last tier"),
        pytest.param(TEAM, "bob", "ann", "deputy second others admin", (ADMIN,), id="the last one is always tried"),
        pytest.param(TEAM, "bob", "ann deputy second others admin", "", None, id="nobody is left"),
        pytest.param(ALONE, "", "ann", "", (ADMIN,), id="an only owner"),
        pytest.param(ALONE, "admin", "ann", "", (), id="the admin has it"),
        pytest.param(ALONE, "", "ann admin", "", None, id="the admin's mailbox failed"),
        pytest.param(NOBODYS, "", "admin", "", None, id="nobody's mail"),
    ],
)
def test_who_gets_a_mail_in_the_place_of_a_mailbox_that_failed(
    resolution: Resolution, reached: str, failed: str, failing: str, expected: tuple[str, ...] | None
) -> None:
    def mailboxes(names: str) -> set[str]:
        return {ADMIN if name == "admin" else f"{name}@x.org" for name in names.split()}

    assert in_place_of(resolution, mailboxes(reached), mailboxes(failed), mailboxes(failing)) == expected


def test_a_record_without_owners_raises() -> None:
    with pytest.raises(RecordError, match=r"empty@a\.example\.com has no owners"):
        resolve("empty@a.example.com", reader(MAP), SETTINGS)


def test_each_address_and_owner_gets_one_copy() -> None:
    recipients = ["two@a.example.com", "nobody@a.example.com", "TWO+x@a.example.com", "one@a.example.com"]
    resolutions = [resolve(recipient, reader(MAP), SETTINGS) for recipient in recipients]
    assert deliveries(resolutions) == [
        Delivery("two@a.example.com", "two@a.example.com", "ann@example.com", Standing.OWNER),
        Delivery("nobody@a.example.com", "nobody@a.example.com", ADMIN, Standing.UNKNOWN),
        Delivery("one@a.example.com", "one@a.example.com", "ann@example.com", Standing.OWNER),
        Delivery("one@a.example.com", "one@a.example.com", "bob@example.com", Standing.OWNER),
    ]


def test_one_owner_written_twice_gets_one_copy() -> None:
    both = Resolution("one@a.example.com", "one@a.example.com", Standing.OWNER, ("Ann@example.com", "ann@example.com"))
    assert [delivery.mailbox for delivery in deliveries([both])] == ["Ann@example.com"]
