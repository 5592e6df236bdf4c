# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recovery of a root user: proven mailbox, opened, AWS's mail forwarded, closed; and what is left open, closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.forwarding import DOMAIN, MAP, Forwarding, deployed
from tests.integration.test_ad_hoc import ad_hoc
from tests.local_aws.playbook import PlaybookFailedError, Recap, run_playbook
from tests.local_aws.root_access import RootUser

OWNERS = ["jane@example.org", "joe@example.org"]
WAITS, DELETES = "Wait until AWS's mail is forwarded", "Delete the credentials"


class KilledError(Exception):
    """What ends a play where it is."""


@dataclass
class Account:
    """A member account with a vended address, on a forwarder that is deployed, and who recovers it."""

    forwarding: Forwarding
    name: str
    environment: dict[str, str]
    id: str = ""
    said: str = ""
    others: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = {"name_prefix": self.name, "domain": DOMAIN, "request_id": self.name, "owners": OWNERS}
        made: dict[str, Any] = ad_hoc({**self.environment}, options, module="vended_account")
        self.id = made["vended_account"]["account_id"]

    @property
    def address(self) -> str:
        return f"{self.name}-001@{DOMAIN}"

    @property
    def twice(self) -> dict[str, str]:
        return {f"account_factory_{name}": self.id for name in ("account_id", "confirm_account_id")}

    @property
    def user(self) -> RootUser:
        return self.forwarding.aws.root_access.user(self.id)

    def run(
        self, play: str, variables: dict[str, str], *flags: str, on_task: Callable[[str], None] | None = None
    ) -> Recap:
        log = self.forwarding.folder / f"{play}-{self.name}.log"
        log.unlink(missing_ok=True)
        try:
            return run_playbook(play, variables, self.environment, log, *flags, on_task=on_task)
        finally:
            self.said = log.read_text()

    def recover(self, *flags: str, on_task: Callable[[str], None] | None = None) -> Recap:
        given = {"account_factory_reason": "TICKET-4711", "account_factory_recoverable_for": "10m"}
        return self.run("recover_root", {**self.twice, **given}, *flags, on_task=on_task)

    def lock(self) -> None:
        """Have another job close the recovery at the same time."""
        log = self.forwarding.folder / f"lock-{self.name}.log"
        job = threading.Thread(target=run_playbook, args=("lock_root", self.twice, self.environment, log))
        job.start()
        self.others.append(job)


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    with deployed(tmp_path_factory.mktemp("root"), "admin@example.com") as one:
        yield one


@pytest.fixture(scope="module")
def environment(forwarding: Forwarding) -> dict[str, str]:
    """Return the environment of a user: AWS takes AssumeRoot from nobody who is root."""
    iam = forwarding.client("iam")
    iam.create_user(UserName="operator")
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName="operator", PolicyArn=policy)
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**forwarding.aws.environment, **keys, "ACCOUNT_EMAIL_TABLE": MAP}


@pytest.fixture(scope="module")
def probed(forwarding: Forwarding, environment: dict[str, str]) -> None:
    """Let a mail of the probe go through, before which nothing is opened."""
    account = Account(forwarding, "unproven", environment)
    with pytest.raises(PlaybookFailedError, match="no mail of the probe has got through"):
        account.recover()
    assert not account.user.password_created_at
    ad_hoc({**environment}, {"wait_timeout": 60}, module="mail_forwarder_probe")
    forwarding.settle()


@pytest.mark.usefixtures("probed")
def test_from_opening_to_closing(forwarding: Forwarding, environment: dict[str, str]) -> None:
    account = Account(forwarding, "app", environment)
    assert account.recover("--check").changed == 1
    assert "In check mode: nothing was changed." in account.said
    assert account.user == RootUser()

    def act(task: str) -> None:
        if task == WAITS:
            assert forwarding.aws.forgot_password(account.id)
        if task == DELETES:
            assert account.user.password_created_at
            account.lock()

    assert account.recover(on_task=act).changed == 1
    for job in account.others:
        job.join()
    assert account.user == RootUser()
    assert f"address    {account.address}" in account.said
    for owner in OWNERS:
        assert f"to         {owner}" in account.said
    assert "signin.example.com" not in account.said
    found = ad_hoc({**environment}, {"only": "open"}, module="account_root_credentials_info")
    assert (found["root_credentials"], found["overdue"]) == ([], [])
    assert account.run("lock_root", {}).changed == 0
    assert "No recovery is overdue." in account.said


@pytest.mark.usefixtures("probed")
def test_what_is_left_open_is_shown_and_closed(forwarding: Forwarding, environment: dict[str, str]) -> None:
    account = Account(forwarding, "left", environment)

    def die(task: str) -> None:
        if task == WAITS:
            raise KilledError

    with pytest.raises(KilledError):
        account.recover(on_task=die)
    assert account.user.password_created_at
    found = ad_hoc({**environment}, {"only": "open"}, module="account_root_credentials_info")
    (one,) = found["root_credentials"]
    assert (one["account_id"], one["recovery"]["reason"]) == (account.id, "TICKET-4711")
    # Its time is not over, so that nothing closes it that is not told to.
    assert account.run("lock_root", {}).changed == 0
    assert account.user.password_created_at
    assert account.run("lock_root", account.twice, "--check").changed == 1
    assert account.run("lock_root", account.twice).changed == 1
    assert account.run("lock_root", account.twice).changed == 0
    assert account.user == RootUser()
