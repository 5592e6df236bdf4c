# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forged mail on its way through the deployed forwarder: held back, told of, and released by a person."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from tests.integration.role_rights import Rights, cases
from tests.integration.secured import MANAGEMENT
from tests.local_aws import LocalAws
from tests.local_aws.outbox import SentMail
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

DOMAIN = "accounts.example.com"
ADDRESS = f"payments-001@{DOMAIN}"
OWNERS = ("ann@example.org", "bob@example.org")
MAIL = Path(__file__).parents[1] / "mail" / "root-password-reset.eml"
HOSTILE = (
    "From: =?utf-8?q?AWS=1B[2J=0D=0AFrom:_x?= <no-reply@evil.example>\r\n"
    "Subject: \x1b]8;;https://evil.example/\x07Invoice\u202efdp.exe\x1b[31m {{ 7 * 7 }} mailto:x@evil\r\n"
    "X-Long: " + "https://evil\u3002example/ " * 50 + "\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/html\r\n\r\n<a href='https://evil.example/'>pay at once</a>\r\n"
    "--b\r\nContent-Type: application/x-msdownload\r\n"
    "Content-Disposition: attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe%1B%5B31m\r\n\r\nMZ\r\n--b--\r\n"
).encode()
FORGED = "spam=PASS virus=PASS spf=FAIL dkim=FAIL dmarc=FAIL;reject"


@dataclass(frozen=True)
class Deployed:
    """A forwarder in an account where every permission counts, and one vended address."""

    aws: LocalAws
    log: Path

    def release(self, message_id: str, *options: str) -> Recap:
        return run_playbook("release_mail", {"message_id": message_id}, self.aws.environment, self.log, *options)

    def show(self, message_id: str, *options: str) -> str:
        """Run the playbook that shows a held mail and return what it prints."""
        log = self.log.with_name("show.log")
        log.unlink(missing_ok=True)
        variables = {"mail_forwarder_message_id": message_id}
        run_playbook("show_held_mail", variables, self.aws.environment, log, *options)
        return log.read_bytes().decode()

    def receive(self, verdicts: str, mail: bytes | None = None) -> tuple[str, list[SentMail]]:
        """Send a mail from outside; return SES's id of it and what the owners got."""
        before = len(self.aws.outbox.messages())
        self.aws.send_mail("bounce@evil.example", [ADDRESS], mail or MAIL.read_bytes(), verdicts)
        got = self.aws.outbox.wait_for(count=before + 2, timeout=60)[before:]
        (message_id,) = {mail.tags["message_id"] for mail in got}
        return message_id, got


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("release")
    variables: dict[str, Any] = {
        "mail_forwarder_domain": DOMAIN,
        "mail_forwarder_admin_address": "cloud-team@example.com",
        "mail_forwarder_organization_principals": [MANAGEMENT],
        "mail_forwarder_probe_rate": "rate(1 day)",
        "mail_forwarder_owner_sync_minutes": 1440,
        "mail_forwarder_vending": "lambda",
    }
    with LocalAws(folder / "aws", enforce_iam=True) as aws:
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        run_playbook("deploy", variables, aws.environment, folder / "ansible.log")
        item = AddressRecord(ADDRESS, "payments-001", DOMAIN, OWNERS, "active").to_item()
        serialized = {name: TypeSerializer().serialize(value) for name, value in item.items()}
        aws.client("dynamodb").put_item(TableName="mail-forwarder-map", Item=serialized)
        yield Deployed(aws, folder / "ansible.log")


def test_a_forged_mail_reaches_its_owners_only_once_released(deployed: Deployed) -> None:
    message_id, letters = deployed.receive(FORGED)
    assert sorted(mail.recipients for mail in letters) == [(owner,) for owner in OWNERS]
    for letter in letters:
        assert b"Subject: Mail for payments-001@accounts.example.com: held back, sender not verified" in letter.data
        assert f"-e message_id={message_id}\r\n".encode() in letter.data
        assert b"resetpassword" not in letter.data

    assert deployed.release(message_id, "--check").changed == 1
    assert len(deployed.aws.outbox.messages()) == len(letters)
    assert deployed.release(message_id).changed == 1
    copies = deployed.aws.outbox.messages()[-2:]
    assert sorted(mail.recipients for mail in copies) == [(owner,) for owner in OWNERS]
    for copy in copies:
        assert b"\r\nSubject: [sender not verified] " in copy.data
        assert copy.data.endswith(MAIL.read_bytes().partition(b"\r\n\r\n")[2])

    assert deployed.release(message_id, "--check").changed == 0
    assert deployed.release(message_id).changed == 0
    time.sleep(1)
    assert len(deployed.aws.outbox.messages()) == 4
    assert "already-sent: 2" in deployed.log.read_text()


def test_what_cannot_be_released_is_said_plainly(deployed: Deployed) -> None:
    message_id, _letters = deployed.receive("spam=PASS virus=FAIL dmarc=PASS")
    with pytest.raises(PlaybookFailedError, match=f"the mail {message_id}: {message_id} holds a virus and cannot be"):
        deployed.release(message_id)
    with pytest.raises(
        PlaybookFailedError, match="Failed to release the mail no-such: the quarantine has no mail no-such"
    ):
        deployed.release("no-such")


def test_a_held_mail_is_shown_without_harm(deployed: Deployed) -> None:
    message_id, _letters = deployed.receive(FORGED, HOSTILE)
    for options in ((), ("-v",), ("--check", "-vvv")):
        shown = deployed.show(message_id, *options)
        assert {sign for sign in shown if not sign.isprintable()} == {"\n"}
        assert f'"quarantine/{message_id}: quarantined, ' in shown
        assert '"From: AWS [2J From: x <no-reply@evil[.]example>"' in shown
        assert '"Subject: ]8;;https evil[.]example/ Invoice fdp[.]exe [31m {{ 7 * 7 }} mailto x@evil"' in shown
        assert re.search(r"application/x-msdownload +attachment +2 +invoice fdp\[\.\]exe \[31m", shown)
        assert "pay at once" not in shown
        assert "evil.example" not in shown


def test_a_mail_that_is_not_kept_is_not_shown(deployed: Deployed) -> None:
    with pytest.raises(PlaybookFailedError, match="there is no mail no-such in the bucket: it came more than"):
        deployed.show("no-such")


@pytest.fixture(scope="module")
def rights(deployed: Deployed) -> Rights:
    return Rights(deployed.aws)


@pytest.mark.parametrize(("role", "act", "allowed"), cases(has_key=False))
def test_what_a_role_may_do_without_security_variables(rights: Rights, role: str, act: str, allowed: bool) -> None:
    assert rights.may(role, act) is allowed
