# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, from nothing to a root mail in its owner's mailbox, on local AWS; then all of it again.

Run by ``make demo``. Ends with ``demo: ok`` and status 0 only if every step was checked, with ``demo: FAILED: why``
otherwise.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from boto3.dynamodb.types import TypeDeserializer

from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.local_aws import LocalAws, SentMail
from tests.local_aws.domain import hosted_zone
from tests.local_aws.playbook import Recap, run_playbook
from tests.local_aws.shell import forget_settings

MAIL = Path(__file__).parents[1] / "mail" / "root-password-reset.eml"
SENDER = "no-reply@signin.example.com"
DOMAIN = "accounts.example.com"
OWNER = "analytics-leads@example.org"
TABLE = "mail-forwarder-map"
# How the doctor and drift begin to say what they found.
_CHECKED = re.compile(r"\d+ checks: [^\"]*")
_COMPARED = re.compile(r"\d+ accounts? and \d+ address(es)? compared: [^\"]*")
# A mail takes a second or two. A loaded machine may take far longer, and that is no failure.
DELIVERY_TIMEOUT = 90.0

FORWARDER: dict[str, object] = {
    "mail_forwarder_domain": DOMAIN,
    "mail_forwarder_admin_address": "account-admins@example.org",
    "mail_forwarder_alarm_address": "on-call@example.org",
}
REQUEST: dict[str, object] = {
    "account_factory_name_prefix": "analytics",
    "account_factory_domain": DOMAIN,
    "account_factory_request_id": "TICKET-4711",
    "account_factory_owners": [OWNER],
    "account_factory_account_type": "sandbox",
    "account_email_table": TABLE,
}


class DemoFailedError(Exception):
    """A step did not end as it should; the text says why."""


@dataclass(frozen=True)
class Account:
    """What the map and AWS Organizations hold, asked directly and not through the playbooks."""

    record: AddressRecord
    account_id: str


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    forget_settings()
    directory = Path(tempfile.mkdtemp(prefix="account-factory-demo-"))
    try:
        _show(directory)
    except KeyboardInterrupt:
        shutil.rmtree(directory)
        print("\ndemo: FAILED: it was interrupted")
        return 130
    except Exception as error:  # noqa: BLE001 - whatever it was, the last line has to say so
        reason, _line_end, details = str(error).partition("\n")
        print(f"\n{details}\nWhat was logged is kept in {directory}\ndemo: FAILED: {reason or type(error).__name__}")
        return 1
    shutil.rmtree(directory)
    print("demo: ok")
    return 0


