# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SES receiving: what happens to a mail between SMTP and its bucket, as the receipt rule set says that was active then.

Sources: Amazon SES Developer Guide, "Viewing metrics for Amazon SES email receiving" (what fails is tried again by the
rule set of the time at which the mail was received), "Give permission to Amazon SES for email receiving" (which
policies are asked), "Action options for Amazon SES email receiving".
"""

from __future__ import annotations

import base64
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.local_aws.backend import Backend
from tests.local_aws.message import Field
from tests.local_aws.outbox import Outbox
from tests.local_aws.receipt_retries import Action, Retries
from tests.local_aws.receipt_rules import ReceiptRules, Rule
from tests.local_aws.received_mail import Envelope, Mail, arrive, notification
from tests.local_aws.recipient_conditions import matches, on_verified_domain

log = logging.getLogger(__name__)

# Amazon SES Developer Guide, "Publish to Amazon SNS topic action": a larger mail bounces.
SNS_ACTION_LIMIT = 150 * 1024
_SUBJECT = "Amazon SES Email Receipt Notification"
# Message ids are the object keys of received mail: letters and digits, 40 of them.
_ID_LETTERS = "abcdefghijklmnopqrstuv0123456789"

_RULE_ENDS, _RULE_SET_ENDS = "STOP_RULE", "STOP_RULE_SET"


class SesReceiving:
    """Decides about recipients and carries out the actions of the rules that match.

    An S3 action with its topic is one action, and so is every other: what fails is tried again by itself, and what
    comes after it does not wait. ``dimensions`` are those of the metrics; AWS documents neither them nor the namespace.
    """

    def __init__(
        self, rules: ReceiptRules, backend: Backend, outbox: Outbox, clock: Callable[[], float] = time.time
    ) -> None:
        self.dimensions: tuple[str, ...] = ("RuleName",)
        self._rules = rules
        self._backend = backend
        self._outbox = outbox
        self._retries = Retries(self._count, clock)

    def start(self) -> None:
        """Try again by the clock what failed."""
        self._retries.start()

    def stop(self) -> None:
        """Give up whatever still fails."""
        self._retries.stop()

    def elapse(self, seconds: float) -> None:
        """Let time pass for the actions that failed: those that come due meanwhile have been tried again on return."""
        self._retries.elapse(seconds)

    def waiting(self) -> list[Action]:
        """Return the actions that failed and will be tried again."""
        return self._retries.waiting()

    def accepts(self, recipient: str) -> bool:
        """Return whether SES takes mail for this recipient: a verified domain, and an enabled rule that matches."""
        rules = _enabled(self._rules.active_rules()[1])
        return any(matches(rule.get("Recipients", []), recipient) for rule in rules) and on_verified_domain(
            recipient, self._backend.verified_identities()
        )

    def receive(self, envelope: Envelope, data: bytes) -> str:
        """Run the rules over a mail and return its SES message id; an action that fails is tried again later."""
        message_id = "".join(secrets.choice(_ID_LETTERS) for _unused in range(40))
        mail = arrive(message_id, envelope, data, self._backend.region, self._now())
        rule_set, rules = self._rules.active_rules()
        for rule in _enabled(rules):
            recipients = [address for address in envelope.recipients if matches(rule.get("Recipients", []), address)]
            if not recipients:
                continue
            log.info("mail %s: rule %s for %s", message_id, rule["Name"], ", ".join(recipients))
            mail, end = self._run(rule_set, rule, mail, recipients)
            if end == _RULE_SET_ENDS:
                break
        return message_id

    def _run(self, rule_set: str, rule: Rule, mail: Mail, recipients: list[str]) -> tuple[Mail, str | None]:
        """Carry out a rule's actions in order; return the mail as they left it, and whether they ended the rule set."""
        arn = self._rules.rule_arn(rule_set, rule["Name"])
        for action in rule["Actions"]:
            kind, members = next(iter(action.items()))
            if kind == "AddHeaderAction":
                mail = _with_header(mail, members["HeaderName"], members["HeaderValue"])
                continue
            work = partial(self._act, kind, members, mail, recipients, scanned=rule["ScanEnabled"], arn=arn)
            done = self._retries.carry_out(Action(mail.message_id, rule_set, rule["Name"], kind, work))
            end = _RULE_SET_ENDS if kind in ("BounceAction", "StopAction") else done
            if end is not None:
                return mail, end
        return mail, None

    def _act(
        self, kind: str, members: dict[str, str], mail: Mail, recipients: list[str], *, scanned: bool, arn: str
    ) -> str | None:
        """Carry out one action with its notification; return how a function ends the rules. Raises if it failed."""
        described = {"type": kind.removesuffix("Action"), **_described(kind, members, mail)}
        notice = notification(mail, recipients, described, scanned=scanned, now=self._now())
        end = None
        match kind:
            case "S3Action":
                self._store(members, described, arn, mail)
            case "SNSAction":
                self._publish_whole(members, mail, notice, arn)
                return None
            case "LambdaAction":
                end = self._invoke(members, notice, arn)
            case "BounceAction":
                self._bounce(members, mail)
        if topic := members.get("TopicArn"):
            self._publish(topic, arn, notice)
        return end

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._retries.now(), UTC)

    def _count(self, metric: str, rule_set: str, rule: str) -> None:
        values = {"RuleName": rule, "RuleSetName": rule_set}
        self._backend.count(metric, {name: values[name] for name in self.dimensions})

    def _store(self, members: dict[str, str], described: dict[str, Any], arn: str, mail: Mail) -> None:
        """Carry out an S3 action, as the rule that the bucket's policy has to let in each time."""
        bucket, key = described["bucketName"], described["objectKey"]
        if not members.get("IamRoleArn") and not self._backend.may_write(bucket, key, arn):
            raise PermissionError(f"{arn} may not write to {bucket}")
        self._backend.put_object(bucket, key, mail.data)

    def _publish(self, topic: str, arn: str, notice: dict[str, Any]) -> None:
        """Publish a notification, as the rule that the topic's policy has to let in each time."""
        if not self._backend.may_publish(topic, arn):
            raise PermissionError(f"{arn} may not publish to {topic}")
        self._backend.publish(topic, _SUBJECT, {"notificationType": "Received", **notice})

    def _publish_whole(self, members: dict[str, str], mail: Mail, notice: dict[str, Any], arn: str) -> None:
        """Carry out an SNS action: the mail itself travels in the notification."""
        if len(mail.data) > SNS_ACTION_LIMIT:
            self._bounce(
                {"Sender": "mailer-daemon@amazonses.com", "SmtpReplyCode": "552", "Message": "Message too large"}, mail
            )
            return
        base64_wanted = members.get("Encoding") == "Base64"
        content = base64.b64encode(mail.data).decode() if base64_wanted else mail.data.decode("utf-8", "replace")
        self._publish(members["TopicArn"], arn, {**notice, "content": content})

    def _invoke(self, members: dict[str, str], notice: dict[str, Any], arn: str) -> str | None:
        """Carry out a Lambda action; a function that is waited for may end the rule or the rule set."""
        if not self._backend.may_invoke(members["FunctionArn"], arn):
            raise PermissionError(f"{arn} may not invoke {members['FunctionArn']}")
        event = {"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": notice}]}
        wait = members["InvocationType"] == "RequestResponse"
        answer = self._backend.invoke(members["FunctionArn"], event, wait)
        disposition = answer.get("disposition", "") if isinstance(answer, dict) else ""
        return {_RULE_ENDS: _RULE_ENDS, _RULE_SET_ENDS: _RULE_SET_ENDS}.get(str(disposition).upper())

    def _bounce(self, members: dict[str, str], mail: Mail) -> None:
        """Carry out a bounce action: a bounce to the envelope sender, never to the null sender (RFC 5321 4.5.5)."""
        if not mail.envelope.sender:
            return
        reason = " ".join(members[name] for name in ("SmtpReplyCode", "StatusCode", "Message") if name in members)
        lines = (
            f"From: {members['Sender']}",
            f"To: {mail.envelope.sender}",
            "Subject: Delivery Status Notification (Failure)",
            "Auto-Submitted: auto-replied",
            "",
            reason,
        )
        text = "".join(f"{line}\r\n" for line in lines)
        self._outbox.add(mail.message_id, text.encode("utf-8", "surrogateescape"), "", (mail.envelope.sender,))


def _enabled(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule["Enabled"]]


def _described(kind: str, members: dict[str, str], mail: Mail) -> dict[str, str]:
    """Return an action as it stands in a notification."""
    if kind == "S3Action":
        prefix = members.get("ObjectKeyPrefix", "")
        members = {**members, "ObjectKeyPrefix": prefix, "ObjectKey": prefix + mail.message_id}
    return {name[0].lower() + name[1:]: value for name, value in members.items()}


def _with_header(mail: Mail, name: str, value: str) -> Mail:
    field = Field(f"{name}: {value}\r\n".encode("utf-8", "replace"))
    return replace(mail, fields=(field, *mail.fields))
