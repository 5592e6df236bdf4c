# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of the SES identities that the forwarder sends as and receives for. Pure, standard library only.

Sources: Amazon SES API v2 Reference, GetEmailIdentity (VerificationStatus, VerificationInfo, DkimAttributes) and
ListEmailIdentities; Amazon SES Developer Guide, "Creating and verifying identities in Amazon SES".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._address import domains_above
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text

from .model import Asked, Judgement, Unread, fail, join, ok, skipped, warn

SUCCESS, FAILED = "SUCCESS", "FAILED"
# API v2 Reference, VerificationInfo, ErrorType.
_ERRORS = {
    "DNS_SERVER_ERROR": "the DNS server answered with an error",
    "HOST_NOT_FOUND": "DNS does not know the name of the records",
    "INVALID_VALUE": "the records are there with another value",
    "SERVICE_ERROR": "SES itself had an error",
    "TYPE_NOT_FOUND": "the name is there, with no record of that type",
}
_NO_SENDING = "SES sends only as identities that it has verified, so that no mail would be forwarded."
_UNSIGNED = "No signature of the domain's means that no DMARC check passes: owners' providers mark or reject the mail."
_FAILED = (
    " SES has stopped looking: once they are right, delete the identity and create it again (aws sesv2"
    " create-email-identity)."
)
_SHADOW = "SES sends as the most specific identity that there is, which for this address is not the domain."


def judge_identity(asked: Asked, identity: Mapping[str, Any] | None, identities: Sequence[Any] | Unread) -> Judgement:
    """Whether SES sends as the identity; what SES says of why not."""
    if identity is None:
        return _judge_missing(asked, identities)
    status = identity.get("VerificationStatus") or (SUCCESS if identity.get("VerifiedForSendingStatus") else "PENDING")
    seen = {"verification_status": status, **_looked(identity)}
    if not identity.get("VerifiedForSendingStatus"):
        return fail(
            f"The identity {asked.identity} is not verified in SES: {status}{describe_verification(identity)}.",
            _NO_SENDING,
            _records(asked.identity, identity) + (_FAILED if status == FAILED else ""),
            **seen,
            records=_record_list(asked.identity, identity),
        )
    if status != SUCCESS:
        return warn(
            f"The identity {asked.identity} is verified, and SES could not confirm that:"
            f" {status}{describe_verification(identity)}.",
            "If that lasts, SES takes the identity for unverified and sends nothing as it.",
            _records(asked.identity, identity),
            **seen,
        )
    return ok(f"The identity {asked.identity} is verified in SES.", **seen)


def _judge_missing(asked: Asked, identities: Sequence[Any] | Unread) -> Judgement:
    what = f"There is no identity {asked.identity} in SES in {asked.region}"
    if isinstance(identities, Unread):
        return skipped(f"{what}; whether a domain above it is one cannot be told: {identities.reason}")
    above = verified_identity(asked.identity, verified_names(identities))
    if above is None:
        return fail(
            f"{what}.",
            _NO_SENDING,
            f"Create and verify it: aws sesv2 create-email-identity --email-identity {asked.identity}; then publish"
            " the DKIM records that this returns. Or give mail_forwarder_identity.",
        )
    return warn(
        f"{what}; {above} is one and verified, and SES sends as that.",
        "Whatever is looked up or changed for the identity is of another one than is named.",
        f"Give mail_forwarder_identity={above}, or create and verify {asked.identity}.",
        verified=above,
    )


def judge_dkim(asked: Asked, identity: Mapping[str, Any] | None) -> Judgement:
    """Whether what is sent has a DKIM signature of the identity's domain."""
    if identity is None:
        return skipped(f"There is no identity {asked.identity} to look at.")
    dkim = identity.get("DkimAttributes") or {}
    status, signing = dkim.get("Status", "NOT_STARTED"), dkim.get("SigningEnabled", False)
    seen = {"status": status, "signing_enabled": signing, "records": _record_list(asked.identity, identity)}
    if status == FAILED:
        return fail(
            f"SES has not found the DKIM records of {asked.identity} and has stopped looking (FAILED).",
            _UNSIGNED,
            _records(asked.identity, identity) + _FAILED,
            **seen,
        )
    if status != SUCCESS:
        return warn(
            f"SES does not sign the mail of {asked.identity} yet: DKIM is {status}.",
            _UNSIGNED,
            _records(asked.identity, identity),
            **seen,
        )
    if not signing:
        return warn(
            f"DKIM signing is switched off for {asked.identity}.",
            _UNSIGNED,
            f"aws sesv2 put-email-identity-dkim-attributes --email-identity {asked.identity} --signing-enabled",
            **seen,
        )
    return ok(f"SES signs the mail of {asked.identity} (DKIM).", **seen)


