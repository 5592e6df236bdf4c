# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""mail_forwarder_dns_info: its real main() on moto's SES and Route 53."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.modules import mail_forwarder_dns_info
from tests.aws_errors import noted_calls, refuse

INFO = mail_forwarder_dns_info.main
DOMAIN = "accounts.example.com"
INBOUND = "10 inbound-smtp.eu-west-1.amazonaws.com"
OPTIONS = {"domains": [f"{DOMAIN.upper()}."], "mail_from_subdomain": "bounce", "dmarc": "v=DMARC1; p=reject; adkim=s"}


@pytest.fixture
def zone_id() -> Iterator[str]:
    """Return the id of the zone of example.com, which is empty."""
    with mock_aws():
        made = boto3.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
        yield made["HostedZone"]["Id"]


def put(zone_id: str, name: str, kind: str, *values: str) -> None:
    records = {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value} for value in values]}
    boto3.client("route53").change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": records}]}
    )


def states(result: dict[str, Any]) -> dict[str, str]:
    return {record["key"]: record["state"] for record in result["domains"][0]["records"]}


def test_the_records_of_a_fresh_domain(run_module: Any, zone_id: str) -> None:
    for check_mode in (True, False):
        result = run_module(INFO, check_mode=check_mode, hosted_zone_id=zone_id, **OPTIONS)
        assert not result["changed"]
        (domain,) = result["domains"]
        assert domain["domain"] == DOMAIN
        assert (domain["identity"], domain["managed"], domain["verification_status"]) == ("create", True, None)
        assert states(result) == dict.fromkeys(
            ("mx", "dkim1", "dkim2", "dkim3", "mail_from_mx", "mail_from_spf", "dmarc"), "create"
        )
        assert result["problems"] == result["notes"] == []
        assert result["zone"] == {"id": zone_id.rpartition("/")[2], "name": "example.com"}
        assert f"{DOMAIN}. 300 IN MX {INBOUND}." in result["zone_file"]


def test_without_a_zone_all_is_by_hand(run_module: Any, zone_id: str) -> None:
    put(zone_id, DOMAIN, "MX", "10 mx.example.net")
    result = run_module(INFO, **OPTIONS)
    assert {*states(result).values()} == {"manual"}
    assert (result["zone"], result["problems"]) == (None, [])


def test_what_is_there_is_found(run_module: Any, zone_id: str) -> None:
    put(zone_id, f"{DOMAIN}.", "MX", INBOUND)
    put(zone_id, f"_dmarc.{DOMAIN}", "TXT", '"v=DMARC1; p=none"')
    result = run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)
    assert (states(result)["mx"], states(result)["dmarc"]) == ("present", "left")
    assert len(result["notes"]) == 1
    boto3.client("sesv2", "eu-west-1").create_email_identity(EmailIdentity="example.com")
    (covered,) = run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)["domains"]
    assert (covered["identity"], covered["covered_by"], covered["verification_status"]) == (
        "covered",
        "example.com",
        "SUCCESS",
    )


def test_a_foreign_mx_is_a_problem_unless_told(run_module: Any, zone_id: str) -> None:
    put(zone_id, DOMAIN, "MX", "10 mx.example.net")
    refused = run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)
    assert "10 mx.example.net already" in refused["problems"][0]
    accepted = run_module(INFO, hosted_zone_id=zone_id, accept_foreign_mx=True, **OPTIONS)
    assert (accepted["problems"], states(accepted)["mx"]) == ([], "left")


def test_what_the_stack_has_is_the_forwarders(run_module: Any, zone_id: str) -> None:
    (planned,) = run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)["domains"]
    resources = [planned["resource"], *(record["resource"] for record in planned["records"])]
    boto3.client("sesv2", "eu-west-1").create_email_identity(EmailIdentity=DOMAIN)
    result = run_module(INFO, hosted_zone_id=zone_id, resources=resources, **OPTIONS)
    assert {*states(result).values()} == {"managed"}
    assert (result["domains"][0]["identity"], result["problems"]) == ("managed", [])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        pytest.param({"domains": []}, "domains: is empty", id="no domain"),
        pytest.param({"domains": ["example"]}, "needs two labels", id="no domain name"),
        pytest.param({"mail_from_subdomain": "a.b"}, "has a dot", id="two labels"),
        pytest.param({"mail_from_subdomain": "b_c"}, "not a label of a domain name", id="no label"),
        pytest.param(
            {"domains": [DOMAIN, f"bounce.{DOMAIN}"]}, f"bounce.{DOMAIN} is one of the domains", id="a vended domain"
        ),
        pytest.param({"dmarc": "p=reject"}, "begins with v=DMARC1", id="no version"),
        pytest.param({"dmarc": "v=DMARC1; adkim=s"}, "has one p=", id="no policy"),
        pytest.param({"dmarc": "v=DMARC1; p=reject; aspf=s"}, "aspf=s cannot be met", id="strict SPF"),
        pytest.param({"dmarc": "v=DMARC1; p=reject; rua=mailto:ü@example.com"}, "printable ASCII", id="not ASCII"),
        pytest.param({"hosted_zone_id": "Z0123456789"}, "hosted_zone_role_arn", id="no such zone"),
        pytest.param(
            {"hosted_zone_id": "Z0123456789", "hosted_zone_role_arn": "dns"}, "is not the ARN of a role", id="no role"
        ),
    ],
)
@pytest.mark.usefixtures("zone_id")
def test_what_is_wrong_is_named(run_module: Any, options: dict[str, Any], text: str) -> None:
    result = run_module(INFO, **{**OPTIONS, **options})
    assert result["failed"]
    assert text in result["msg"]


def test_the_zone_of_another_account_is_read_as_a_role(
    run_module: Any, zone_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = noted_calls(monkeypatch)
    role = "arn:aws:iam::123456789012:role/dns"
    found = run_module(INFO, hosted_zone_id=zone_id, hosted_zone_role_arn=role, **OPTIONS)
    assert found["zone"]["name"] == "example.com"
    assert noted.index("AssumeRole") < noted.index("GetHostedZone")


def test_denied_is_not_absent(run_module: Any, zone_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "ListResourceRecordSets", "AccessDenied")
    result = run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)
    assert result["failed"]
    assert "Failed to list the records of the hosted zone" in result["msg"]


def test_where_no_stack_keeps_the_records_the_changes_are_told(run_module: Any, zone_id: str) -> None:
    assert run_module(INFO, hosted_zone_id=zone_id, **OPTIONS)["changes"] == []
    mx = {"name": DOMAIN, "type": "MX", "ttl": 300, "values": [INBOUND]}
    for check_mode in (True, False):
        result = run_module(INFO, check_mode=check_mode, hosted_zone_id=zone_id, made=[], **OPTIONS)
        assert result["changes"][0] == {"action": "create", **mx}
        # Those of DKIM have no names yet.
        assert len(result["changes"]) == 4
    put(zone_id, DOMAIN, "MX", INBOUND)
    made = [f'{DOMAIN} MX {INBOUND}\n_dmarc.{DOMAIN} TXT "v=DMARC1; p=none"']
    gone = run_module(INFO, hosted_zone_id=zone_id, domains=[], made=made)
    assert (gone["changes"], gone["domains"]) == ([{"action": "delete", **mx}], [])
    assert "domains: is empty" in run_module(INFO, hosted_zone_id=zone_id, domains=[])["msg"]
    assert run_module(INFO, hosted_zone_id=zone_id, made=["MX"], **OPTIONS)["msg"].startswith("made: 'MX' is not")