def _show(directory: Path) -> None:
    print(
        "The main job of account_factory.email, on this machine: no AWS account is used, nothing leaves it.\n",
        flush=True,
    )
    log = directory / "ansible.log"
    with ExitStack() as stack:
        with _step("Start local AWS"):
            aws = stack.enter_context(LocalAws(directory / "aws"))
            zone = stack.enter_context(hosted_zone(aws, DOMAIN))
        stack.enter_context(_emulator_watched(aws))
        plays = (("deploy", {**FORWARDER, **zone.variables()}), ("create_account", REQUEST))
        first = [_play(aws, log, name, variables, show=True) for name, variables in plays]
        account = _account(aws)
        with _step(f"Send a root mail to {account.record.address} by SMTP"):
            aws.send_mail(SENDER, [account.record.address], MAIL.read_bytes())
        with _step(f"Wait for it in the mailbox of {OWNER}"):
            received = _check_received(aws, account.record.address)
        again = [_play(aws, log, name, variables, show=False, again=True) for name, variables in plays]
        with _step("Check that the second run changed nothing"):
            _check_unchanged(aws, account, first, again)
        doctor = _asked(
            aws,
            log,
            "doctor",
            {"mail_forwarder_nameservers": [zone.nameserver], "mail_forwarder_fail_on": "warn"},
            _CHECKED,
        )
        drift = _asked(aws, log, "drift", {"account_email_table": TABLE}, _COMPARED)
    _report(account, received, again, (doctor, drift))


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Say what begins and, when it is over, how long it took."""
    print(f"* {title} ...", flush=True)
    begun = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - begun:.1f} s", flush=True)


@contextmanager
def _emulator_watched(aws: LocalAws) -> Iterator[None]:
    """Say of a failure that it came from the emulator, where that has ended by itself."""
    try:
        yield
    except Exception as error:
        if aws.is_running():
            raise
        raise DemoFailedError(f"the emulator of AWS ended by itself\n{error}\n{aws.log_tail()}") from error


def _play(
    aws: LocalAws, log: Path, name: str, variables: Mapping[str, object], *, show: bool, again: bool = False
) -> Recap:
    def on_task(task: str) -> None:
        if show:
            print(f"    - {task}", flush=True)

    with _step(f"ansible-playbook account_factory.email.{name}{', again' if again else ''}"):
        recap = run_playbook(name, variables, aws.environment, log, on_task=on_task)
        print(f"    ok={recap.ok} changed={recap.changed}")
    return recap


def _asked(aws: LocalAws, log: Path, name: str, variables: Mapping[str, object], summary: re.Pattern[str]) -> str:
    """Run a playbook that looks and changes nothing, and return its summary."""
    begins = log.stat().st_size
    _play(aws, log, name, variables, show=False)
    with log.open(encoding="utf-8") as said:
        said.seek(begins)
        found = summary.search(said.read())
    _check(found is not None, f"{name} did not say what it found")
    return found[0] if found else ""


def _account(aws: LocalAws) -> Account:
    """Return what was made, after a check that it is one address and one account and that each knows the other."""
    records = _addresses(aws)
    pages = aws.client("organizations").get_paginator("list_accounts").paginate()
    vended = [account for page in pages for account in page["Accounts"] if account["Email"].endswith(f"@{DOMAIN}")]
    _check(len(records) == 1, f"the map holds {len(records)} addresses instead of one")
    _check(len(vended) == 1, f"the organization has {len(vended)} accounts in {DOMAIN} instead of one")
    record, account = records[0], vended[0]
    _check(account["Email"] == record.address, f"the account has the address {account['Email']}, not {record.address}")
    _check(account["Id"] == record.account_id, f"the map names account {record.account_id}, it is {account['Id']}")
    _check(record.status == "active", f"the address is {record.status}, not active")
    _check(record.owners == (OWNER,), f"the address is owned by {record.owners}")
    return Account(record, account["Id"])


def _addresses(aws: LocalAws) -> list[AddressRecord]:
    deserialize = TypeDeserializer().deserialize
    items = aws.client("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"]
    values = [{name: deserialize(value) for name, value in item.items()} for item in items]
    return [AddressRecord.from_item(item) for item in values if item["pk"].startswith("ADDRESS#")]


def _check_received(aws: LocalAws, address: str) -> SentMail:
    """Return the mail that the owner got, after a check of its envelope, its header and every byte of its body."""
    mails = aws.outbox.wait_for(recipient=OWNER, timeout=DELIVERY_TIMEOUT)
    _check(len(mails) == 1, f"{len(mails)} mails arrived instead of one")
    mail = mails[0]
    header = _header(mail.data)
    sent = _header(MAIL.read_bytes())
    _check(mail.recipients == (OWNER,), f"the envelope names {mail.recipients}")
    _check(_body(mail.data) == _body(MAIL.read_bytes()), "the body is not what was sent")
    _check(header["To"] == address, f"To is {header['To']}, not the vended address")
    _check(header["Subject"] == sent["Subject"], f"Subject is {header['Subject']}")
    _check(header["From"].addresses[0].addr_spec.endswith(f"@{DOMAIN}"), f"From is {header['From']}")
    return mail


def _check_unchanged(aws: LocalAws, account: Account, first: list[Recap], again: list[Recap]) -> None:
    _check(all(recap.changed for recap in first), "the first run changed nothing, so the second proves nothing")
    _check(not any(recap.changed for recap in again), f"the second run changed {[recap.changed for recap in again]}")
    _check(_account(aws) == account, "the second run left another address or account")
    _check(len(aws.outbox.messages()) == 1, f"{len(aws.outbox.messages())} mails left through SES instead of one")
    sqs = aws.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        left = {name: count for name, count in counts.items() if name.startswith("ApproximateNumber") and count != "0"}
        _check(not left, f"messages are left in {url}: {left}")


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoFailedError(otherwise)


def _header(data: bytes) -> EmailMessage:
    return BytesParser(policy=policy.SMTP).parsebytes(data, headersonly=True)


def _body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def _report(account: Account, received: SentMail, again: list[Recap], found: tuple[str, str]) -> None:
    header = _header(received.data)
    (deploy, create), (doctor, drift) = again, found
    print(f"""
  address      {account.record.address}
  account      {account.account_id}  {account.record.account_name}
  owner        {", ".join(received.recipients)}
               got   From     {header["From"]}
                     To       {header["To"]}
                     Subject  {header["Subject"]}
                     Body     {len(_body(received.data))} bytes, each as it was sent
  second run   deploy changed={deploy.changed}, create_account changed={create.changed}; no second mail or account
  doctor       {doctor}
  drift        {drift}
""")


if __name__ == "__main__":
    sys.exit(main())
