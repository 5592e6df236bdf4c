# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forwarder with all that a security team asks for: who reads mail and owners, and that it forwards all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.forwarding import (
    BUCKET,
    COPY,
    DOMAIN,
    MAP,
    STACK,
    Forwarding,
    deploy_variables,
    not_deployed,
)
from tests.integration.permissions import documented, filled, make_user
from tests.integration.role_rights import Rights, cases
from tests.integration.secured import ACCOUNT, KEYLESS, READER, READS_MAIL, SECURITY, USES_KEYS, assume, policy, prepare
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook

README = Path(__file__).parents[2] / "roles" / "mail_forwarder" / "README.md"
ADMIN, OWNER, ADDRESS = "cloud-team@example.com", "jane@example.org", "payments-001@accounts.example.com"
LOGS = f"{STACK}-logs-{ACCOUNT}-eu-west-1"
HAM = b"From: no-reply@example.org\r\nSubject: Reset\r\n\r\nhttps://example.org/reset\r\n"
SPAM = "spam=FAIL virus=PASS dmarc=PASS"
# Who reads everything that IAM can allow, with and without the right to use keys.
READS_ALL = [*READS_MAIL, "dynamodb:GetItem", "dynamodb:Scan"]


@dataclass(frozen=True)
class Secured:
    """The forwarder, the mail that it forwarded and the one that it quarantined."""

    forwarding: Forwarding
    forwarded: str
    quarantined: str

    def deploy(self, *options: str, **variables: Any) -> Recap:
        given = {**deploy_variables(ADMIN), **SECURITY, **variables}
        return self.play("deploy", given, *options)

    def play(self, name: str, variables: dict[str, Any], *options: str) -> Recap:
        log = self.forwarding.folder / "ansible.log"
        return run_playbook(name, variables, self.forwarding.aws.environment, log, *options)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with not_deployed(tmp_path_factory.mktemp("secured")) as forwarding:
        prepare(forwarding.aws)
        Secured(forwarding, "", "").deploy()
        forwarding.vend(ADDRESS, [OWNER])
        forwarded = forwarding.receive(ADDRESS, HAM)
        quarantined = forwarding.receive(ADDRESS, HAM, SPAM)
        forwarding.settle()
        yield Secured(forwarding, forwarded, quarantined)


@pytest.fixture(scope="module")
def rights(secured: Secured) -> Rights:
    return Rights(secured.forwarding.aws)


@pytest.mark.parametrize(("role", "act", "allowed"), cases(has_key=True))
def test_what_a_role_may_do_with_all_security_variables(rights: Rights, role: str, act: str, allowed: bool) -> None:
    assert rights.may(role, act) is allowed


def given_key_policy() -> str:
    """Return the policy that the role's README has for a key that is given."""
    (found,) = re.findall(r"A key of your own .*?```json\n(.*?)```", README.read_text(), re.DOTALL)
    return Template(found).substitute(account=ACCOUNT, region="eu-west-1", stack=STACK)


def is_refused(call: Callable[[], Any]) -> bool:
    """Tell whether IAM or a policy refuses a call."""
    try:
        call()
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return True
    return False


@pytest.mark.parametrize(
    ("name", "actions", "reads_mail", "reads_owners"),
    [
        pytest.param("read-only", READS_ALL, False, False, id="ReadOnlyAccess"),
        pytest.param("with-keys", READS_ALL + USES_KEYS, False, True, id="may use keys, and is no named reader"),
        pytest.param(READER, READS_ALL + USES_KEYS, True, True, id="named reader"),
        pytest.param(KEYLESS, READS_ALL, False, False, id="named reader that may not use keys"),
    ],
)
def test_who_reads_mail_and_owners(
    secured: Secured, name: str, actions: list[str], reads_mail: bool, reads_owners: bool
) -> None:
    session = assume(secured.forwarding.aws, name, actions)
    endpoint = secured.forwarding.aws.environment["AWS_ENDPOINT_URL"]
    s3, dynamodb = (session.client(service, endpoint_url=endpoint) for service in ("s3", "dynamodb"))
    mails = [f"mail/{secured.forwarded}", f"quarantine/{secured.quarantined}"]
    found = {key: not is_refused(partial(s3.get_object, Bucket=BUCKET, Key=key)) for key in mails}
    assert found == dict.fromkeys(mails, reads_mail)
    owner = {"pk": {"S": f"ADDRESS#{ADDRESS}"}}
    assert is_refused(partial(dynamodb.get_item, TableName=MAP, Key=owner)) is not reads_owners


@pytest.mark.parametrize(
    ("play", "variables"),
    [
        pytest.param("vend_address", {"account_name": "second-001", "account_owners": [OWNER]}, id="writes the map"),
        pytest.param("list_addresses", {}, id="reads the map"),
        pytest.param("list_held_mail", {}, id="looks at mail, queues and the record"),
    ],
)
def test_a_play_runs_with_its_policy_and_that_of_the_key_and_not_without(
    secured: Secured, play: str, variables: dict[str, Any]
) -> None:
    key = secured.forwarding.client("kms").describe_key(KeyId=f"alias/{STACK}")["KeyMetadata"]["Arn"]
    names = {
        "account": ACCOUNT,
        "region": "eu-west-1",
        "stack": STACK,
        "map_table": MAP,
        "mail_bucket": BUCKET,
        "key": key,
    }
    own, of_key = (
        json.loads(filled(documented()[section], names))["Statement"] for section in (play, "With a KMS key")
    )
    given = {"account_email_table": MAP, "account_domain": DOMAIN, **variables}
    log = secured.forwarding.folder / f"{play}.log"
    for name, statements in ((f"{play}-keyless", own), (f"{play}-with-key", own + of_key)):
        user = make_user(secured.forwarding.aws, name, policy(statements), ACCOUNT)
        if statements is own:
            with pytest.raises(PlaybookFailedError, match=r"AccessDenied|not authorized"):
                run_playbook(play, given, user, log)
        else:
            run_playbook(play, given, user, log)


def test_mail_reaches_its_owner_and_is_released_with_a_key_of_before(secured: Secured) -> None:
    """Mail stays readable to the functions once the forwarder has another key: here the one of the account's own."""
    forwarding = secured.forwarding
    assert forwarding.got()[secured.forwarded] == {OWNER: [COPY]}
    assert not forwarding.refused()
    before = forwarding.client("s3").head_object(Bucket=BUCKET, Key=f"quarantine/{secured.quarantined}")["SSEKMSKeyId"]
    key = forwarding.client("kms").create_key()["KeyMetadata"]
    forwarding.client("kms").put_key_policy(KeyId=key["Arn"], PolicyName="default", Policy=given_key_policy())
    secured.deploy(mail_forwarder_kms_key=key["Arn"])
    forwarding.release(secured.quarantined)
    forwarded = forwarding.receive(ADDRESS, HAM)
    forwarding.settle()
    assert forwarding.got()[secured.quarantined][OWNER][-1] == COPY
    assert forwarding.got()[forwarded] == {OWNER: [COPY]}
    after = forwarding.client("s3").head_object(Bucket=BUCKET, Key=f"mail/{forwarded}")["SSEKMSKeyId"]
    assert (before == after, after) == (False, key["Arn"])
    assert not forwarding.refused()
    for options in (("--check",), ()):
        assert secured.deploy(*options, mail_forwarder_kms_key=key["Arn"]).changed == 0
