# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES API v2 on identities: what GetEmailIdentity and ListEmailIdentities say, and the state that a test gives them.

An identity is verified, and its mail signed, as soon as it is created, unless the test says otherwise: then SES neither
sends as it nor receives for it. A test may also ask for what AWS does: a domain is verified once its DKIM records can
be looked up, and no sooner (Amazon SES Developer Guide, "Creating a domain identity"), and an address once somebody
follows the link that SES sends it, within 24 hours (Amazon SES API Reference, GetIdentityVerificationAttributes).
CreateEmailIdentity of API v2 sends the link once, VerifyEmailIdentity of API v1 each time. Source: Amazon SES API v2
Reference, CreateEmailIdentity, GetEmailIdentity, VerificationInfo, DkimAttributes, ListEmailIdentities. APIs v1 and v2
know the same identities.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.local_aws.stack_identities import SIGNING_HOSTED_ZONE, dkim_tokens
from tests.local_aws.wire import (
    AwsError,
    Request,
    Response,
    json_result,
    query_parameters,
    query_result,
    rest_json_error,
)

_PATH = "/v2/email/identities"
_LIST_PATH = "/v2/email/list-identities"
SUCCESS, PENDING, FAILED = "SUCCESS", "PENDING", "FAILED"
_LINK_SECONDS = 86_400.0
# Amazon SES Developer Guide, "Service quotas in Amazon SES".
_IDENTITIES_MAX = 10_000


@dataclass(frozen=True)
class Verification:
    """How far SES is with an identity: VerificationStatus, VerificationInfo.ErrorType, DkimAttributes."""

    status: str = SUCCESS
    error: str | None = None
    dkim: str = SUCCESS
    signing: bool = True
    # What of the zone SES saw when it looked.
    name_server: str | None = None


@dataclass
class Verifications:
    """The identities that are not simply verified; a test sets it."""

    states: dict[str, Verification] = field(default_factory=dict)
    # The values of CNAME records by name, of domains that have to prove themselves; None where they do not have to.
    cname: Callable[[str], Sequence[str]] | None = None
    # Whether somebody has to follow a link before an address is verified, and the addresses that one was sent to.
    by_link: bool = False
    links: list[str] = field(default_factory=list)
    identities_max: int = _IDENTITIES_MAX
    clock: Callable[[], float] = time.time
    _sent: dict[str, float] = field(default_factory=dict)
    _passed: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, identity: str, verification: Verification | None = None) -> None:
        """Give an identity a state; without one it is verified again."""
        with self._lock:
            self.states.pop(_key(identity), None)
            self._sent.pop(_key(identity), None)
            if verification is not None:
                self.states[_key(identity)] = verification

    def send_link(self, address: str) -> None:
        """Send an address the link that verifies it, where a test wants links.

        What becomes of an address that is verified already is not documented: here it is verified no longer, which is
        the worse of the two.
        """
        if not self.by_link or "@" not in address:
            return
        with self._lock:
            self.states[_key(address)] = Verification(PENDING)
            self._sent[_key(address)] = self.clock() + self._passed
            self.links.append(address)

    def follow_link(self, address: str) -> None:
        """Verify an address as its owner does; a link that is too old, or that nobody sent, verifies nothing."""
        assert self.of(address).status == PENDING, f"no link to {address} is good any more"
        self.set(address)

    def elapse(self, seconds: float) -> None:
        """Let time pass for the links."""
        with self._lock:
            self._passed += seconds

    def of(self, identity: str) -> Verification:
        with self._lock:
            known = self.states.get(_key(identity))
            sent = self._sent.get(_key(identity))
            if sent is not None and self.clock() + self._passed - sent >= _LINK_SECONDS:
                return Verification(FAILED)
        if known is None and self.cname and "@" not in identity:
            return _by_records(identity, self.cname)
        return known or Verification()

    def is_verified(self, identity: str) -> bool:
        """Tell whether nothing keeps SES from taking an identity that it has for verified."""
        return self.of(identity).status == SUCCESS


