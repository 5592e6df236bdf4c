# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks, of what a forwarder rests on and of one that is deployed: what each is judged by, and running them.

To add a check: a judge in the file of its topic, what it looks at in ``reading.py``, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import (
    account,
    clock,
    configuration_set,
    dns,
    functions,
    grants,
    identity,
    key,
    names,
    owners,
    queues,
    receiving,
    rights,
    root,
    watching,
)
from .model import (
    ACCOUNT,
    ALARMS,
    DATA,
    DNS,
    FUNCTIONS,
    GRANTS,
    IDENTITY,
    KEY,
    NAMES,
    OWNERS,
    QUEUES,
    RECEIVING,
    RIGHTS,
    SETTINGS,
    TOPICS,
    Asked,
    Check,
    Judgement,
    Unread,
    skipped,
    worst_first,
)
from .reading import Readings


@dataclass(frozen=True)
class Definition:
    """A check. ``judge`` gets what was asked for and each of the ``reads``, then each of ``also``.

    Where one of the ``reads`` could not be read the check is skipped; of ``also``, the judge gets Unread.
    """

    id: str
    topic: str
    judge: Callable[..., Judgement]
    reads: tuple[str, ...]
    also: tuple[str, ...] = ()


# In the order in which they are shown, those of one status. These need no forwarder.
PREFLIGHT: tuple[Definition, ...] = (
    Definition("sending", ACCOUNT, account.judge_sending, ("account",)),
    Definition("sandbox", ACCOUNT, account.judge_sandbox, ("account",)),
    Definition("quota", ACCOUNT, account.judge_quota, ("account",)),
    Definition("identity", IDENTITY, identity.judge_identity, ("identity",), ("identities",)),
    Definition("dkim", IDENTITY, identity.judge_dkim, ("identity",)),
    Definition("from_address", IDENTITY, identity.judge_sender, ("identities",)),
    Definition("receiving_domains", IDENTITY, identity.judge_receiving, ("identities",)),
    Definition("delegation", DNS, dns.judge_delegation, ("dns",), ("hosted_zone",)),
    Definition("mx", DNS, dns.judge_mx, ("dns",)),
    Definition("dkim_records", DNS, dns.judge_dkim_records, ("dns", "domain_identities")),
    Definition("mail_from", DNS, dns.judge_mail_from, ("dns",)),
    Definition("dmarc", DNS, dns.judge_dmarc, ("dns",)),
    Definition("receiving_region", RECEIVING, receiving.judge_region, ("inbound",)),
    Definition("rule_name", RECEIVING, receiving.judge_rule_name, ("inbound", "mail_bucket_name")),
    Definition("other_rules", RECEIVING, receiving.judge_other_rules, ("inbound", "mail_bucket_name")),
    Definition("replaced_rule", RECEIVING, receiving.judge_replaced_rule, ("inbound",)),
    Definition("rules_ahead", RECEIVING, receiving.judge_rules_ahead, ("inbound",)),
    Definition("stack", NAMES, names.judge_stack, ("stack",)),
    Definition("map_table", NAMES, names.judge_map_table, ("stack", "map_table")),
    Definition("delivery_table", NAMES, names.judge_delivery_table, ("stack", "delivery_table")),
    Definition("mail_bucket", NAMES, names.judge_mail_bucket, ("stack", "mail_bucket")),
    Definition("code_bucket", NAMES, names.judge_code_bucket, ("code_bucket",)),
    Definition("access_log_bucket", NAMES, names.judge_access_log_bucket, ("stack", "access_log_bucket")),
    Definition("kms_key", KEY, key.judge_key, ("kms_key",)),
    Definition("kms_key_policy", KEY, key.judge_key_policy, ("kms_key_policy",), ("caller", "inbound")),
    Definition("rights", RIGHTS, rights.judge_rights, ("simulation",)),
)
# These look at one that is deployed.
DEPLOYED: tuple[Definition, ...] = (
    Definition("forwarder", NAMES, names.judge_forwarder, ("stack",)),
    Definition("active_rule", RECEIVING, receiving.judge_active_rule, ("inbound", "mail_bucket_name")),
    Definition("ip_filters", RECEIVING, receiving.judge_ip_filters, ("ip_filters",)),
    Definition("clock", ACCOUNT, clock.judge_clock, ("caller",)),
    Definition("own_key", KEY, key.judge_own_key, ("own_key",)),
    Definition("function_states", FUNCTIONS, functions.judge_states, ("functions", "function_concurrency")),
    Definition("event_sources", FUNCTIONS, functions.judge_event_sources, ("event_sources",)),
    Definition(
        "bucket_policy", GRANTS, grants.judge_bucket_policy, ("mail_policy", "mail_bucket_name", "caller"), ("inbound",)
    ),
    Definition("topic_policies", GRANTS, grants.judge_topic_policies, ("topic_policies", "caller"), ("inbound",)),
    Definition("queue_policies", GRANTS, grants.judge_queue_policies, ("queues", "caller")),
    Definition("subscriptions", GRANTS, grants.judge_subscriptions, ("subscriptions", "caller")),
    Definition("queues", QUEUES, queues.judge_queues, ("queues", "forwarder_stack", "caller"), ("queue_ages",)),
    Definition("held_mail", QUEUES, watching.judge_held, ("held",)),
    Definition(
        "configuration_set",
        SETTINGS,
        configuration_set.judge_configuration_set,
        ("configuration_set", "event_destinations", "event_topic"),
    ),
    Definition(
        "suppression",
        SETTINGS,
        configuration_set.judge_suppression,
        ("configuration_set", "account", "forwarder_stack"),
    ),
    Definition(
        "validation",
        SETTINGS,
        configuration_set.judge_validation,
        ("configuration_set", "account", "knows_validation"),
    ),
    Definition("failing_owners", OWNERS, owners.judge_failing, ("owners",)),
    Definition("suppressed_owners", OWNERS, owners.judge_suppressed, ("owners", "suppressed", "suppression_reasons")),
    Definition("owners_in_domains", OWNERS, owners.judge_inside, ("owners",)),
    Definition("unowned_addresses", OWNERS, owners.judge_unowned, ("owners",)),
    Definition("owner_groups", OWNERS, owners.judge_groups, ("owners",)),
    Definition("root_recoveries", OWNERS, root.judge_recoveries, ("root_recoveries",)),
    Definition("alarms", ALARMS, watching.judge_alarms, ("alarm_names", "alarms")),
    Definition("alarm_subscriptions", ALARMS, watching.judge_alarm_subscriptions, ("stack", "alarm_subscriptions")),
    Definition("map_protection", DATA, watching.judge_map_protection, ("map_protection",)),
    Definition("delivery_recovery", DATA, watching.judge_delivery_recovery, ("delivery_protection",)),
)
# This one, too, where the package is given that its functions are to run.
OF_PACKAGE: tuple[Definition, ...] = (
    Definition("function_code", FUNCTIONS, functions.judge_code, ("functions", "caller")),
)


