# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""vended_account and vended_accounts: their real main() against local AWS's accounts, and moto's DynamoDB and S3."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import ExactRequest
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord, Stamp
from ansible_collections.account_factory.email.plugins.module_utils._vended_account import engine
from ansible_collections.account_factory.email.plugins.modules import vended_account, vended_accounts
from tests.local_aws.account import AccountManagement
from tests.local_aws.received_mail import Envelope, arrive
from tests.local_aws.wire import AwsError
from tests.map_table import create_table
from tests.map_work import edit_of, edit_record, vend
from tests.unit.conftest import RunModule
from tests.unit.modules.conftest import MASTER, World

DOMAIN, BUCKET = "accounts.example.com", "mail-forwarder-mail-111122223333-eu-west-1"
ADDRESS = f"app-001@{DOMAIN}"
NEW: dict[str, Any] = {
    "name_prefix": "app",
    "domain": DOMAIN,
    "request_id": "T-1",
    "owners": ["jane@example.org"],
}
# What is said of alternate contacts.
DETAILS: dict[str, Any] = {"name": "Cloud team", "phone_number": "+49 30 123"}
TWO = ("billing", "security")
EXACT: dict[str, Any] = {name: value for name, value in NEW.items() if name != "name_prefix"}
TIMES = ("created_at", "updated_at", "owners_since", "joined_timestamp")
# What AWS assigns, which check mode cannot know, and what depends on the number of writes.
UNKNOWN = (
    *TIMES,
    "account_id",
    "create_account_request_id",
    "id",
    "arn",
    "state",
    "joined_method",
    "parent_id",
    "version",
)


class Accounts(World):
    """An organization whose verification mail comes into a bucket, beside the forwarder's map."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.management = AccountManagement(
            self.organization, MASTER, self._mail, lambda _key: self.caller, lambda: self.now
        )
        self.table = api.Table(boto3.client("dynamodb", region_name="eu-west-1"), "map")

    def _mail(self, sender: str, recipient: str, data: bytes) -> None:
        stored = arrive("id", Envelope("mx", "192.0.2.1", sender, (recipient,)), data, "eu-west-1", datetime.now(UTC))
        key = f"mail/{uuid4().hex}"
        boto3.client("s3", region_name="eu-west-1").put_object(Bucket=BUCKET, Key=key, Body=stored.data)

    def member(self, email: str, name: str = "old") -> str:
        """Return the id of an account that another job has had made."""
        return self.create(name, email)

    def older_member(self, email: str, name: str) -> str:
        """Return the id of an account that was made two hours ago."""
        self.now = time.time() - 7200
        account_id = self.member(email, name)
        self.now = time.time()
        return account_id

    def names(self) -> list[str]:
        """Return the names of all accounts, of all pages."""
        page, names = self.call("ListAccounts"), []
        while True:
            names += [account["Name"] for account in page["Accounts"]]
            if "NextToken" not in page:
                return names
            page = self.call("ListAccounts", NextToken=page["NextToken"])

    def email(self, account_id: str) -> str:
        return str(self.call("DescribeAccount", AccountId=account_id)["Account"]["Email"])

    def contacts(self, account_id: str) -> list[str]:
        """Return the emails of an account's alternate contacts in the order of the kinds, whoever set them."""
        found = []
        for kind in ("BILLING", "OPERATIONS", "SECURITY"):
            answer = self.call("GetAlternateContact", AccountId=account_id, AlternateContactType=kind)
            found += [answer["AlternateContact"]["EmailAddress"]] if "AlternateContact" in answer else []
        return found

    def record(self, address: str = ADDRESS) -> AddressRecord:
        record = api.get_record(self.table, address)
        assert record
        return record

    def records(self) -> list[AddressRecord]:
        return sorted(api.records(self.table), key=lambda record: record.address)


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    # moto loses writes of transactions that run at the same time.
    monkeypatch.setattr(api, "PARALLEL", 1)
    monkeypatch.setattr(engine, "AT_ONCE", 1)
    with mock_aws(config={"core": {"passthrough": {"services": ["account", "organizations", "servicequotas"]}}}):
        location = {"LocationConstraint": "eu-west-1"}
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        world = Accounts(now=time.time())
        monkeypatch.setattr("time.sleep", world.sleep)
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _session, request: world.send(request))
        create_table(world.table.client)
        assert api.put_domain(world.table, DOMAIN, f"aws@{DOMAIN}")
        yield world


