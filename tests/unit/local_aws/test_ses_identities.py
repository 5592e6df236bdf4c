# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What boto3 reads of local SES's identities, in each state that a test can give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.local_aws.gateway import Gateway
from tests.local_aws.ses_identities import SesIdentities, Verification, Verifications
from tests.local_aws.stack_identities import SIGNING_HOSTED_ZONE, dkim_tokens

NOW = 1_795_262_400.0
KNOWN = ["Jane@example.org", "accounts.example.com"]


@pytest.fixture
def verifications() -> Verifications:
    return Verifications()


@pytest.fixture
def v2(verifications: Verifications) -> Iterator[Any]:
    said = {"EmailIdentity": "x", "VerifiedForSendingStatus": True, "DkimAttributes": {"Tokens": ["a", "b", "c"]}}
    identities = SesIdentities(verifications, lambda: KNOWN, lambda _name: said, lambda: NOW)
    gateway = Gateway({"ses": lambda request: identities.handle(request) or identities.handle_v1(request)})
    gateway.start()
    config = Config(retries={"total_max_attempts": 1})
    url = f"http://127.0.0.1:{gateway.port}"
    yield boto3.client("sesv2", endpoint_url=url, region_name="eu-west-1", config=config)
    gateway.stop()


def test_an_identity_is_verified_and_signed_as_soon_as_it_is_there(v2: Any) -> None:
    found = v2.get_email_identity(EmailIdentity="Accounts.Example.com")
    assert (found["IdentityType"], found["VerifiedForSendingStatus"], found["VerificationStatus"]) == (
        "DOMAIN",
        True,
        "SUCCESS",
    )
    assert found["VerificationInfo"].keys() == {"LastCheckedTimestamp", "LastSuccessTimestamp"}
    dkim = {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": ["a", "b", "c"]}
    zone = {"SigningHostedZone": SIGNING_HOSTED_ZONE, "SigningAttributesOrigin": "AWS_SES"}
    assert found["DkimAttributes"] == {**dkim, **zone}


@pytest.mark.parametrize(
    ("values", "status", "error"),
    [
        pytest.param({}, "PENDING", "HOST_NOT_FOUND", id="no record"),
        pytest.param(
            {"0": SIGNING_HOSTED_ZONE, "1": SIGNING_HOSTED_ZONE}, "PENDING", "HOST_NOT_FOUND", id="two of three"
        ),
        pytest.param(
            {"0": SIGNING_HOSTED_ZONE, "1": "dkim.amazonses.com", "2": SIGNING_HOSTED_ZONE},
            "PENDING",
            "INVALID_VALUE",
            id="another region's zone",
        ),
        pytest.param({str(number): SIGNING_HOSTED_ZONE for number in range(3)}, "SUCCESS", None, id="all"),
    ],
)
def test_a_domain_proves_itself_by_its_records(
    v2: Any, verifications: Verifications, values: dict[str, str], status: str, error: str | None
) -> None:
    domain, tokens = "accounts.example.com", dkim_tokens("accounts.example.com")
    known = {
        f"{tokens[int(number)]}._domainkey.{domain}": f"{tokens[int(number)]}.{zone}."
        for number, zone in values.items()
    }
    verifications.cname = lambda name: [known[name]] if name in known else []
    found = v2.get_email_identity(EmailIdentity=domain)
    assert (found["VerificationStatus"], found["VerificationInfo"].get("ErrorType")) == (status, error)
    assert v2.get_email_identity(EmailIdentity="Jane@example.org")["VerificationStatus"] == "SUCCESS"


def test_one_that_is_pending_says_why(v2: Any, verifications: Verifications) -> None:
    verifications.set(
        "accounts.example.com", Verification("PENDING", "HOST_NOT_FOUND", "PENDING", name_server="ns1.example.net")
    )
    found = v2.get_email_identity(EmailIdentity="accounts.example.com")
    assert (found["VerifiedForSendingStatus"], found["VerificationStatus"]) == (False, "PENDING")
    info = found["VerificationInfo"]
    assert (info["ErrorType"], info["LastCheckedTimestamp"].timestamp()) == ("HOST_NOT_FOUND", NOW)
    assert info["SOARecord"] == {"PrimaryNameServer": "ns1.example.net", "SerialNumber": 1}
    assert "LastSuccessTimestamp" not in info
    assert found["DkimAttributes"]["Status"] == "PENDING"
    verifications.set("ACCOUNTS.example.com")
    assert v2.get_email_identity(EmailIdentity="accounts.example.com")["VerificationStatus"] == "SUCCESS"


def test_all_are_listed_with_their_state(v2: Any, verifications: Verifications) -> None:
    verifications.set("Jane@EXAMPLE.org", Verification("FAILED"))
    assert v2.list_email_identities(PageSize=10)["EmailIdentities"] == [
        {
            "IdentityType": "EMAIL_ADDRESS",
            "IdentityName": "Jane@example.org",
            "SendingEnabled": False,
            "VerificationStatus": "FAILED",
        },
        {
            "IdentityType": "DOMAIN",
            "IdentityName": "accounts.example.com",
            "SendingEnabled": True,
            "VerificationStatus": "SUCCESS",
        },
    ]


@pytest.mark.parametrize("name", ["other.example.com", "jane@example.org"])
def test_an_identity_that_there_is_not_is_not_found(v2: Any, name: str) -> None:
    """The case of a local part counts."""
    with pytest.raises(v2.exceptions.NotFoundException):
        v2.get_email_identity(EmailIdentity=name)


def test_an_address_has_no_records(v2: Any) -> None:
    found = v2.get_email_identity(EmailIdentity="Jane@example.org")
    assert found["DkimAttributes"] == {"SigningEnabled": False, "Status": "NOT_STARTED"}


def test_an_identity_is_created_once(v2: Any) -> None:
    """API v2 Reference, CreateEmailIdentity: AlreadyExistsException, LimitExceededException."""
    for name in ("accounts.example.com", "ACCOUNTS.example.com", "Jane@example.org"):
        with pytest.raises(v2.exceptions.AlreadyExistsException):
            v2.create_email_identity(EmailIdentity=name)


def test_no_more_identities_than_a_region_has(v2: Any, verifications: Verifications) -> None:
    verifications.identities_max = len(KNOWN)
    with pytest.raises(v2.exceptions.LimitExceededException):
        v2.create_email_identity(EmailIdentity="jane@example.org")


def test_an_address_is_verified_by_its_link_within_a_day(verifications: Verifications) -> None:
    verifications.by_link = True
    verifications.send_link("Jane@example.org")
    verifications.send_link("accounts.example.com")
    assert verifications.links == ["Jane@example.org"]
    assert verifications.of("Jane@example.org").status == "PENDING"
    verifications.elapse(86_399)
    assert not verifications.is_verified("Jane@example.org")
    verifications.follow_link("Jane@EXAMPLE.org")
    assert verifications.is_verified("Jane@example.org")


def test_a_link_is_no_good_after_a_day_and_another_one_is(v2: Any, verifications: Verifications) -> None:
    """API Reference, GetIdentityVerificationAttributes."""
    verifications.by_link = True
    verifications.send_link("Jane@example.org")
    verifications.elapse(86_400)
    assert v2.get_email_identity(EmailIdentity="Jane@example.org")["VerificationStatus"] == "FAILED"
    with pytest.raises(AssertionError, match="no link"):
        verifications.follow_link("Jane@example.org")
    v1 = boto3.client("ses", endpoint_url=v2.meta.endpoint_url, region_name="eu-west-1")
    v1.verify_email_identity(EmailAddress="Jane@example.org")
    assert v2.get_email_identity(EmailIdentity="Jane@example.org")["VerificationStatus"] == "PENDING"
    assert verifications.links == ["Jane@example.org"] * 2