def checks_of(asked: Asked) -> tuple[Definition, ...]:
    """Return the checks that can be made of what is asked."""
    return (*PREFLIGHT, *(DEPLOYED if asked.deployed else ()), *(OF_PACKAGE if asked.code_sha256 else ()))


def choose(
    definitions: Sequence[Definition], only: Sequence[str] | None, skip: Sequence[str] | None
) -> list[Definition]:
    """Return the checks that are asked for, each by its id or its topic; raise InputError for what is neither."""
    known = {*(one.id for one in definitions), *TOPICS}
    for option, given in (("only", only), ("skip", skip)):
        unknown = [name for name in given or () if name not in known]
        if unknown:
            raise InputError(
                f"{option}: there is no check {', '.join(unknown)}; give ids or topics, of {', '.join(sorted(known))}"
            )
    chosen = [one for one in definitions if not only or {one.id, one.topic} & set(only)]
    return [one for one in chosen if not {one.id, one.topic} & set(skip or ())]


def run_checks(definitions: Sequence[Definition], readings: Readings) -> list[Check]:
    """Return the checks, judged by what can be read, worst first."""
    return worst_first(_check(one, readings) for one in definitions)


def _check(definition: Definition, readings: Readings) -> Check:
    judgement = _judge(definition, readings)
    return Check(definition.id, definition.topic, **vars(judgement))


def _judge(definition: Definition, readings: Readings) -> Judgement:
    read: list[Any] = [readings.get(name) for name in definition.reads]
    unread = next((value for value in read if isinstance(value, Unread)), None)
    if unread:
        return skipped(unread.reason)
    return definition.judge(readings.asked, *read, *map(readings.get, definition.also))