def one(run_module: RunModule, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return run_module(vended_account.main, check_mode=check_mode, table="map", **options)


def many(run_module: RunModule, *entries: Any, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    return run_module(vended_accounts.main, check_mode=check_mode, table="map", accounts=list(entries), **options)


def known(value: Any) -> Any:
    """Return the value without what only AWS knows."""
    if isinstance(value, dict):
        return {name: known(each) for name, each in value.items() if name not in UNKNOWN}
    return [known(each) for each in value] if isinstance(value, list) else value


def test_an_account_in_check_mode_for_real_and_again(run_module: RunModule, accounts: Accounts) -> None:
    options = {**NEW, "parent": "Workloads/Prod", "create_parents": True, "tags": {"team": "blue"}}
    planned = one(run_module, check_mode=True, **options)
    assert (accounts.records(), accounts.accounts()) == ([], [])
    done = one(run_module, **options)
    assert known(planned) == known(done)
    assert planned["vended_account"]["status"] == done["vended_account"]["status"] == "active"
    account = done["vended_account"]["account"]
    assert account["id"] == done["vended_account"]["account_id"] == accounts.record().account_id
    assert (account["path"], account["tags"]) == ("Workloads/Prod", {"team": "blue"})
    assert done["created_parents"] == ["Workloads", "Workloads/Prod"]
    assert done["diff"] == {"before": {}, "after": done["vended_account"]}
    assert accounts.accounts() == [(ADDRESS, "app-001")]
    assert accounts.tree()["Workloads/Prod"] == ["app-001"]
    for check_mode in (True, False):
        again = one(run_module, check_mode=check_mode, **options)
        assert not again["changed"]
        assert again["vended_account"] == done["vended_account"]
        assert again["diff"]["before"] == again["diff"]["after"]
        assert again["created_parents"] == []


def test_what_it_asks_of_organizations(run_module: RunModule, accounts: Accounts) -> None:
    accounts.unit("Prod")
    accounts.calls.clear()
    one(run_module, **NEW, parent="Prod")
    asked = [name for name in accounts.calls if name != "DescribeCreateAccountStatus"]
    assert asked == [
        "ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent", "ListServiceQuotas", "CreateAccount",
        "DescribeAccount", "MoveAccount",
    ]  # fmt: skip
    accounts.calls.clear()
    one(run_module, **NEW, parent="Prod")
    assert accounts.calls == ["DescribeAccount", "ListRoots", "ListOrganizationalUnitsForParent", "ListParents"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_the_quota_has_no_room_for_is_told_before_anything_is_written(
    run_module: RunModule, accounts: Accounts, check_mode: bool
) -> None:
    """The management account is one of the three."""
    accounts.member("first@example.net")
    accounts.organization.account_quota = 3
    done = many(run_module, *({**NEW, "request_id": f"T-{number}"} for number in range(3)), check_mode=check_mode)
    assert [failure["index"] for failure in done["failures"]] == [1, 2]
    for failure in done["failures"]:
        assert "has 2 accounts, closed ones included, of the 3 that its quota allows" in failure["msg"]
    assert len(accounts.records()) == (0 if check_mode else 1)
    assert "servicequotas.us-east-1.amazonaws.com" in accounts.hosts


def _refuse(_parameters: dict[str, Any]) -> None:
    raise AwsError("AccessDeniedException", "not authorized to perform: servicequotas:ListServiceQuotas", 400)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_refuse, id="no permission"),
        pytest.param(lambda _parameters: {"Quotas": []}, id="not told"),
        pytest.param(
            lambda _parameters: {"Quotas": [{"QuotaName": "Default maximum number of accounts", "Value": 1.0}]},
            id="less than there are",
        ),
    ],
)
def test_a_quota_that_is_not_known_is_in_nobodys_way(run_module: RunModule, accounts: Accounts, answer: Any) -> None:
    accounts.member("first@example.net")
    accounts.on["ListServiceQuotas"] = answer
    done = many(run_module, *({**NEW, "request_id": f"T-{number}"} for number in range(2)))
    assert len(done["created"]) == 2


NEVER = 10**6


class DiedError(BaseException):
    """The process was killed: not an Exception, so that nothing handles it."""