def judge_sender(asked: Asked, identities: Sequence[Mapping[str, Any]]) -> Judgement:
    """Whether an identity of the From address alone keeps the verified domain from counting."""
    address = asked.from_address
    own = [one for one in identities if one["IdentityName"].lower() == address.lower()]
    if asked.identity.lower() == address.lower() or not own:
        return ok(f"No identity of {address} alone stands before {asked.identity}.")
    status = own[0].get("VerificationStatus", "PENDING")
    remedy = f"Verify it, or delete it: aws sesv2 delete-email-identity --email-identity {own[0]['IdentityName']}"
    seen = {"identity": own[0]["IdentityName"], "verification_status": status}
    if status == SUCCESS:
        return ok(f"The identity {address} is verified in SES, too.", **seen)
    # SES says of an identity whether one can send as it. Whether an unverified one of an address has that of its
    # domain is not documented for every way of sending, so where SES says that one can, it is only told.
    judge = warn if own[0].get("SendingEnabled") else fail
    return judge(
        f"There is an identity {address} in SES that is not verified ({status}), beside {asked.identity}.",
        _SHADOW,
        remedy,
        **seen,
    )


def judge_receiving(asked: Asked, identities: Sequence[Mapping[str, Any]]) -> Judgement:
    """Whether SES takes mail for each domain: it, or a domain above it, is a verified identity."""
    verified = verified_names(identities)
    missing = [domain for domain in asked.domains if not verified_identity(domain, verified)]
    if not missing:
        return ok(f"SES has verified that {join(asked.domains)} may be received for.")
    states = {
        domain: next((one.get("VerificationStatus") for one in identities if _is(one, domain)), None)
        for domain in missing
    }
    told = join(f"{domain} ({state or 'no identity'})" for domain, state in states.items())
    return fail(
        f"SES has not verified {told}.",
        "SES receives mail only for verified domains and the domains below them; it would refuse all mail for these.",
        f"Create and verify each: aws sesv2 create-email-identity --email-identity {missing[0]}; then publish the DKIM"
        " records that this returns.",
        domains=states,
    )


def verified_names(identities: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return the names of the identities that SES has verified, of those that ListEmailIdentities names."""
    return frozenset(
        identity_key(one["IdentityName"]) for one in identities if one.get("VerificationStatus") == SUCCESS
    )


def verified_identity(name: str, verified: Collection[str]) -> str | None:
    """Return the nearest verified identity by which SES takes an address or a domain for verified, None if none does.

    That is itself, the domain of an address, or a domain above (Amazon SES Developer Guide, "Creating and verifying
    identities in Amazon SES").
    """
    key = identity_key(name)
    return next((one for one in (key, *_above(key)) if one in verified), None)


def identity_key(name: str) -> str:
    """Return the name of an identity as SES compares it: the case counts in the local part of an address only."""
    local_part, at, domain = name.rpartition("@")
    return f"{local_part}{at}{domain.lower()}"


def _is(identity: Mapping[str, Any], name: str) -> bool:
    return bool(identity["IdentityName"].lower() == name.lower())


def _above(identity: str) -> list[str]:
    """Return the domain of an address, and the domains above a domain, the nearest first; no top-level domain."""
    local_part, _at, domain = identity.lower().rpartition("@")
    return [*([domain] if local_part else []), *domains_above(domain)]


def _looked(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return what SES saw when it last looked (VerificationInfo), its times as texts."""
    info = identity.get("VerificationInfo") or {}
    soa = info.get("SOARecord") or {}
    return {
        "error_type": info.get("ErrorType"),
        "last_checked": _moment(info.get("LastCheckedTimestamp")),
        "last_success": _moment(info.get("LastSuccessTimestamp")),
        "soa": {"primary_name_server": soa.get("PrimaryNameServer"), "serial_number": soa.get("SerialNumber")}
        if soa
        else None,
    }


def describe_verification(identity: Mapping[str, Any]) -> str:
    """Return SES's own reason as a part of a sentence, empty where it has none."""
    looked = _looked(identity)
    error, soa = looked["error_type"], looked["soa"]
    parts = [
        f"{error} ({_ERRORS[error]})" if error in _ERRORS else error,
        looked["last_checked"] and f"last checked {looked['last_checked']}",
        soa and f"zone answered by {soa['primary_name_server']}, serial {soa['serial_number']}",
    ]
    told = ", ".join(part for part in parts if part)
    return f"; {told}" if told else ""


def _moment(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


def _record_list(name: str, identity: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the records of Easy DKIM, which also prove the ownership of a domain; none where SES names no zone."""
    dkim = identity.get("DkimAttributes") or {}
    zone, tokens = dkim.get("SigningHostedZone"), dkim.get("Tokens") or []
    # With a key of one's own (BYODKIM) the token is a selector of one's own, and the record is not of SES's making.
    if not zone or dkim.get("SigningAttributesOrigin") == "EXTERNAL":
        return []
    domain = name.rpartition("@")[2].lower()
    return [{"name": f"{token}._domainkey.{domain}", "type": "CNAME", "value": f"{token}.{zone}"} for token in tokens]


def _records(name: str, identity: Mapping[str, Any]) -> str:
    """Return what to publish, as a sentence."""
    if "@" in name:
        return f"Follow the link in the mail that AWS sent to {name}; it is good for 24 hours."
    records = [f"{one['name']} {one['type']} {one['value']}" for one in _record_list(name, identity)]
    if not records:
        return f"Publish the DKIM records of {name} that the SES console shows, and check the delegation of its zone."
    return f"Publish these records, and check the delegation of the zone: {'; '.join(records)}."
