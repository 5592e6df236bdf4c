# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges of whether the domains' mail reaches the forwarder's receipt rule. Pure, standard library only.

Source: Amazon SES Developer Guide, "Email receiving concepts" and "Receipt rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules.ahead import find_ahead, find_taking

from .model import Asked, Judgement, fail, join, ok, skipped, warn

# AWS General Reference, "Amazon Simple Email Service endpoints and quotas", Email receiving endpoints, held against the
# regions of the CloudFormation type AWS::SES::ReceiptRule. AWS adds regions: one that is not here is told, not refused.
RECEIVING_REGIONS = frozenset(
    {
        "af-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-south-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eusc-de-east-1",
        "il-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
_OTHER_REGION = (
    "Give mail_forwarder_region, one of those in which SES receives mail (AWS General Reference, SES endpoints)."
)


@dataclass(frozen=True)
class Inbound:
    """How SES receives mail in the region.

    ``rule_set`` is the active one, or the one of the stack's name that a deployment activates where none is; its rules
    are in their order, as ``ses_receipt_rule`` shows them. ``refusal`` is what SES says where it receives no mail.
    """

    rule_set: str
    active: bool
    rules: tuple[Mapping[str, Any], ...] = ()
    refusal: str | None = None


def judge_region(asked: Asked, inbound: Inbound) -> Judgement:
    """Whether SES receives mail in the region at all."""
    if inbound.refusal:
        return fail(
            f"SES does not receive mail in {asked.region}: {inbound.refusal}",
            "All mail for the domains would be refused or go elsewhere.",
            _OTHER_REGION,
        )
    if asked.region not in RECEIVING_REGIONS:
        return warn(
            f"{asked.region} is not among the regions of which it is known that SES receives mail there.",
            "If it does not, all mail for the domains would be refused.",
            f"Look up inbound-smtp.{asked.region}.amazonaws.com in DNS. If it is not there: {_OTHER_REGION}",
        )
    return ok(f"SES receives mail in {asked.region}.")


def judge_rule_name(asked: Asked, inbound: Inbound, mail_bucket: str) -> Judgement:
    """Whether a rule of the forwarder's name is the forwarder's: the one that puts mail into its bucket."""
    if inbound.refusal:
        return _no_rules(asked)
    rule = next((rule for rule in inbound.rules if rule["name"] == asked.stack_name), None)
    if rule is None or is_ours(rule, mail_bucket):
        return ok(f"The receipt rule {asked.stack_name} is {'ours' if rule else 'free'}.")
    return fail(
        f"The receipt rule set {inbound.rule_set} has a rule {rule['name']} already that does not belong to this"
        " forwarder.",
        "A deployment would replace it, and what it does with its mail would end.",
        "Give mail_forwarder_stack_name another name, or that rule.",
        rule_set=inbound.rule_set,
    )


def judge_other_rules(asked: Asked, inbound: Inbound, mail_bucket: str) -> Judgement:
    """Whether another rule receives for one of the domains; SES gives a mail to every rule that it fits."""
    if inbound.refusal:
        return _no_rules(asked)
    if not inbound.active:
        return ok("No receipt rule set is active.")
    ours = [rule for rule in inbound.rules if _is_forwarders(rule, asked, mail_bucket)]
    if not asked.rule_enabled and any(rule["enabled"] for rule in ours):
        return fail(
            "Our receipt rule is enabled, and mail_forwarder_rule_enabled=false would disable it.",
            f"SES would refuse all mail for {join(asked.domains)}.",
            "Omit mail_forwarder_rule_enabled. To end forwarding run the playbook teardown.",
        )
    if not asked.rule_enabled:
        return ok("Our receipt rule is not to be enabled yet.")
    found = {one.name: list(one.domains) for one in find_taking(_left(asked, inbound), ours, asked.domains)}
    if not found:
        return ok(f"No other receipt rule receives for {join(asked.domains)}.")
    told = "; ".join(
        f"the receipt rule {name} of the rule set {inbound.rule_set} receives mail for {join(domains)} already"
        for name, domains in found.items()
    )
    return fail(
        f"{told[0].upper()}{told[1:]}.",
        "Everyone's mail would be taken in twice, and a second forwarder would send all of it to its admin.",
        "Give other domains, or remove them from that rule, or disable that rule, or have ours replace it"
        " (mail_forwarder_replaced_rule).",
        rules=found,
    )


def judge_replaced_rule(asked: Asked, inbound: Inbound) -> Judgement:
    """Whether the rule that ours is to replace is there, and receives nothing that ours does not."""
    if inbound.refusal:
        return _no_rules(asked)
    if asked.replaced_rule is None:
        return ok("No receipt rule is to be replaced.")
    names = [rule["name"] for rule in inbound.rules]
    rule = next((rule for rule in inbound.rules if rule["name"] == asked.replaced_rule), None)
    if rule is None and asked.stack_name in names:
        return ok(f"The receipt rule {asked.replaced_rule} is gone, and ours is there.")
    if rule is None or asked.replaced_rule == asked.stack_name:
        return fail(
            f"The rule set {inbound.rule_set} has no receipt rule {asked.replaced_rule} that ours could replace.",
            "A typing error would leave two rules that receive the same mail.",
            f"mail_forwarder_replaced_rule: give one of {join(names) or 'none'}, or omit it.",
        )
    more = [one for one in rule["recipients"] if one.lower() not in asked.domains]
    if rule["enabled"] and (more or not rule["recipients"]):
        return fail(
            f"The receipt rule {rule['name']} receives {join(more) or 'the mail of all domains'}, and this forwarder"
            f" only {join(asked.domains)}.",
            "What is left out would be refused once that rule is disabled.",
            "Give all of its domains in mail_forwarder_domains, or remove the others from that rule first.",
        )
    return ok(f"Our receipt rule replaces {rule['name']}.")


def judge_rules_ahead(asked: Asked, inbound: Inbound) -> Judgement:
    """Whether the domains' mail gets as far as the forwarder's rule, and who has it before."""
    if inbound.refusal:
        return _no_rules(asked)
    names = [rule["name"] for rule in inbound.rules if rule["name"] != asked.stack_name]
    if asked.rule_after is not None and asked.rule_after not in names:
        return fail(
            f"The rule set {inbound.rule_set} has no receipt rule {asked.rule_after} for ours to follow.",
            "The receipt rule could not be made, so that no mail would be received.",
            f"mail_forwarder_rule_after: give one of {join(names) or 'none'}, or omit it.",
        )
    ahead = find_ahead(_left(asked, inbound), asked.stack_name, asked.domains, asked.rule_position, asked.rule_after)
    stopping, sharing = ({one.name: list(one.domains) for one in found} for found in (ahead.stopping, ahead.sharing))
    seen = {"stopping": sorted(stopping), "sharing": sorted(sharing)}
    if stopping:
        return fail(
            f"The receipt rule {join(stopping)} of the rule set {inbound.rule_set} comes before ours, is for the mail"
            f" of {join(_of_domains(stopping))}, too, and ends the rule set there.",
            "No mail would reach the forwarder.",
            "Give mail_forwarder_rule_position=first, or mail_forwarder_rule_after, or change that rule.",
            **seen,
        )
    if sharing:
        return warn(
            f"{join(sharing)} of the rule set {inbound.rule_set} gets the mail of {join(_of_domains(sharing))}, too,"
            " before the forwarder does.",
            "It has everyone's mail, and a function that it calls may keep the mail from the rules after it.",
            "If that is not meant, give mail_forwarder_rule_position=first, or change that rule.",
            **seen,
        )
    return ok("No receipt rule gets the mail before ours.", **seen)


def judge_active_rule(asked: Asked, inbound: Inbound, mail_bucket: str) -> Judgement:
    """Whether a deployed forwarder's rule receives: in the rule set that is active now, enabled, for all domains."""
    if inbound.refusal:
        return _no_rules(asked)
    remedy = (
        "Find out who changed the rule sets, then run the playbook deploy, which puts the rule into the set that is"
        " active. That is: aws ses describe-active-receipt-rule-set"
    )
    lost = f"SES refuses the mail for {join(asked.domains)}, or another rule has it."
    rule = next((rule for rule in inbound.rules if _is_forwarders(rule, asked, mail_bucket)), None)
    if not inbound.active or rule is None:
        where = (
            f"The receipt rule set {inbound.rule_set} is active, and" if inbound.active else "No rule set is active:"
        )
        return fail(f"{where} our rule {asked.stack_name} is not in it.", lost, remedy, rule_set=inbound.rule_set)
    if not rule["enabled"]:
        return fail(f"Our receipt rule {asked.stack_name} is disabled.", lost, remedy, rule_set=inbound.rule_set)
    recipients = {one.lower() for one in rule["recipients"]}
    missing = [domain for domain in asked.domains if recipients and domain not in recipients]
    if missing:
        return fail(f"Our receipt rule {asked.stack_name} is not for {join(missing)}.", lost, remedy, missing=missing)
    return ok(f"Our receipt rule {asked.stack_name} receives, in the rule set {inbound.rule_set}.")


def judge_ip_filters(_asked: Asked, filters: Sequence[Mapping[str, Any]]) -> Judgement:
    """Whether SES takes mail from everywhere; an IP address filter comes before all rules."""
    found = {one["Name"]: one["IpFilter"]["Cidr"] for one in filters if one["IpFilter"]["Policy"] == "Block"}
    if not found:
        return ok("No IP address filter blocks senders.")
    told = join(f"{name} ({cidr})" for name, cidr in found.items())
    everybody = [cidr for cidr in found.values() if cidr.endswith("/0")]
    return (fail if everybody else warn)(
        f"IP address filters block senders: {told}.",
        "SES refuses their mail before it looks at any rule, and nobody here is told. AWS's own mail may be among it.",
        f"Ask who made them for what. To remove one: aws ses delete-receipt-filter --filter-name {next(iter(found))}",
        filters=found,
    )


def is_ours(rule: Mapping[str, Any], mail_bucket: str) -> bool:
    """Return whether the rule's first action puts mail into the forwarder's bucket."""
    first: Mapping[str, Any] = next(iter(rule["actions"]), {})
    return bool(first.get("s3_action", {}).get("bucket_name") == mail_bucket)


def _is_forwarders(rule: Mapping[str, Any], asked: Asked, mail_bucket: str) -> bool:
    return rule["name"] == asked.stack_name and is_ours(rule, mail_bucket)


def _left(asked: Asked, inbound: Inbound) -> tuple[Mapping[str, Any], ...]:
    """Return the rules that are left once ours has replaced the one that it is to replace."""
    return tuple(rule for rule in inbound.rules if rule["name"] != asked.replaced_rule)


def _of_domains(found: Mapping[str, Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(domain for domains in found.values() for domain in domains))


def _no_rules(asked: Asked) -> Judgement:
    return skipped(f"There are no receipt rules in {asked.region} to look at.")