class SesIdentities:
    """Answers CreateEmailIdentity, GetEmailIdentity and ListEmailIdentities, and of API v1 VerifyEmailIdentity.

    ``listed`` returns the names of all identities, ``emulated`` what the emulator's GetEmailIdentity says of one, and
    ``create`` makes one there by the parameters of CreateEmailIdentity.
    """

    def __init__(
        self,
        verifications: Verifications,
        listed: Callable[[], list[str]],
        emulated: Callable[[str], Mapping[str, Any] | None],
        clock: Callable[[], float] = time.time,
        create: Callable[[dict[str, Any]], object] = lambda _given: None,
    ) -> None:
        self._verifications = verifications
        self._listed = listed
        self._emulated = emulated
        self._clock = clock
        self._create_there = create

    def handle_v1(self, request: Request) -> Response | None:
        """Answer a Query request, or return None for what the emulator has to do, too."""
        given = query_parameters(request.body)
        if given.get("Action") != "VerifyEmailIdentity":
            return None
        address = given.get("EmailAddress", "")
        self._verifications.send_link(address)
        return query_result("VerifyEmailIdentity") if self._known(address) else None

    def handle(self, request: Request) -> Response | None:
        """Answer a REST request, or return None for another operation."""
        path = request.path.rstrip("/")
        try:
            if (request.method, path) in (("GET", _PATH), ("POST", _LIST_PATH)):
                return json_result(self._list(request), "application/json")
            if (request.method, path) == ("POST", _PATH):
                return json_result(self._create(json.loads(request.body)), "application/json")
            one = re.fullmatch(rf"{_PATH}/([^/]+)", path)
            if one and request.method == "GET":
                return json_result(self._get(unquote(one[1])), "application/json")
            if one and request.method == "DELETE":
                self._verifications.set(unquote(one[1]))
        except AwsError as error:
            return rest_json_error(error)
        return None

    def _known(self, name: str) -> str | None:
        return next((one for one in self._listed() if _key(one) == _key(name)), None)

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        name = given.get("EmailIdentity", "")
        if self._known(name):
            raise AwsError("AlreadyExistsException", f"Email identity {name} already exist.")
        if len(self._listed()) >= self._verifications.identities_max:
            raise AwsError("LimitExceededException", "You have reached the maximum number of identities.")
        self._create_there(given)
        self._verifications.send_link(name)
        made = self._get(name)
        return {key: made[key] for key in ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")}

    def _list(self, request: Request) -> dict[str, Any]:
        # Few enough for one page: the emulator's filters and pages are not needed here.
        if "NextToken" in parse_qs(request.query):
            raise AwsError("BadRequestException", "The token is not valid.")
        return {"EmailIdentities": [self._summary(name) for name in self._listed()]}

    def _summary(self, name: str) -> dict[str, Any]:
        status = self._verifications.of(name).status
        kind = "EMAIL_ADDRESS" if "@" in name else "DOMAIN"
        return {
            "IdentityType": kind,
            "IdentityName": name,
            "SendingEnabled": status == SUCCESS,
            "VerificationStatus": status,
        }

    def _get(self, name: str) -> dict[str, Any]:
        known = self._known(name)
        if known is None:
            raise AwsError("NotFoundException", f"Email identity <{name}> does not exist.", 404)
        said = {key: value for key, value in (self._emulated(known) or {}).items() if key != "EmailIdentity"}
        state = self._verifications.of(known)
        return {
            "IdentityType": "EMAIL_ADDRESS" if "@" in known else "DOMAIN",
            "FeedbackForwardingStatus": True,
            **said,
            "VerifiedForSendingStatus": state.status == SUCCESS,
            "VerificationStatus": state.status,
            "VerificationInfo": self._info(state),
            "DkimAttributes": _dkim(known, said.get("DkimAttributes") or {}, state),
        }

    def _info(self, state: Verification) -> dict[str, Any]:
        info: dict[str, Any] = {"LastCheckedTimestamp": int(self._clock())}
        if state.error:
            info["ErrorType"] = state.error
        elif state.status == SUCCESS:
            info["LastSuccessTimestamp"] = int(self._clock())
        if state.name_server:
            info["SOARecord"] = {"PrimaryNameServer": state.name_server, "SerialNumber": 1}
        return info


def _by_records(domain: str, cname: Callable[[str], Sequence[str]]) -> Verification:
    """Return how far SES is with a domain whose DKIM records have these values."""
    for token in dkim_tokens(domain):
        values = [value.removesuffix(".").lower() for value in cname(f"{token}._domainkey.{domain}")]
        if values != [f"{token}.{SIGNING_HOSTED_ZONE}"]:
            return Verification("PENDING", "INVALID_VALUE" if values else "HOST_NOT_FOUND", dkim="PENDING")
    return Verification()


def _dkim(name: str, said: Mapping[str, Any], state: Verification) -> dict[str, Any]:
    # An address has no records of its own, and none are looked for.
    if "@" in name:
        return {"SigningEnabled": False, "Status": "NOT_STARTED"}
    tokens = said.get("Tokens") or dkim_tokens(name)
    return {
        **said,
        "SigningEnabled": state.signing,
        "Status": state.dkim,
        "Tokens": tokens,
        "SigningHostedZone": SIGNING_HOSTED_ZONE,
        "SigningAttributesOrigin": said.get("SigningAttributesOrigin", "AWS_SES"),
    }


def _key(name: str) -> str:
    """Return an identity as it is compared: domains in any case, of addresses only the domain."""
    local_part, at, domain = name.rpartition("@")
    return f"{local_part}{at}{domain.lower()}"
