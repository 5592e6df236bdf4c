# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment is read whole, and whatever is wrong with it is named."""

from __future__ import annotations

from typing import Any

import pytest

from forwarder.core.settings import Settings, SettingsError, read_settings
from tests.forwarder_environment import SETTINGS, environment

GOOD = {**SETTINGS, "from_address": "aws-accounts@Accounts.example.com", "fallback_owners": ["Deputy@Example.com"]}


def test_settings_are_read() -> None:
    assert read_settings({**environment(**GOOD), "OTHER": "x"}) == Settings(
        map_table="mail-forwarder-map",
        delivery_table="mail-forwarder-deliveries",
        mail_bucket="mail-forwarder-mail-123456789012-eu-west-1",
        from_address="aws-accounts@accounts.example.com",
        sender_name="AWS accounts",
        admin_address="cloud-admin@example.com",
        fallback_owners=("Deputy@example.com",),
        catch_all=True,
        spam="quarantine",
        dmarc_failure="quarantine",
        retry_seconds=120,
        record_days=365,
        mail_days=60,
        stack_name="mail-forwarder",
        configuration_set="mail-forwarder",
        region="eu-west-1",
        metrics_namespace="AccountEmail",
        queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/mail-forwarder-received",
        dead_letter_queues={},
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_a_missing_setting_is_named(name: str) -> None:
    changed: dict[str, Any] = {name: None}
    with pytest.raises(SettingsError, match=f"SETTINGS.{name} is not set"):
        read_settings(environment(**changed))


@pytest.mark.parametrize("variable", ["SETTINGS", "AWS_REGION", "POWERTOOLS_METRICS_NAMESPACE"])
def test_a_missing_variable_is_named(variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        read_settings({name: value for name, value in environment().items() if name != variable})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("map_table", "", id="empty"),
        pytest.param("map_table", 3, id="no text"),
        pytest.param("mail_bucket", "a bucket", id="bucket with a space"),
        pytest.param("from_address", "aws-accounts", id="no address"),
        pytest.param("from_address", "AWS <aws@example.com>", id="address with a name"),
        pytest.param("admin_address", "a@example.com,b@example.com", id="two addresses"),
        pytest.param("fallback_owners", "a@example.com", id="no list"),
        pytest.param("fallback_owners", ["a@example.com", 1], id="no address in a list"),
        pytest.param("sender_name", " ", id="blank"),
        pytest.param("sender_name", "AWS\r\nBcc: x@example.com", id="line end"),
        pytest.param("catch_all", "true", id="not quite true"),
        pytest.param("spam", "drop", id="no policy for spam"),
        pytest.param("dmarc_failure", "", id="no policy for DMARC"),
        pytest.param("retry_seconds", 0, id="no time at all"),
        pytest.param("retry_seconds", True, id="no number"),
        pytest.param("retry_seconds", 3601, id="longer than the longest"),
        pytest.param("record_days", 89, id="a shorter record than a notice can wait"),
        pytest.param("record_days", 3651, id="a record for more than ten years"),
        pytest.param("record_days", "365", id="days as a text"),
        pytest.param("mail_days", -1, id="mail for less than no time"),
        pytest.param("stack_name", "a b", id="stack with a space"),
        pytest.param("configuration_set", "a.b", id="dot in a configuration set"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: Any) -> None:
    changed: dict[str, Any] = {name: value}
    with pytest.raises(SettingsError, match=f"SETTINGS.{name}: "):
        read_settings(environment(**changed))


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "SETTINGS is not JSON"), ("[]", "is not a JSON object"), ("", "SETTINGS is not set")],
    ids=["no JSON", "a list", "nothing"],
)
def test_settings_are_a_json_object(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_settings({**environment(), "SETTINGS": text})


def test_a_namespace_that_cannot_be_is_named() -> None:
    with pytest.raises(SettingsError, match="POWERTOOLS_METRICS_NAMESPACE: "):
        read_settings({**environment(), "POWERTOOLS_METRICS_NAMESPACE": "a b"})


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(
        SettingsError, match=r"other is not known; .*map_table is not set; .*catch_all: 'maybe' is neither"
    ):
        read_settings(environment(map_table=None, catch_all="maybe", other=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("admin_address", "AWS-Accounts@accounts.example.com"),
        ("fallback_owners", ["AWS-Accounts@accounts.example.com"]),
    ],
)
def test_nobody_that_mail_goes_to_can_be_the_forwarder(name: str, value: Any) -> None:
    changed: dict[str, Any] = {name: value}
    with pytest.raises(SettingsError, match=f"SETTINGS.{name} holds from_address"):
        read_settings(environment(**changed))
