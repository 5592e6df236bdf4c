# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight's judges: where all is well every check says so; breaking one thing turns its check and no other.

Those of DNS have a file of their own, in which DNS is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._checks import dns, model, names, preflight, reading
from ansible_collections.account_factory.email.plugins.module_utils._checks.model import (
    FAIL,
    OK,
    SKIPPED,
    WARN,
    Asked,
    Check,
    Unread,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.names import (
    FREE,
    OURS,
    THEIRS,
    UNKNOWN,
    Caller,
    Stack,
    Taken,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.receiving import RECEIVING_REGIONS, Inbound
from ansible_collections.account_factory.email.plugins.module_utils._checks.rights import (
    Simulation,
    principal_of,
    resources,
)
from ansible_collections.account_factory.email.plugins.module_utils._dns_records.api import to_identity
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from tests.unit.module_utils._checks.judged import Case, Read, hold

DOMAIN, STACK, MAP = "accounts.example.com", "mail-forwarder", "mail-forwarder-map"
RECORD = "mail-forwarder-deliveries"
MAIL_BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
CODE_BUCKET = "mail-forwarder-code-111122223333-eu-west-1"
LOG_BUCKET = "mail-forwarder-logs-111122223333-eu-west-1"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
SENDER = f"aws-accounts@{DOMAIN}"
ASKED = Asked(STACK, "eu-west-1", (DOMAIN,), SENDER, DOMAIN, MAP, 2)
CHECKED = datetime(2026, 11, 21, 9, 30, tzinfo=timezone.utc)
UNREAD = Unread("Failed to look it up: AccessDenied")

ACCOUNT: dict[str, Any] = {
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
    "EnforcementStatus": "HEALTHY",
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0},
}
IDENTITY: dict[str, Any] = {
    "IdentityType": "DOMAIN",
    "VerifiedForSendingStatus": True,
    "VerificationStatus": "SUCCESS",
    "DkimAttributes": {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": ["t1", "t2"],
        "SigningHostedZone": "dkim.eu-west-1.example.net",
        "SigningAttributesOrigin": "AWS_SES",
    },
}
LISTED = {"IdentityName": DOMAIN, "IdentityType": "DOMAIN", "SendingEnabled": True, "VerificationStatus": "SUCCESS"}


def well_in_dns() -> dns.Seen:
    """Return the domain as DNS has it where all is well."""
    expected = dns.expect(ASKED, {DOMAIN: to_identity(DOMAIN, IDENTITY)})
    answers = {(record.name, record.type): dns.Answer(values=record.values) for record in expected[0].records}
    answers[DOMAIN, "NS"] = dns.Answer(values=("ns.example.net.",))
    answers[f"_dmarc.{DOMAIN}", "TXT"] = dns.Answer(values=('"v=DMARC1; p=reject"',))
    return dns.Seen(expected, dns.wanted_of(ASKED), answers)


# Nothing is deployed, and all is as it should be.
WELL: dict[str, Any] = {
    "access_log_bucket": None,
    "account": ACCOUNT,
    "caller": Caller("111122223333", "arn:aws:iam::111122223333:user/a"),
    "code_bucket": Taken(CODE_BUCKET, FREE),
    "delivery_table": Taken(RECORD, FREE),
    "dns": well_in_dns(),
    "domain_identities": {DOMAIN: IDENTITY},
    "hosted_zone": None,
    "identities": [LISTED],
    "identity": IDENTITY,
    "inbound": Inbound(STACK, False),
    "kms_key": None,
    "kms_key_policy": None,
    "mail_bucket": Taken(MAIL_BUCKET, FREE),
    "mail_bucket_name": MAIL_BUCKET,
    "map_table": Taken(MAP, FREE),
    "simulation": Simulation("arn:aws:iam::111122223333:role/deployer", 19),
    "stack": None,
}
PARAMETERS = {"MapTable": MAP, "MailBucket": MAIL_BUCKET, "KeepMap": "true", "KeepMail": "true"}


def rule(name: str, *recipients: str, stops: bool = False, bucket: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a rule as ses_receipt_rule shows it."""
    actions: list[dict[str, Any]] = [{"s3_action": {"bucket_name": bucket}}] if bucket else []
    actions += [{"stop_action": {"scope": "RuleSet"}}] if stops else []
    return {"name": name, "enabled": True, "recipients": list(recipients), "actions": actions, **more}


OUR_RULE = rule(STACK, DOMAIN, bucket=MAIL_BUCKET)
# A forwarder is deployed, and all is as it should be.
DEPLOYED: dict[str, Any] = {
    **WELL,
    "code_bucket": Taken(CODE_BUCKET, OURS),
    "delivery_table": Taken(RECORD, OURS),
    "inbound": Inbound("inbound", True, (OUR_RULE,)),
    "mail_bucket": Taken(MAIL_BUCKET, OURS),
    "map_table": Taken(MAP, OURS),
    "stack": Stack("UPDATE_COMPLETE", PARAMETERS),
}


def run(values: Mapping[str, Any], **asked: Any) -> list[Check]:
    read: Any = Read(values, replace(ASKED, **asked))
    return preflight.run_checks(preflight.PREFLIGHT, read)


def account(**changes: Any) -> dict[str, Any]:
    return {"account": {**ACCOUNT, **changes}}


def quota(**changes: float) -> dict[str, Any]:
    return account(SendQuota={**ACCOUNT["SendQuota"], **changes})


def identity(dkim: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {"identity": {**IDENTITY, "DkimAttributes": {**IDENTITY["DkimAttributes"], **(dkim or {})}, **changes}}


def listed(*names_and_states: tuple[str, str], sending: bool = False) -> dict[str, Any]:
    more = [
        {"IdentityName": name, "VerificationStatus": status, "SendingEnabled": sending}
        for name, status in names_and_states
    ]
    return {"identities": [LISTED, *more]}


def sandbox(status: str | None) -> dict[str, Any]:
    details = {"Details": {"ReviewDetails": {"Status": status, "CaseId": "4711"}}} if status else {}
    limits = {"Max24HourSend": 200.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0}
    return account(ProductionAccessEnabled=False, SendQuota=limits, **details)


def inbound(*rules: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"inbound": Inbound("inbound", True, rules, **more)}


def on_deployed(check: str, status: str, broken: Mapping[str, Any], *words: str, **more: Any) -> Case:
    return Case(check, status, broken, words, base=DEPLOYED, **more)


WITH_LOGS = {**DEPLOYED, "stack": Stack("UPDATE_COMPLETE", {**PARAMETERS, "AccessLogBucket": "create"})}


def log_bucket(status: str, owner: str, *words: str, given: str = "create", **more: Any) -> Case:
    name = LOG_BUCKET if given == "create" else given
    found = {"access_log_bucket": Taken(name, owner, "Forbidden" if owner == UNKNOWN else "")}
    return Case("access_log_bucket", status, found, words, asked={"access_log_bucket": given}, **more)


# Everyone may do everything, unless a condition says otherwise that cannot be known beforehand.
ANYONES: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:*"}
IN_ORGANIZATION: dict[str, Any] = {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}}


def of_key(status: str, key: Mapping[str, Any] | None, *words: str, arn: str = KEY, **more: Any) -> Case:
    policy = None if key is None else {"Statement": [ANYONES]}
    described = {"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", **(key or {})}
    read = {"kms_key": None if key is None else described, "kms_key_policy": policy}
    return Case("kms_key", status, read, words, asked={"kms_key": arn}, **more)


UNVERIFIED: dict[str, Any] = {
    "VerifiedForSendingStatus": False,
    "VerificationStatus": "PENDING",
    "VerificationInfo": {
        "ErrorType": "HOST_NOT_FOUND",
        "LastCheckedTimestamp": CHECKED,
        "SOARecord": {"PrimaryNameServer": "ns1.example.net", "SerialNumber": 7},
    },
}
CASES = {
    "paused": Case("sending", FAIL, account(SendingEnabled=False), ("paused", "put-account-sending-attributes")),
    "stopped by AWS": Case("sending", FAIL, account(EnforcementStatus="SHUTDOWN"), ("SHUTDOWN", "support case")),
    "under review by AWS": Case("sending", WARN, account(EnforcementStatus="PROBATION"), ("PROBATION",)),
    "sandbox": Case("sandbox", WARN, sandbox(None), ("200 mails a day, 14 a second.", "Request production access")),
    "sandbox, in review": Case("sandbox", WARN, sandbox("PENDING"), ("is reviewing", "case 4711", "Wait for AWS")),
    "sandbox, denied": Case("sandbox", WARN, sandbox("DENIED"), ("has denied", "case 4711", "Answer AWS")),
    "sandbox, failed": Case("sandbox", WARN, sandbox("FAILED"), ("failed", "Request production access")),
    "used up": Case("quota", WARN, quota(SentLast24Hours=50_000.0), ("used up: 50,000 of 50,000",)),
    "nearly used up": Case("quota", WARN, quota(SentLast24Hours=40_000.0), ("nearly used up",)),
    "no limit a day": Case("quota", OK, quota(Max24HourSend=-1.0, SentLast24Hours=10**6), ("any number of mails",)),
    "too fast": Case("quota", WARN, {}, ("14 mails a second", "15 functions"), asked={"concurrency": 15}),
    "as fast as allowed": Case("quota", OK, {}, ("14 a second",), asked={"concurrency": 14}),
    "no identity": Case(
        "identity",
        FAIL,
        {"identity": None, "identities": []},
        ("no identity accounts.example.com in SES in eu-west-1", "create-email-identity"),
        also={"dkim": SKIPPED, "receiving_domains": FAIL},
    ),
    "no identity, one above it": Case(
        "identity",
        WARN,
        {"identity": None, **listed(("example.com", "SUCCESS"))},
        ("example.com is one and verified", "mail_forwarder_identity=example.com"),
        also={"dkim": SKIPPED},
        # The list of WELL has the domain itself, which GetEmailIdentity does not know: that it is one is not relied on.
        asked={"identity": "new.example.com"},
    ),
    "no identity, others not listed": Case(
        "identity",
        SKIPPED,
        {"identity": None, "identities": UNREAD},
        ("whether a domain above it is one cannot be told", "AccessDenied"),
        also={"dkim": SKIPPED, "from_address": SKIPPED, "receiving_domains": SKIPPED},
    ),
    "pending": Case(
        "identity",
        FAIL,
        identity(**UNVERIFIED),
        (
            "PENDING; HOST_NOT_FOUND (DNS does not know the name of the records)",
            "last checked 2026-11-21T09:30:00Z",
            "ns1.example.net, serial 7",
            f"t1._domainkey.{DOMAIN} CNAME t1.dkim.eu-west-1.example.net",
        ),
    ),
    "verification failed": Case(
        "identity", FAIL, identity(VerifiedForSendingStatus=False, VerificationStatus="FAILED"), ("create it again",)
    ),
    "a new kind of error": Case(
        "identity",
        FAIL,
        identity(VerifiedForSendingStatus=False, VerificationInfo={"ErrorType": "NEW_ERROR"}),
        ("NEW_ERROR",),
    ),
    "verified, for now": Case(
        "identity", WARN, identity(VerificationStatus="TEMPORARY_FAILURE"), ("could not confirm",)
    ),
    "address not verified": Case(
        "identity",
        FAIL,
        identity(VerifiedForSendingStatus=False, VerificationStatus="PENDING"),
        ("Follow the link",),
        asked={"identity": SENDER},
    ),
    "DKIM pending": Case("dkim", WARN, identity({"Status": "PENDING"}), ("DKIM is PENDING", "t2._domainkey")),
    "DKIM not started": Case("dkim", WARN, identity({"Status": "NOT_STARTED"}), ("NOT_STARTED",)),
    "DKIM failed": Case("dkim", FAIL, identity({"Status": "FAILED"}), ("has stopped looking", "create it again")),
    "DKIM of a key of one's own": Case(
        "dkim", WARN, identity({"Status": "PENDING", "SigningAttributesOrigin": "EXTERNAL"}), ("SES console shows",)
    ),
    "signing off": Case("dkim", WARN, identity({"SigningEnabled": False}), ("--signing-enabled",)),
    "address pending": Case(
        "from_address", FAIL, listed((SENDER, "PENDING")), ("not verified (PENDING)", "delete-email-identity")
    ),
    "address pending, that SES sends as": Case("from_address", WARN, listed((SENDER, "PENDING"), sending=True), ()),
    "address verified": Case("from_address", OK, listed((SENDER, "SUCCESS")), ("verified in SES, too",)),
    "address in capitals": Case("from_address", FAIL, listed((SENDER.upper(), "FAILED")), (SENDER.upper(),)),
    "domain not verified": Case(
        "receiving_domains",
        FAIL,
        listed(("second.example.org", "PENDING")),
        ("second.example.org (PENDING), third.example.org (no identity)", "create-email-identity"),
        asked={"domains": (DOMAIN, "second.example.org", "third.example.org")},
    ),
    "domain above verified": Case(
        "receiving_domains",
        OK,
        listed(("example.org", "SUCCESS")),
        ("a.b.example.org",),
        asked={"domains": (DOMAIN, "a.b.example.org")},
    ),
    "no receiving": Case(
        "receiving_region",
        FAIL,
        {"inbound": Inbound(STACK, False, refusal="InvalidAction: Unavailable Operation")},
        ("Unavailable Operation", "mail_forwarder_region"),
        also={"rule_name": SKIPPED, "other_rules": SKIPPED, "rules_ahead": SKIPPED, "replaced_rule": SKIPPED},
    ),
    "new region": Case("receiving_region", WARN, {}, ("inbound-smtp.eu-central-2",), asked={"region": "eu-central-2"}),
    "rule of our name": Case("rule_name", FAIL, inbound(rule(STACK, "x.example")), ("does not belong",)),
    "rule of our name, to come": Case(
        "rule_name", FAIL, {"inbound": Inbound(STACK, False, (rule(STACK, bucket="theirs"),))}, ("does not belong",)
    ),
    "rule for the domain": Case(
        "other_rules",
        FAIL,
        inbound(OUR_RULE, rule("theirs", DOMAIN.title())),
        (f"The receipt rule theirs of the rule set inbound receives mail for {DOMAIN} already",),
        base=DEPLOYED,
    ),
    "disabled rule for the domain": Case(
        "other_rules", OK, inbound(rule("theirs", DOMAIN, enabled=False)), ("No other receipt rule",)
    ),
    "rule for the domain, ours not enabled": Case(
        "other_rules",
        OK,
        inbound(rule("theirs", DOMAIN)),
        ("not to be enabled yet",),
        also={"rules_ahead": WARN},
        asked={"rule_enabled": False},
    ),
    "ours enabled, and not to be": Case(
        "other_rules",
        FAIL,
        inbound(OUR_RULE),
        ("mail_forwarder_rule_enabled=false would disable it", "teardown"),
        asked={"rule_enabled": False},
        base=DEPLOYED,
    ),
    "rule for the domain, replaced": Case(
        "other_rules", OK, inbound(rule("theirs", DOMAIN, stops=True)), (), asked={"replaced_rule": "theirs"}
    ),
    "rule to replace": Case(
        "replaced_rule",
        OK,
        inbound(rule("theirs", DOMAIN.title())),
        ("replaces theirs",),
        asked={"replaced_rule": "theirs"},
    ),
    "rule to replace, gone since": Case(
        "replaced_rule", OK, inbound(OUR_RULE), ("theirs is gone",), asked={"replaced_rule": "theirs"}, base=DEPLOYED
    ),
    "rule to replace, mistyped": Case(
        "replaced_rule",
        FAIL,
        inbound(rule("theirs", DOMAIN)),
        ("no receipt rule thiers",),
        also={"rules_ahead": WARN, "other_rules": FAIL},
        asked={"replaced_rule": "thiers"},
    ),
    "rule to replace, ours": Case(
        "replaced_rule", FAIL, inbound(OUR_RULE), ("could replace",), asked={"replaced_rule": STACK}, base=DEPLOYED
    ),
    "rule to replace, of more domains": Case(
        "replaced_rule",
        FAIL,
        inbound(rule("theirs", DOMAIN, "more.example")),
        (f"receives more.example, and this forwarder only {DOMAIN}",),
        asked={"replaced_rule": "theirs"},
    ),
    "rule to replace, of all domains": Case(
        "replaced_rule",
        FAIL,
        inbound(rule("theirs")),
        ("the mail of all domains",),
        also={"rules_ahead": OK},
        asked={"replaced_rule": "theirs"},
    ),
    "rule that stops": Case(
        "rules_ahead",
        FAIL,
        inbound(rule("theirs", stops=True)),
        (f"rule theirs of the rule set inbound comes before ours, is for the mail of {DOMAIN}, too",),
    ),
    "rule that stops for the second domain": Case(
        "rules_ahead",
        FAIL,
        {**inbound(rule("theirs", ".example.org", stops=True)), **listed(("example.org", "SUCCESS"))},
        ("for the mail of b.example.org, too",),
        asked={"domains": (DOMAIN, "b.example.org")},
    ),
    "rule that shares": Case("rules_ahead", WARN, inbound(rule("theirs")), ("theirs of the rule set inbound gets",)),
    "rule behind ours": Case(
        "rules_ahead", OK, inbound(rule("theirs", stops=True)), (), asked={"rule_position": "first"}
    ),
    "rule to follow": Case(
        "rules_ahead", FAIL, inbound(rule("theirs")), ("no receipt rule gone",), asked={"rule_after": "gone"}
    ),
    "stack of others": on_deployed(
        "stack",
        FAIL,
        {"stack": Stack("CREATE_COMPLETE", {})},
        "There is a stack mail-forwarder already that is not a mail forwarder's",
        also={"map_table": FAIL, "delivery_table": FAIL, "mail_bucket": FAIL},
    ),
    "stack in progress": on_deployed(
        "stack", FAIL, {"stack": Stack("UPDATE_IN_PROGRESS", PARAMETERS)}, "UPDATE_IN_PROGRESS", "run again"
    ),
    "stack stuck": on_deployed(
        "stack", FAIL, {"stack": Stack("UPDATE_ROLLBACK_FAILED", PARAMETERS)}, "continue-update-rollback"
    ),
    "stack never whole": on_deployed(
        "stack", FAIL, {"stack": Stack("ROLLBACK_COMPLETE", PARAMETERS)}, "describe-stack-events", "has to be deleted"
    ),
    "map of others": Case("map_table", FAIL, {"map_table": Taken(MAP, OURS)}, (f"table {MAP} already", "import it")),
    "another map": on_deployed("map_table", FAIL, {}, "for life", "not in new-map", asked={"map_table": "new-map"}),
    "map gone": on_deployed("map_table", FAIL, {"map_table": Taken(MAP, FREE)}, "is not there", "point-in-time"),
    "map deleted by teardown": on_deployed(
        "map_table",
        OK,
        {"map_table": Taken(MAP, FREE), "stack": Stack("UPDATE_COMPLETE", {**PARAMETERS, "KeepMap": "false"})},
        "is free",
    ),
    "record of others": Case("delivery_table", FAIL, {"delivery_table": Taken(RECORD, OURS)}, (f"{RECORD} already",)),
    "record gone": on_deployed("delivery_table", FAIL, {"delivery_table": Taken(RECORD, FREE)}, "is not there"),
    "bucket left over": Case("mail_bucket", FAIL, {"mail_bucket": Taken(MAIL_BUCKET, OURS)}, ("not in the stack",)),
    "bucket of others": Case(
        "mail_bucket", FAIL, {"mail_bucket": Taken(MAIL_BUCKET, THEIRS)}, ("another AWS account",)
    ),
    "bucket gone": on_deployed("mail_bucket", FAIL, {"mail_bucket": Taken(MAIL_BUCKET, FREE)}, "is not there"),
    "bucket hidden": Case(
        "mail_bucket", SKIPPED, {"mail_bucket": Taken(MAIL_BUCKET, UNKNOWN, "Forbidden")}, ("Forbidden",)
    ),
    "code of others": Case("code_bucket", FAIL, {"code_bucket": Taken(CODE_BUCKET, THEIRS)}, ("another AWS account",)),
    "code before the stack": Case("code_bucket", OK, {"code_bucket": Taken(CODE_BUCKET, OURS)}, ("is ours",)),
    "logs of others": log_bucket(FAIL, THEIRS, "another AWS account"),
    "logs left over": log_bucket(FAIL, OURS, "not in the stack"),
    "logs gone": log_bucket(FAIL, FREE, "is not there", base=WITH_LOGS),
    "logs deployed": log_bucket(OK, OURS, "is ours", base=WITH_LOGS),
    "logs hidden": log_bucket(SKIPPED, UNKNOWN, "cannot be told"),
    "no logs yet": log_bucket(OK, FREE, "is free"),
    "given logs": log_bucket(OK, OURS, "The bucket logs is ours", given="logs"),
    "given logs mistyped": log_bucket(FAIL, FREE, "The bucket logs is not there", given="logs"),
    "given logs of others": log_bucket(FAIL, THEIRS, "The bucket logs belongs to another", given="logs"),
    "given logs hidden": log_bucket(SKIPPED, UNKNOWN, "cannot be told", given="logs"),
    "key to come": Case("kms_key", OK, {}, ("The stack creates its key",), asked={"kms_key": "create"}),
    "key": of_key(OK, {}, "can be used"),
    "key not there": of_key(FAIL, None, "There is no key", also={"kms_key_policy": SKIPPED}),
    "key of another region": of_key(FAIL, {}, "is not in eu-west-1", arn=KEY.replace("eu-west-1", "eu-west-2")),
    "key disabled": of_key(FAIL, {"KeyState": "Disabled"}, "is Disabled", f"aws kms enable-key --key-id {KEY}"),
    "key to be deleted": of_key(FAIL, {"KeyState": "PendingDeletion"}, "cancel-key-deletion"),
    "key without material": of_key(FAIL, {"KeyState": "PendingImport"}, "Import its key material"),
    "key in a store that is off": of_key(FAIL, {"KeyState": "Unavailable"}, "custom key store"),
    "key that is being made": of_key(FAIL, {"KeyState": "Creating"}, "Wait until it is Enabled"),
    "key that signs": of_key(
        FAIL, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "of the kind RSA_2048", "for SIGN_VERIFY"
    ),
    "key of AWS": of_key(FAIL, {"KeyManager": "AWS"}, "managed by AWS"),
    "key whose policy is of others": Case(
        "kms_key_policy",
        FAIL,
        {"kms_key": {}, "kms_key_policy": {"Statement": []}},
        ("does not let arn:aws:iam::111122223333:root, ses.amazonaws.com", "SES stores no mail", "put-key-policy"),
        asked={"kms_key": KEY},
    ),
    "key whose policy says nobody": Case(
        "kms_key_policy",
        SKIPPED,
        {"kms_key": {}, "kms_key_policy": {"Statement": []}, "caller": UNREAD},
        ("AccessDenied",),
        asked={"kms_key": KEY},
    ),
    "key whose policy names roles": Case(
        "kms_key_policy",
        WARN,
        {"kms_key": {}, "kms_key_policy": {"Statement": [ANYONES, {**ANYONES, "Effect": "Deny", **IN_ORGANIZATION}]}},
        ("cannot be judged from here",),
        asked={"kms_key": KEY},
    ),
    "rights missing": Case(
        "rights",
        WARN,
        {"simulation": Simulation("arn:aws:iam::111122223333:user/a", 19, ("s3:PutObject",))},
        ("does not allow arn:aws:iam::111122223333:user/a s3:PutObject", "docs/permissions.md"),
    ),
    "rights not told": Case(
        "rights", SKIPPED, {"simulation": Simulation("arn", 2, (), ("a:B", "c:D"))}, ("does not tell",)
    ),
    "rights told in part": Case("rights", OK, {"simulation": Simulation("arn", 2, (), ("a:B",))}, ("1 main actions",)),
}


@pytest.mark.parametrize("values", [pytest.param(WELL, id="nothing"), pytest.param(DEPLOYED, id="deployed")])
def test_where_all_is_well_every_check_says_so(values: dict[str, Any]) -> None:
    checks = run(values)
    assert [(check.id, check.status) for check in checks] == [(one.id, OK) for one in preflight.PREFLIGHT]
    assert all(check.what.endswith(".") and not check.why and not check.remedy for check in checks)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_breaking_one_thing_turns_its_check_and_no_other(case: Case) -> None:
    hold(case, run({**(case.base or WELL), **case.broken}, **case.asked))


def test_every_check_is_turned_by_a_case() -> None:
    turned = {case.check for case in CASES.values() if case.status in (FAIL, WARN)}
    assert turned == {one.id for one in preflight.PREFLIGHT if one.topic != model.DNS}


@pytest.mark.parametrize("name", sorted(reading.READERS))
def test_what_cannot_be_read_is_skipped_with_the_reason_and_never_ok(name: str) -> None:
    checks = run({**WELL, name: Unread("Failed to look: AccessDenied.")})
    resting = {one.id for one in preflight.PREFLIGHT if name in one.reads}
    assert {check.id for check in checks if check.status == SKIPPED} == resting
    assert {check.what for check in checks if check.id in resting} <= {"Failed to look: AccessDenied."}
    assert all(check.status == OK for check in checks if check.id not in resting)


def test_every_reading_is_of_use_and_every_check_has_one() -> None:
    checks = (*preflight.PREFLIGHT, *preflight.DEPLOYED, *preflight.OF_PACKAGE)
    used = {name for one in checks for name in (*one.reads, *one.also)}
    assert used | {"delivery_description", "map_description"} == reading.READERS.keys()
    assert all(one.reads and one.topic in model.TOPICS for one in checks)


def test_the_worst_comes_first_and_is_counted() -> None:
    checks = run({**WELL, **account(SendingEnabled=False), "identity": None, "simulation": Unread("no")})
    statuses = [check.status for check in checks]
    assert statuses == sorted(statuses, key=[FAIL, WARN, SKIPPED, OK].index)
    assert model.count(checks) == {status: statuses.count(status) for status in (FAIL, WARN, SKIPPED, OK)}


@pytest.mark.parametrize(
    ("only", "skip", "expected"),
    [
        pytest.param(None, [*{*model.TOPICS} - {"account"}], ["sending", "sandbox", "quota"], id="topics"),
        pytest.param(["account", "dkim"], ["quota"], ["sending", "sandbox", "dkim"], id="both"),
        # What is both a topic and a check stands for the topic.
        pytest.param(["identity"], None, ["identity", "dkim", "from_address", "receiving_domains"], id="one name"),
        pytest.param([], [], [one.id for one in preflight.PREFLIGHT], id="empty is not given"),
    ],
)
def test_checks_are_chosen_by_id_and_topic(only: list[str] | None, skip: list[str] | None, expected: list[str]) -> None:
    assert [one.id for one in preflight.choose(preflight.PREFLIGHT, only, skip)] == expected


@pytest.mark.parametrize("option", ["only", "skip"])
def test_a_check_that_there_is_not_is_refused(option: str) -> None:
    given: dict[str, Any] = {"only": None, "skip": None, option: ["dkim", "typo"]}
    with pytest.raises(
        InputError, match=rf"^{option}: there is no check typo; give ids or topics, of access_log_bucket, account, "
    ):
        preflight.choose(preflight.PREFLIGHT, **given)


def test_many_domains_are_named_as_far_as_a_line_goes() -> None:
    domains = tuple(f"d{number}.example.org" for number in range(100))
    [check] = [check for check in run(WELL, domains=domains) if check.id == "receiving_domains"]
    assert check.what.count("example.org") == 5
    assert "and 95 more" in check.what
    assert len(check.evidence["domains"]) == 100


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::111122223333:user/ops/jane", "arn:aws:iam::111122223333:user/ops/jane"),
        (
            "arn:aws-us-gov:sts::111122223333:assumed-role/deployer/x@y",
            "arn:aws-us-gov:iam::111122223333:role/deployer",
        ),
        ("arn:aws:iam::111122223333:root", None),
        ("arn:aws:sts::111122223333:federated-user/jane", None),
    ],
)
def test_whose_policies_are_asked_for(arn: str, expected: str | None) -> None:
    assert principal_of(Caller("111122223333", arn)) == expected


def test_actions_are_asked_for_on_what_they_are_about() -> None:
    caller = Caller("111122223333", "arn:aws-cn:iam::111122223333:user/a")
    asked = resources(ASKED, caller)
    assert asked[f"arn:aws-cn:s3:::{names.code_bucket(ASKED, caller)}"][0] == "s3:CreateBucket"
    assert not any("{" in resource for resource in asked)


def test_the_regions_are_as_many_as_the_endpoint_table_has() -> None:
    """AWS General Reference, Amazon SES endpoints, as operations quote it: 22, and not these."""
    assert len(RECEIVING_REGIONS) == 22
    assert not RECEIVING_REGIONS & {"eu-central-2", "ap-south-2", "ap-southeast-5", "me-central-1", "ca-west-1"}
