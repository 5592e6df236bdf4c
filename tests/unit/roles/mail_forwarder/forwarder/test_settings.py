# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment is read whole, and whatever is wrong with it is named."""

from __future__ import annotations

import pytest

from forwarder.settings import Settings, SettingsError, read_settings

GOOD = {
    "MAP_TABLE": "mail-forwarder-map",
    "DELIVERY_TABLE": "mail-forwarder-deliveries",
    "MAIL_BUCKET": "mail-forwarder-mail-123456789012-eu-west-1",
    "FROM_ADDRESS": "aws-accounts@Accounts.example.com",
    "SENDER_NAME": "AWS accounts",
    "ADMIN_ADDRESS": "cloud-admin@example.com",
    "CATCH_ALL": "true",
    "SPAM": "tag",
    "DMARC_FAILURE": "quarantine",
    "STACK_NAME": "mail-forwarder",
    "AWS_REGION": "eu-west-1",
    "CONFIGURATION_SET": "mail-forwarder",
    "POWERTOOLS_METRICS_NAMESPACE": "AccountEmail",
}


def test_settings_are_read() -> None:
    assert read_settings({**GOOD, "CATCH_ALL": "false", "OTHER": "x"}) == Settings(
        map_table="mail-forwarder-map",
        delivery_table="mail-forwarder-deliveries",
        mail_bucket="mail-forwarder-mail-123456789012-eu-west-1",
        from_address="aws-accounts@accounts.example.com",
        sender_name="AWS accounts",
        admin_address="cloud-admin@example.com",
        catch_all=False,
        spam="tag",
        dmarc_failure="quarantine",
        stack_name="mail-forwarder",
        region="eu-west-1",
        configuration_set="mail-forwarder",
        metrics_namespace="AccountEmail",
    )


@pytest.mark.parametrize("variable", GOOD)
def test_a_missing_variable_is_named(variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is not set"):
        read_settings({name: value for name, value in GOOD.items() if name != variable})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("MAP_TABLE", "", id="empty"),
        pytest.param("MAIL_BUCKET", "a bucket", id="bucket with a space"),
        pytest.param("FROM_ADDRESS", "aws-accounts", id="no address"),
        pytest.param("FROM_ADDRESS", "AWS <aws@example.com>", id="address with a name"),
        pytest.param("ADMIN_ADDRESS", "a@example.com,b@example.com", id="two addresses"),
        pytest.param("SENDER_NAME", " ", id="blank"),
        pytest.param("SENDER_NAME", "AWS\r\nBcc: x@example.com", id="line end"),
        pytest.param("CATCH_ALL", "True", id="not quite true"),
        pytest.param("SPAM", "drop", id="no policy for spam"),
        pytest.param("DMARC_FAILURE", "", id="no policy for DMARC"),
        pytest.param("STACK_NAME", "a b", id="stack with a space"),
        pytest.param("CONFIGURATION_SET", "a.b", id="dot in a configuration set"),
        pytest.param("POWERTOOLS_METRICS_NAMESPACE", "a b", id="namespace with a space"),
    ],
)
def test_a_malformed_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}: "):
        read_settings({**GOOD, variable: value})


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"MAP_TABLE is not set; CATCH_ALL: 'maybe' is neither"):
        read_settings({**{name: value for name, value in GOOD.items() if name != "MAP_TABLE"}, "CATCH_ALL": "maybe"})


def test_the_admin_cannot_be_the_forwarder() -> None:
    with pytest.raises(SettingsError, match="ADMIN_ADDRESS is FROM_ADDRESS"):
        read_settings({**GOOD, "ADMIN_ADDRESS": "AWS-Accounts@accounts.example.com"})