def died_at(patch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Kill the run once its call of this number was carried out; return the calls as they are made.

    That AWS was not asked is what the run leaves behind that is killed at the call before, or that was never begun.
    """
    real = BaseClient._make_api_call
    calls: list[str] = []

    def call(self: Any, name: str, parameters: dict[str, Any]) -> Any:
        calls.append(name)
        is_last = len(calls) == number
        try:
            return real(self, name, parameters)
        finally:
            # Whatever AWS answered, nobody hears it.
            if is_last:
                raise DiedError

    patch.setattr(BaseClient, "_make_api_call", call)
    return calls


# A creation without its waiting: one look that finds it done, so that each call is another one.
def test_a_run_that_is_killed_at_any_call_is_resumed_by_the_next(run_module: RunModule, accounts: Accounts) -> None:
    placed = {"parent": "Workloads/Prod", "create_parents": True, "tags": {"team": "blue"}}
    options = {**NEW, **placed, "alternate_contacts": {**DETAILS, "kinds": ["billing", "security"]}}
    with pytest.MonkeyPatch.context() as patch:
        clean = died_at(patch, NEVER)
        one(run_module, **{**options, "request_id": "clean", "name_prefix": "clean"})
    assert {"CreateAccount", "MoveAccount", "TransactWriteItems", "PutAlternateContact"} <= set(clean)
    for number in range(1, len(clean) + 1):
        request = {**options, "request_id": f"T-{number}", "name_prefix": f"kill{number}x"}
        with pytest.MonkeyPatch.context() as patch:
            calls = died_at(patch, number)
            with pytest.raises(DiedError):
                one(run_module, **request)
        assert len(calls) >= number
        done = one(run_module, **request)["vended_account"]
        mine = [record for record in accounts.records() if record.request_id == f"T-{number}"]
        assert [record.account_id for record in mine] == [done["account_id"]], f"killed at {calls[number - 1]}"
        assert mine[0].create_account_request_id
        named = [name for name in accounts.names() if name.startswith(f"kill{number}x")]
        assert named == [done["account_name"]], f"killed at {calls[number - 1]}"
        assert done["account"]["path"] == "Workloads/Prod"
        assert accounts.contacts(done["account_id"]) == [f"{mine[0].account_name}+{kind}@{DOMAIN}" for kind in TWO]
        assert not one(run_module, **request)["changed"]


def aliases(local_part: str = "app-001") -> dict[str, Any]:
    return {
        kind: {**DETAILS, "title": f"{kind.capitalize()} contact", "email": f"{local_part}+{kind}@{DOMAIN}"}
        for kind in ("billing", "operations", "security")
    }


def test_aliases_become_the_contacts_of_a_new_account_once(run_module: RunModule, accounts: Accounts) -> None:
    options = {**NEW, "contacts": {"security": ["soc@example.org"]}, "alternate_contacts": DETAILS}
    planned = one(run_module, check_mode=True, **options)
    assert not {"GetAlternateContact", "PutAlternateContact"} & set(accounts.calls)
    done = one(run_module, **options)
    assert known(planned) == known(done)
    assert done["vended_account"]["alternate_contacts"] == aliases()
    assert accounts.contacts(done["vended_account"]["account_id"]) == [one["email"] for one in aliases().values()]
    for check_mode in (True, False):
        again = one(run_module, check_mode=check_mode, **options)
        assert (again["changed"], again["vended_account"]) == (False, done["vended_account"])
    assert accounts.calls.count("PutAlternateContact") == 3
    # Who gets the mail is changed in the map alone: the account is left as it is, with the option and without.
    edit_record(accounts.table, edit_of(ADDRESS, contacts={"security": ["team@example.org"]}))
    accounts.calls.clear()
    without = {name: value for name, value in options.items() if name != "alternate_contacts"}
    assert "alternate_contacts" not in one(run_module, **without)["vended_account"]
    assert not one(run_module, **options)["changed"]
    assert accounts.calls.count("PutAlternateContact") == 0


def test_contacts_that_an_account_has_are_replaced_where_they_are_named_and_the_diff_shows_them(
    run_module: RunModule, accounts: Accounts
) -> None:
    account_id = str(one(run_module, **NEW)["vended_account"]["account_id"])
    foreign = {"Name": "Jane", "Title": "CISO", "EmailAddress": "jane@example.net", "PhoneNumber": "110"}
    for kind in ("SECURITY", "OPERATIONS"):
        accounts.call("PutAlternateContact", AccountId=account_id, AlternateContactType=kind, **foreign)
    assert not one(run_module, **NEW)["changed"]
    options = {**NEW, "alternate_contacts": {"kinds": list(TWO), **DETAILS, "security": {"phone_number": "112"}}}
    wanted = {kind: aliases()[kind] for kind in TWO}
    wanted["security"]["phone_number"] = "112"
    for check_mode in (True, False):
        done = one(run_module, check_mode=check_mode, **options)
        jane = {"name": "Jane", "title": "CISO", "email": "jane@example.net", "phone_number": "110"}
        assert done["diff"]["before"]["alternate_contacts"] == {"billing": None, "security": jane}
        assert done["diff"]["after"]["alternate_contacts"] == wanted
        assert done["changed"]
    assert accounts.contacts(account_id) == [
        f"app-001+billing@{DOMAIN}",
        "jane@example.net",
        f"app-001+security@{DOMAIN}",
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(
            {"alternate_contacts": {"name": "n"}}, "alternate_contacts.phone_number: is not given", id="phone"
        ),
        pytest.param(
            {"account_name": "a", "local_part": "a/b", "alternate_contacts": DETAILS},
            "alternate_contacts: 'a/b+billing@accounts.example.com' is not what AWS takes",
            id="a sign in the address",
        ),
        pytest.param(
            {"account_name": "a", "local_part": "a+b", "alternate_contacts": DETAILS},
            "alternate_contacts: a+b@accounts.example.com has a '+' itself",
            id="a plus in the address",
        ),
        pytest.param(
            {"account_name": "a", "local_part": "a+b", "contacts": {"billing": ["x@example.org"]}},
            "contacts: a+b@accounts.example.com has a '+' itself",
            id="a plus, and contacts in the map",
        ),
        pytest.param(
            {"account_name": "a", "alternate_contacts": {**DETAILS, "phone_number": 112}},
            "112 is a number",
            id="number",
        ),
    ],
)
def test_aliases_that_aws_would_refuse_are_refused_before_anything_is_written(
    run_module: RunModule, accounts: Accounts, options: dict[str, Any], says: str
) -> None:
    request = EXACT if "account_name" in options else NEW
    for check_mode in (True, False):
        assert says in one(run_module, check_mode=check_mode, **{**request, **options})["msg"]
    assert (accounts.records(), accounts.accounts()) == ([], [])


@pytest.mark.usefixtures("accounts")
def test_what_is_not_waited_for_has_its_contacts_set_once_it_is_there(run_module: RunModule) -> None:
    options = {**NEW, "alternate_contacts": DETAILS}
    nobody = dict.fromkeys(aliases())
    for check_mode in (True, False):
        asked = one(run_module, check_mode=check_mode, **options, wait=False)
        assert asked["vended_account"]["alternate_contacts"] == nobody
    assert one(run_module, **options)["vended_account"]["alternate_contacts"] == aliases()


def test_contacts_that_cannot_be_set_leave_an_account_that_is_recorded(
    run_module: RunModule, accounts: Accounts
) -> None:
    options = {**NEW, "alternate_contacts": DETAILS}
    accounts.refuse("PutAlternateContact", "AccessDeniedException", times=1)
    failed = one(run_module, **options)
    assert failed["msg"].startswith("Failed to set the billing contact of account")
    assert "--service-principal account.amazonaws.com" in failed["msg"]
    assert accounts.record().account_id
    assert one(run_module, **options)["vended_account"]["alternate_contacts"] == aliases()
    assert len(accounts.accounts()) == 1


def test_contacts_of_the_management_account_are_not_set_from_here(run_module: RunModule, accounts: Accounts) -> None:
    email = next(each["Email"] for each in accounts.call("ListAccounts")["Accounts"] if each["Id"] == MASTER)
    local_part, _at, domain = email.partition("@")
    api.put_domain(accounts.table, domain, None)
    vend(
        accounts.table,
        ExactRequest(local_part, local_part, domain, {"owners": ("jane@example.org",)}, account_id=MASTER),
    )
    done = one(run_module, address=email, alternate_contacts=DETAILS)
    assert "use account_alternate_contact without account_id" in done["msg"]


def test_an_account_that_is_not_waited_for_is_resumed(run_module: RunModule, accounts: Accounts) -> None:
    asked = one(run_module, **NEW, wait=False, parent="/")["vended_account"]
    assert (asked["account_id"], asked["status"]) == (None, "vended")
    assert asked["create_account_request_id"] == accounts.record().create_account_request_id
    done = one(run_module, **NEW, parent="/")
    assert done["changed"]
    assert done["vended_account"]["account_id"]
    assert accounts.calls.count("CreateAccount") == 1


def test_a_creation_that_fails_says_why_and_is_mended(run_module: RunModule, accounts: Accounts) -> None:
    accounts.fail_creation("INVALID_PAYMENT_INSTRUMENT")
    failed = one(run_module, **NEW)
    assert "INVALID_PAYMENT_INSTRUMENT: the management account has no payment method that AWS accepts" in failed["msg"]
    accounts.on.clear()
    assert one(run_module, **NEW, tags={"team": "blue"})["vended_account"]["account_id"]
    assert [record.address for record in accounts.records()] == [ADDRESS]


@pytest.mark.parametrize("again", [pytest.param(False, id="all new"), pytest.param(True, id="all there")])
def test_the_organization_is_listed_once_however_long_the_list_is(
    run_module: RunModule, accounts: Accounts, again: bool
) -> None:
    entries = [{**NEW, "request_id": f"T-{number}"} for number in range(1, 13)]
    for _earlier in range(again):
        many(run_module, *entries)
    accounts.calls.clear()
    done = many(run_module, *entries)
    assert done["changed"] == (not again)
    assert accounts.calls.count("ListAccounts") == (0 if again else 1)
    assert [each["account_name"] for each in done["vended_accounts"]] == [f"app-{n:03d}" for n in range(1, 13)]
    assert len(accounts.accounts()) == 12
    assert done["created"] == ([] if again else [each["address"] for each in done["vended_accounts"]])


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        pytest.param({**NEW, "owners": ["jane"]}, "owners[0]: 'jane' is not an email address", id="owner"),
        pytest.param({**NEW, "domain": "x.example"}, "domain: nobody forwards mail of 'x.example'", id="domain"),
        pytest.param({**NEW, "parent": "Nowhere"}, "parent: the organization has no OU 'Nowhere'", id="no such OU"),
        pytest.param({**NEW, "parent": "ou-x"}, "parent: 'ou-x' is not the id of an OU", id="no OU id"),
        pytest.param({**NEW, "role_name": "a b"}, "role_name: 'a b' is not valid", id="role"),
        pytest.param({**NEW, "tags": {"team": "R&D"}}, "tags: the value of 'team'", id="tag"),
        pytest.param({**NEW, "wait_timeout": 0}, "wait_timeout: must be at least 1", id="timeout"),
        pytest.param({**NEW, "color": "red"}, "color. Supported parameters include", id="unknown option"),
        pytest.param(
            {**NEW, "request_id": None}, "missing parameter(s) required by 'name_prefix': request_id", id="id"
        ),
        pytest.param({"request_id": "T-1"}, "one of the following is required: address, name_prefix", id="no name"),
        pytest.param({**NEW, "account_name": "x"}, "mutually exclusive: name_prefix|account_name", id="two names"),
        pytest.param({"address": ADDRESS}, f"owners: {ADDRESS} is not in the map yet", id="address that is not there"),
        pytest.param({**NEW, "address": ADDRESS}, "has no place beside address", id="address and a name"),
        pytest.param({**NEW, "account_id": "1"}, "account_id: '1' is not an AWS account id", id="account id"),
        pytest.param({**NEW, "account_id": MASTER}, "is the organization's management account", id="management"),
        pytest.param({**NEW, "account_id": "999999999999"}, "has no account 999999999999", id="nobody"),
        pytest.param(
            {**NEW, "account_id": "999999999999", "parent": "/"}, "parent: has no place beside account_id", id="place"
        ),
    ],
)
def test_a_bad_entry_is_named_and_the_others_are_made(
    run_module: RunModule, accounts: Accounts, bad: Any, says: str
) -> None:
    good = {**NEW, "name_prefix": "web", "request_id": "W-1"}
    planned = many(run_module, good, bad, check_mode=True, mail_bucket=BUCKET)
    assert accounts.records() == []
    done = many(run_module, good, bad, mail_bucket=BUCKET)
    for result in (planned, done):
        assert result["failed"]
        assert [failure["index"] for failure in result["failures"]] == [1]
        assert says in result["failures"][0]["msg"]
        assert result["msg"].startswith("1 of 2 entries could not be done: accounts[1]: ")
        assert result["vended_accounts"][1] == {}
    assert [record.address for record in accounts.records()] == [f"web-001@{DOMAIN}"]
    assert accounts.accounts() == [(f"web-001@{DOMAIN}", "web-001")]


@pytest.mark.parametrize(
    ("entries", "option"),
    [
        pytest.param([NEW, {**NEW, "owners": ["joe@example.org"]}], "request_id", id="one request id twice"),
        pytest.param(
            [{**NEW, "account_id": "123456789012"}, {**NEW, "request_id": "T-2", "account_id": "123456789012"}],
            "account_id",
            id="one account twice",
        ),
    ],
)
def test_which_of_two_is_meant_nobody_can_tell(
    run_module: RunModule, accounts: Accounts, entries: list[dict[str, Any]], option: str
) -> None:
    done = many(run_module, *entries, mail_bucket=BUCKET)
    assert [failure["msg"] for failure in done["failures"]] == [
        f"{option}: is that of accounts[{other}], too; each entry needs one of its own" for other in (1, 0)
    ]
    assert (accounts.records(), accounts.calls) == ([], [])


def test_an_account_that_had_the_address_before_is_left_alone(run_module: RunModule, accounts: Accounts) -> None:
    account_id = accounts.member(ADDRESS, "app-001")
    accounts.now += 3600
    stamp = datetime.fromtimestamp(accounts.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    vend(
        accounts.table,
        ExactRequest("app-001", "app-001", DOMAIN, {"owners": ("jane@example.org",)}, request_id="T-1"),
        lambda: Stamp(stamp, "arn"),
    )
    for check_mode in (True, False):
        request = {**EXACT, "account_name": "app-001"}
        failed = one(run_module, check_mode=check_mode, **request)
        assert (
            f"the account {account_id} (app-001) had the address {ADDRESS} before it was vended here" in failed["msg"]
        )
    assert accounts.record().account_id is None


def test_a_list_that_breaks_off_is_not_taken_for_all_accounts(run_module: RunModule, accounts: Accounts) -> None:
    """Else an account that has the address already would be asked for, found, and given to the owners named here."""
    account_id = accounts.older_member(ADDRESS, "app-001")
    accounts.refuse("ListAccounts", "AccessDeniedException", times=1)
    done = many(run_module, *({**NEW, "request_id": f"T-{number}"} for number in (1, 2)))
    assert [failure["index"] for failure in done["failures"]] == [0, 1]
    assert "AccessDeniedException" in done["failures"][0]["msg"]
    # The second gets the number that the first no longer takes.
    assert f"the account {account_id} (app-001) had the address {ADDRESS}" in done["failures"][1]["msg"]
    assert "CreateAccount" not in accounts.calls
    assert [(record.request_id, record.account_id) for record in accounts.records()] == [("T-2", None)]


def test_the_address_that_is_vended_is_looked_at_and_not_only_the_one_that_was_planned(
    run_module: RunModule, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = accounts.older_member(f"app-002@{DOMAIN}", "app-002")
    real = api.draw_numbers

    def slow(table: api.Table, series: str, count: int) -> int:
        """Another job draws the number that was planned."""
        monkeypatch.setattr(api, "draw_numbers", real)
        real(table, series, 1)
        return real(table, series, count)

    monkeypatch.setattr(api, "draw_numbers", slow)
    failed = one(run_module, **NEW)
    assert f"the account {account_id} (app-002) had the address app-002@{DOMAIN}" in failed["msg"]
    assert "CreateAccount" not in accounts.calls
    assert accounts.record(f"app-002@{DOMAIN}").account_id is None


def test_an_account_that_has_lost_its_address_is_not_made_twice(run_module: RunModule, accounts: Accounts) -> None:
    account_id = one(run_module, **NEW)["vended_account"]["account_id"]
    accounts.organization.set_primary_email(account_id, "other@example.org")
    failed = one(run_module, **NEW)
    assert f"{ADDRESS} belongs to account {account_id}, which has the email other@example.org in AWS" in failed["msg"]
    assert accounts.calls.count("CreateAccount") == 1


def test_a_name_that_no_account_can_be_renamed_to_is_warned_of(run_module: RunModule, accounts: Accounts) -> None:
    request = {**EXACT, "account_name": "a<b", "local_part": "a-b"}
    done = one(run_module, **request)
    assert "account_name: 'a<b' holds '<' or '>'" in str(done["warnings"])
    assert accounts.accounts() == [(f"a-b@{DOMAIN}", "a<b")]
    assert "warnings" not in one(run_module, **request)


def test_what_the_entries_share_and_the_places_of_their_types(run_module: RunModule, accounts: Accounts) -> None:
    accounts.unit("Sandboxes")
    defaults = {**NEW, "request_id": None, "create_parents": True, "owners": ["team@example.org"]}
    entries = [
        {"request_id": "T-1", "account_type": "sandbox"},
        {"request_id": "T-2", "owners": ["joe@example.org"]},
        {"request_id": "T-3", "account_name": "Log-Archive", "parent": "/"},
    ]
    parents = {"sandbox": "Sandboxes", "default": "Workloads/Prod"}
    done = many(run_module, *entries, defaults=defaults, type_parents=parents)
    assert [each["account_name"] for each in done["vended_accounts"]] == ["app-001", "app-002", "Log-Archive"]
    assert [each["owners"] for each in done["vended_accounts"]] == [
        ["team@example.org"], ["joe@example.org"], ["team@example.org"]
    ]  # fmt: skip
    assert [each["account"]["path"] for each in done["vended_accounts"]] == ["Sandboxes", "Workloads/Prod", "/"]
    assert done["created_parents"] == ["Workloads", "Workloads/Prod"]
    assert not many(run_module, *entries, defaults=defaults, type_parents=parents)["changed"]
    refused = many(run_module, {"request_id": "T-4"}, defaults=defaults, type_parents={"sandbox": "Sandboxes"})
    assert "account_type: is not given, and type_parents has only sandbox" in refused["msg"]


def test_an_account_for_an_address_that_is_in_the_map(run_module: RunModule, accounts: Accounts) -> None:
    values = {"owners": ("jane@example.org",), "tags": {"team": "blue"}}
    vend(accounts.table, ExactRequest("app-001", "app-001", DOMAIN, values))
    done = one(run_module, address=ADDRESS)["vended_account"]
    assert (done["account_id"], done["owners"]) == (accounts.record().account_id, ["jane@example.org"])
    assert done["account"]["tags"] == {"team": "blue"}
    assert not one(run_module, address=ADDRESS.upper())["changed"]


UNNAMABLE: dict[str, Any] = {"name_prefix": None, "account_name": "a<b", "local_part": "x"}


def adoption(account_id: str, **options: Any) -> dict[str, Any]:
    entry = {**NEW, "request_id": None, "account_id": account_id, "mail_bucket": BUCKET, **options}
    return {name: value for name, value in entry.items() if value is not None}


def test_adopt_in_check_mode_for_real_and_again(run_module: RunModule, accounts: Accounts) -> None:
    account_id = accounts.member("old@example.org")
    planned = one(run_module, check_mode=True, **adoption(account_id))
    assert (accounts.email(account_id), accounts.records()) == ("old@example.org", [])
    done = one(run_module, **adoption(account_id))
    # The record is written twice, once vended and once with its account.
    for result in (planned, done):
        result["vended_account"] = known(result["vended_account"])
        result.pop("diff")
    assert planned == done
    assert accounts.email(account_id) == ADDRESS
    record = accounts.record()
    assert (record.account_id, record.request_id, record.status) == (account_id, f"adopt-{account_id}", "active")
    for check_mode in (True, False):
        again = one(run_module, check_mode=check_mode, **adoption(account_id))
        assert not again["changed"]
        assert again["vended_account"]["account"]["email"] == ADDRESS


def test_adopt_some_and_rename_them(run_module: RunModule, accounts: Accounts) -> None:
    first, second, third = (accounts.member(f"old{number}@example.org") for number in range(3))
    vend(accounts.table, ExactRequest("legacy", "legacy", DOMAIN, {"owners": ("joe@example.org",)}))
    entries = [
        {"account_id": first, "owners": ["jane@example.org"]},
        {"account_id": second, "owners": ["jane@example.org"], "account_name": "Log-Archive"},
        {"account_id": third, "address": f"legacy@{DOMAIN}"},
    ]
    defaults = {"name_prefix": "app", "domain": DOMAIN, "rename": True}
    done = many(run_module, *entries, defaults=defaults, mail_bucket=BUCKET)
    wanted = [ADDRESS, f"log-archive@{DOMAIN}", f"legacy@{DOMAIN}"]
    assert [accounts.email(each) for each in (first, second, third)] == done["adopted"] == wanted
    assert [accounts.name_of(each) for each in (first, second, third)] == ["app-001", "Log-Archive", "legacy"]
    assert not many(run_module, *entries, defaults=defaults, mail_bucket=BUCKET)["changed"]


def test_an_adoption_that_is_killed_at_any_call_is_resumed_by_the_next(
    run_module: RunModule, accounts: Accounts
) -> None:
    asked: dict[str, Any] = {"alternate_contacts": {**DETAILS, "kinds": list(TWO)}}
    with pytest.MonkeyPatch.context() as patch:
        clean = died_at(patch, NEVER)
        one(run_module, **adoption(accounts.member("clean@example.org"), name_prefix="clean"), **asked)
    for number in range(1, len(clean) + 1):
        account_id = accounts.member(f"old{number}@example.org")
        accounts.now += 60
        request = {**adoption(account_id, name_prefix=f"kill{number}x"), **asked}
        with pytest.MonkeyPatch.context() as patch:
            calls = died_at(patch, number)
            with pytest.raises(DiedError):
                one(run_module, **request)
        accounts.now += 60
        done = one(run_module, **request)["vended_account"]
        assert accounts.email(account_id) == done["address"], f"killed at {calls[number - 1]}"
        mine = [record for record in accounts.records() if record.account_id == account_id]
        assert [record.address for record in mine] == [done["address"]]
        assert accounts.contacts(account_id) == [f"{mine[0].account_name}+{kind}@{DOMAIN}" for kind in TWO]


@pytest.mark.parametrize(
    ("request_of", "says"),
    [
        pytest.param({"mail_bucket": None}, "mail_bucket: is needed to adopt an account", id="no bucket"),
        pytest.param({"mail_bucket": "nowhere"}, "Failed to list the mail in s3://nowhere/mail/", id="wrong bucket"),
        pytest.param({"wait": False}, "wait: must be true to adopt an account", id="not waited for"),
        pytest.param({**UNNAMABLE, "rename": True}, "account_name: AWS does not rename an account to 'a<b'", id="name"),
    ],
)
def test_an_adoption_that_cannot_work_vends_nothing(
    run_module: RunModule, accounts: Accounts, request_of: dict[str, Any], says: str
) -> None:
    account_id = accounts.member("old@example.org")
    for check_mode in (True, False):
        assert says in one(run_module, check_mode=check_mode, **adoption(account_id, **request_of))["msg"]
    assert (accounts.records(), accounts.email(account_id)) == ([], "old@example.org")


def test_an_account_and_an_address_belong_together_for_life(run_module: RunModule, accounts: Accounts) -> None:
    first, second = accounts.member("old1@example.org"), accounts.member("old2@example.org")
    one(run_module, **adoption(first))
    other = one(run_module, **adoption(first, request_id="T-9"))
    assert f"account_id: the account has another address in the map already, {ADDRESS}" in other["msg"]
    taken = one(run_module, address=ADDRESS, account_id=second, mail_bucket=BUCKET)
    assert f"address: {ADDRESS} belongs to account {first} for life" in taken["msg"]
    assert [record.address for record in accounts.records()] == [ADDRESS]


def test_progress_says_what_is_under_way_and_what_is_done(
    run_module: RunModule, accounts: Accounts, tmp_path: Path
) -> None:
    account_id = accounts.member("old@example.org")
    entries = [NEW, {"account_id": account_id, "owners": ["jane@example.org"], "account_name": "Log", "domain": DOMAIN}]
    many(run_module, *entries, mail_bucket=BUCKET, progress_file=str(tmp_path / "progress"))
    assert (tmp_path / "progress").read_text().splitlines() == [
        "0 2 looking at the organization",
        "0 2 creating app-001",
        "0 2 waiting for AWS to create app-001",
        "1 2",
        f"1 2 changing the email of account {account_id}",
        "2 2",
    ]


def test_tags_of_others_stay_unless_they_are_purged(run_module: RunModule, accounts: Accounts) -> None:
    account_id = one(run_module, **NEW, tags={"team": "blue"})["vended_account"]["account_id"]
    accounts.call("TagResource", ResourceId=account_id, Tags=[{"Key": "by", "Value": "others"}])
    options = {**NEW, "tags": {"team": "blue"}}
    assert not one(run_module, **options)["changed"]
    purged = one(run_module, **options, purge_tags=True)
    assert purged["diff"]["before"]["account"]["tags"] == {"team": "blue", "by": "others"}
    assert purged["vended_account"]["account"]["tags"] == {"team": "blue"}


def test_an_address_that_was_retired_gets_no_account(run_module: RunModule, accounts: Accounts) -> None:
    vend(accounts.table, ExactRequest("app-001", "app-001", DOMAIN, {"owners": ("jane@example.org",)}))
    edit_record(accounts.table, edit_of(ADDRESS, status="vended"))
    run_module(vended_account.main, check_mode=True, table="map", address=ADDRESS)
    edit_record(accounts.table, edit_of(ADDRESS, account_id="123456789012"))
    gone = one(run_module, address=ADDRESS)
    assert "which is not in the organization any more" in gone["msg"]
    assert "CreateAccount" not in accounts.calls
