# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Organizations, the map and SES disagree on: the kinds of finding, each said once. Pure, no AWS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._safe_text import printable

# Mail of an account is lost or goes to the wrong people; it may be; the map says something that is not so.
HIGH, MEDIUM, LOW = "high", "medium", "low"
# Worst first.
SEVERITIES = (HIGH, MEDIUM, LOW)
# When a run ends as failed: where there is a finding of that severity, or of a worse one.
FAIL_ON = (*SEVERITIES, "never")
# Of a sentence, which may hold a name of 128 characters and some addresses.
_SHOWN_MAX = 1000


@dataclass(frozen=True)
class Value:
    """The place of a value of the finding in a command. Where it is not known, the name in capitals stands there.

    A variable whose value is optional is then omitted.
    """

    name: str
    is_optional: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of finding: how bad it is unless the finding says otherwise, what it means, and what mends it.

    ``play`` is the playbook of the collection that mends it, None where there is none. ``variables`` are what it is
    given: a ``Value`` is filled in from the finding. ``before`` is what to know before it is run. Without a play,
    ``command`` is the words of another command.
    """

    severity: str
    means: str
    play: str | None = None
    variables: Mapping[str, str | Value] = field(default_factory=dict)
    before: str = ""
    command: tuple[str | Value, ...] = ()


_ADDRESS, _ACCOUNT_ID, _DOMAIN, _OWNER = map(Value, ("address", "account_id", "domain", "owner"))
# Whoever runs the command names somebody: these are no mailboxes, so that the playbooks refuse them as they are.
_NEW_OWNER = Value("new_owner")
_OF_ADDRESS = {"account_factory_address": _ADDRESS}
_TRANSFER = {"account_factory_owner": _OWNER, "account_factory_new_owners": _NEW_OWNER}
_BOTH = {"account_factory_account_id": _ACCOUNT_ID, **_OF_ADDRESS}

KINDS: Mapping[str, Kind] = {
    "account_closed": Kind(
        MEDIUM,
        "The account is closed. Its mail goes on to its owners, as AWS writes for 90 days and more; the address is"
        " retired once the account is gone from the organization.",
        "close_account",
        {**_OF_ADDRESS, "account_factory_close_confirm": _ACCOUNT_ID},
        "Retires the address once the account is gone:",
    ),
    "account_gone": Kind(
        MEDIUM,
        "The organization does not list the account of the address any more: it was closed, and AWS has removed it, or"
        " it left with this address as its root email.",
        "retire_address",
        _OF_ADDRESS,
        "If it was closed, and not if it left, for then its mail still comes here:",
    ),
    "account_id_differs": Kind(
        HIGH,
        "The address is the root email of another account than the map says, so that its mail may go to people who"
        " have nothing to do with it.",
        "list_addresses",
        _OF_ADDRESS,
        "See whose it is, then edit its owners or give the account another address:",
    ),
    "account_id_missing": Kind(
        LOW,
        "An account has the address, and the map does not know which.",
        "edit_address",
        _BOTH,
    ),
    "domain_removed": Kind(
        HIGH,
        "The map vends no addresses in the domain any more, so that mail for the address is refused.",
        "deploy",
        {"mail_forwarder_domains": Value("domains")},
        "Deploy again with all domains, beside the other variables of your deployment:",
    ),
    "email_differs": Kind(
        HIGH,
        "The account has another root email than the map says, so that its mail goes elsewhere.",
        "adopt_account",
        _BOTH,
    ),
    "email_not_vended": Kind(
        MEDIUM,
        "The root email is not one of the map, so that nobody here knows who reads it.",
        "adopt_account",
        {
            "account_factory_account_id": _ACCOUNT_ID,
            "account_factory_account_name": Value("account_name", is_optional=True),
            "account_factory_local_part": Value("local_part"),
            "account_factory_domain": _DOMAIN,
            "account_factory_owners": _NEW_OWNER,
        },
    ),
    "email_unknown": Kind(
        HIGH,
        "The root email is in a domain of the map and not in the map, so that its mail has no owner, and whoever the"
        " address is vended to gets it.",
        "import_organization_accounts",
        {"account_factory_domains": _DOMAIN, "account_factory_owners": _NEW_OWNER},
        "Brings in all accounts of the domain:",
    ),
    "forwarding_suspended": Kind(
        MEDIUM,
        "Forwarding has been suspended for long, so that the owners do not get the mail.",
        "edit_address",
        {**_OF_ADDRESS, "account_factory_forwarding": "true"},
    ),
    "identity_unverified": Kind(
        HIGH,
        "SES has not verified the domain, so that mail for its addresses is refused.",
        "doctor",
        {"mail_forwarder_checks": "identity"},
        "Says what SES saw and which records to publish:",
    ),
    "name_differs": Kind(
        LOW,
        "The account has another name than the map says.",
        "adopt_account",
        {**_BOTH, "account_factory_rename": "true"},
        "Gives the account the name of the map:",
    ),
    "name_not_unique": Kind(
        LOW,
        "Several accounts or addresses have one name, so that people take one for the other.",
        before="Rename one of them:",
        command=(
            *("aws", "account", "put-account-name", "--account-id", _ACCOUNT_ID),
            *("--account-name", Value("new_name")),
        ),
    ),
    "no_owner": Kind(
        HIGH,
        "The address has no owner.",
        "edit_address",
        {**_OF_ADDRESS, "account_factory_owners": _NEW_OWNER},
    ),
    "ou_differs": Kind(
        LOW,
        "The account is not where accounts of its type are.",
        before="Move it, or correct the type that the map has for it:",
        command=(
            *("aws", "organizations", "move-account", "--account-id", _ACCOUNT_ID),
            *("--source-parent-id", Value("source"), "--destination-parent-id", Value("destination")),
        ),
    ),
    "owner_failing": Kind(
        MEDIUM,
        "Owners of the address do not get their mail: their mailboxes refuse it.",
        "transfer_owner",
        _TRANSFER,
        "Gives all addresses of the first of them to somebody else:",
    ),
    "owner_in_domain": Kind(
        HIGH,
        "An owner is in a domain of the map, so that the mail would come back to the forwarder.",
        "transfer_owner",
        _TRANSFER,
    ),
    "owner_unknown": Kind(
        MEDIUM,
        "An owner is none of those that are known.",
        "transfer_owner",
        _TRANSFER,
        "Gives all addresses of the first of them to somebody else:",
    ),
    "retired_active": Kind(
        HIGH,
        "The address is retired, and an account that is not closed has it, so that the mail of the account has no"
        " owner.",
        "edit_address",
        {
            **_OF_ADDRESS,
            "account_factory_account_id": Value("recorded_id", is_optional=True),
            "account_factory_restore": "true",
        },
    ),
    "root_recoverable": Kind(
        LOW,
        "A recovery of the root user was opened and not closed, so that whoever reads its mail can set its password.",
        "lock_root",
        {"account_factory_account_id": _ACCOUNT_ID, "account_factory_confirm_account_id": _ACCOUNT_ID},
        "Deletes the credentials of the root user:",
    ),
    "unused": Kind(
        LOW,
        "The address was vended long ago, and no account has it.",
        "retire_address",
        _OF_ADDRESS,
        "If no account is to be created with it:",
    ),
}

# What is said of the root email of the management account in the place of what the table has.
MANAGEMENT = Kind(
    LOW,
    KINDS["email_not_vended"].means,
    "drift",
    {"account_factory_ignore": _ACCOUNT_ID},
    "Only its root user can change it, in the console; if its mailbox is in good hands, ignore it:",
)

# What is said of a member of a group whose mailbox fails, whom nobody can replace here.
MEMBER = Kind(
    MEDIUM,
    KINDS["owner_failing"].means,
    "edit_address",
    {**_OF_ADDRESS, "account_factory_add_owners": _NEW_OWNER},
    "A member of a group is changed in the directory; meanwhile give the address an owner beside it:",
)


@dataclass(frozen=True)
class Finding:
    """Something on which Organizations, the map and SES disagree. Names and addresses are as they have them.

    ``what`` is a sentence. ``remedy`` ends with the command that mends it, or that says more. ``play`` is the
    collection's playbook in it. No field holds a time, so that two runs can be compared.
    """

    kind: str
    severity: str
    account_id: str | None
    account_name: str | None
    address: str | None
    expected: str | None
    found: str | None
    what: str
    remedy: str
    play: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as modules show it: the sentence, which holds words of strangers, is fit to be shown."""
        return {**vars(self), "what": printable(self.what, _SHOWN_MAX) or ""}

    def place(self) -> tuple[int, str, str, str, str, str]:
        """Return what puts findings in their order: worst first, then by kind, address and account."""
        return (
            SEVERITIES.index(self.severity),
            self.kind,
            self.address or "",
            self.account_id or "",
            self.expected or "",
            self.found or "",
        )


# The fields of a finding in their order, for tables of them.
FIELDS = tuple(Finding.__dataclass_fields__)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings worst first, whatever their order was, each once."""
    return sorted(set(findings), key=Finding.place)


def count(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    """Return how many findings there are of each severity, and of each kind that there is."""
    by_severity, by_kind = dict.fromkeys(SEVERITIES, 0), dict[str, int]()
    for finding in findings:
        by_severity[finding.severity] += 1
        by_kind[finding.kind] = by_kind.get(finding.kind, 0) + 1
    return {"by_severity": by_severity, "by_kind": dict(sorted(by_kind.items()))}


def failing(fail_on: str) -> tuple[str, ...]:
    """Return the severities with which a run ends as failed."""
    return SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
