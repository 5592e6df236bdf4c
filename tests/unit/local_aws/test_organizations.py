# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Organizations as local AWS gives it: accounts take time, and an email address is one account's for ever.

Each test names the public page that has its rule: "API Reference" is the AWS Organizations API Reference
(docs.aws.amazon.com/organizations/latest/APIReference), "User Guide" the AWS Organizations User Guide
(docs.aws.amazon.com/organizations/latest/userguide), whose quotas are in orgs_reference_limits.html.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_aws.organizations import Organizations
from tests.local_aws.service_quotas import list_quotas
from tests.local_aws.wire import AwsError, Request

MASTER = "111122223333"
DAY = 24 * 3600


class _Caller:
    """Calls operations by name, at a time that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.organizations = Organizations(MASTER, 5.0, lambda: self.now)

    def __call__(self, operation: str, **given: Any) -> Any:
        headers = {"x-amz-target": f"AWSOrganizationsV20161128.{operation}"}
        answer = self.organizations.handle(Request("POST", "/", "", headers, json.dumps(given).encode()))
        assert answer is not None
        body = json.loads(answer.body)
        return body if answer.status == 200 else body.get("Reason", body["__type"])

    def create(self, email: str = "a@example.com", name: str = "a", **more: Any) -> Any:
        answer = self("CreateAccount", Email=email, AccountName=name, **more)
        return answer if isinstance(answer, str) else answer["CreateAccountStatus"]

    def status(self, request_id: str) -> Any:
        return self("DescribeCreateAccountStatus", CreateAccountRequestId=request_id)["CreateAccountStatus"]

    def emails(self) -> list[str]:
        return [account["Email"] for account in self("ListAccounts")["Accounts"]]

    def state(self, account_id: str) -> str:
        state: str = self("DescribeAccount", AccountId=account_id)["Account"]["State"]
        return state

    def root(self) -> str:
        root: str = self("ListRoots")["Roots"][0]["Id"]
        return root

    def unit(self, parent: str, name: str) -> Any:
        answer = self("CreateOrganizationalUnit", ParentId=parent, Name=name)
        return answer if isinstance(answer, str) else answer["OrganizationalUnit"]["Id"]

    def account(self, email: str = "a@example.com") -> str:
        request = self.create(email)
        self.now += 10
        account_id: str = self.status(request["Id"])["AccountId"]
        return account_id


@pytest.fixture
def call() -> _Caller:
    return _Caller()


def test_an_account_is_there_only_when_its_creation_is_done(call: _Caller) -> None:
    """API Reference, CreateAccount: "an asynchronous request that AWS performs in the background"."""
    request = call.create()
    assert request["State"] == "IN_PROGRESS"
    assert request["Id"].startswith("car-")
    call.now += 4.9
    assert call.status(request["Id"])["State"] == "IN_PROGRESS"
    assert call.emails() == ["management@example.com"]
    call.now += 0.1
    done = call.status(request["Id"])
    assert done["State"] == "SUCCEEDED"
    account = call("DescribeAccount", AccountId=done["AccountId"])["Account"]
    assert (account["Email"], account["Name"], account["Status"]) == ("a@example.com", "a", "ACTIVE")


@pytest.mark.parametrize("wait", [0, 10], ids=["while the first is made", "later"])
def test_an_address_is_one_accounts_in_any_case(call: _Caller, wait: float) -> None:
    """API Reference, CreateAccountStatus, FailureReason: EMAIL_ALREADY_EXISTS."""
    first = call.create("a@example.com")
    call.now += wait
    second = call.create("A@Example.com")
    call.now += 10
    assert call.status(first["Id"])["State"] == "SUCCEEDED"
    assert (call.status(second["Id"])["State"], call.status(second["Id"])["FailureReason"]) == (
        "FAILED",
        "EMAIL_ALREADY_EXISTS",
    )
    assert call.emails() == ["management@example.com", "a@example.com"]


def test_the_address_of_a_closed_account_is_not_free(call: _Caller) -> None:
    """AWS Account Management Reference Guide, "Close an AWS account": its email can't be another account's email."""
    account_id = call.account()
    assert call("CloseAccount", AccountId=account_id) == {}
    for days in (0, 1, 91):
        call.now += days * DAY
        again = call.create()
        call.now += 10
        assert call.status(again["Id"])["FailureReason"] == "EMAIL_ALREADY_EXISTS"


def test_closing_takes_its_time(call: _Caller) -> None:
    """API Reference, CloseAccount: PENDING_CLOSURE while the request is in progress, SUSPENDED when it completes."""
    account_id = call.account()
    assert call("CloseAccount", AccountId=account_id) == {}
    assert call.state(account_id) == "PENDING_CLOSURE"
    assert call("CloseAccount", AccountId=account_id) == "ConflictException"
    call.now += 4.9
    assert call.state(account_id) == "PENDING_CLOSURE"
    call.now += 0.1
    assert call.state(account_id) == "SUSPENDED"
    assert call("CloseAccount", AccountId=account_id) == "AccountAlreadyClosedException"


def test_a_closed_account_is_gone_after_90_days(call: _Caller) -> None:
    """API Reference, CloseAccount: 90 days SUSPENDED, then the account is permanently closed and departs."""
    account_id = call.account()
    call("CloseAccount", AccountId=account_id)
    call.now += 90 * DAY - 1
    assert call.state(account_id) == "SUSPENDED"
    call.now += 1
    assert call("DescribeAccount", AccountId=account_id) == "AccountNotFoundException"
    assert call.emails() == ["management@example.com"]


def test_three_are_closed_at_once_and_no_more(call: _Caller) -> None:
    """User Guide, "Quotas and service limits for AWS Organizations": account closures in progress at a time.

    The reason is CloseAccount's in the API Reference, ConstraintViolationException.
    """
    ids = [call.account(f"a{number}@example.com") for number in range(4)]
    assert [call("CloseAccount", AccountId=one) for one in ids[:3]] == [{}] * 3
    assert call("CloseAccount", AccountId=ids[3]) == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
    call.now += 5
    assert call("CloseAccount", AccountId=ids[3]) == {}


def test_250_are_closed_in_30_days_and_no_more(call: _Caller) -> None:
    """API Reference, CloseAccount: the higher of 250 and 20 percent of the members within a rolling 30 days."""
    ids = [call.account(f"a{number}@example.com") for number in range(252)]
    for account_id in ids[:250]:
        assert call("CloseAccount", AccountId=account_id) == {}
        call.now += 5
    assert call("CloseAccount", AccountId=ids[250]) == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"
    call.now += 30 * DAY - 250 * 5
    assert call("CloseAccount", AccountId=ids[250]) == {}
    assert call("CloseAccount", AccountId=ids[251]) == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"


def test_the_management_account_is_not_closed(call: _Caller) -> None:
    """API Reference, CloseAccount: "You can't close the management account with this API"."""
    assert call("CloseAccount", AccountId=MASTER) == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    assert call.state(MASTER) == "ACTIVE"


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("a%b@example.com", id="percent sign"),
        pytest.param("a&b@example.com", id="ampersand"),
        pytest.param("a|b@example.com", id="pipe"),
        pytest.param("a'b@example.com", id="apostrophe"),
        pytest.param(".ab@example.com", id="leading dot"),
        pytest.param("ab@-example.com", id="domain begins with a hyphen"),
        pytest.param("ab@example.com.", id="domain ends with a dot"),
        pytest.param("ab@exa_mple.com", id="underscore in the domain"),
        pytest.param("josé@example.com", id="not ASCII"),
    ],
)
def test_an_address_that_breaks_the_rules_fails_the_creation(call: _Caller, email: str) -> None:
    """API Reference, CreateAccount, Email: the rules in its text; CreateAccountStatus, FailureReason: INVALID_EMAIL."""
    request = call.create(email)
    call.now += 10
    assert call.status(request["Id"])["FailureReason"] == "INVALID_EMAIL"
    assert call.emails() == ["management@example.com"]


@pytest.mark.parametrize(
    "email", [pytest.param(e, id=e) for e in ("a+b@example.com", "a.b_c-d@x-y.example.com", "a*b=c~d@example.com")]
)
def test_addresses_that_are_fine(call: _Caller, email: str) -> None:
    """API Reference, CreateAccount, Email."""
    call.account(email)
    assert email in call.emails()


@pytest.mark.parametrize(
    ("email", "name"),
    [
        pytest.param("a@b.c", "a", id="5 characters"),
        pytest.param("a" * 53 + "@example.com", "a", id="65 characters"),
        pytest.param("no-at-sign", "a", id="no at sign"),
        pytest.param("a@b@example.com", "a", id="two at signs"),
        pytest.param("a b@example.com", "a", id="space"),
        pytest.param("a@localhost", "a", id="no dot"),
        pytest.param("a@example.com", "", id="no name"),
        pytest.param("a@example.com", "n" * 51, id="name of 51 characters"),
        pytest.param("a@example.com", "naïve", id="name not ASCII"),
    ],
)
def test_input_that_the_api_refuses(call: _Caller, email: str, name: str) -> None:
    """API Reference, CreateAccount, Email and AccountName: lengths and patterns; InvalidInputException: its reasons."""
    assert call.create(email, name) in ("MIN_LENGTH_EXCEEDED", "MAX_LENGTH_EXCEEDED", "INVALID_PATTERN")
    assert call("ListCreateAccountStatus")["CreateAccountStatuses"] == []


def test_five_are_made_at_once_and_no_more(call: _Caller) -> None:
    """User Guide, "Quotas and service limits for AWS Organizations": accounts being created at a time.

    The reason is CreateAccount's in the API Reference, ConstraintViolationException.
    """
    assert [call.create(f"a{n}@example.com")["State"] for n in range(5)] == ["IN_PROGRESS"] * 5
    assert call.create("a5@example.com") == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
    call.now += 5
    assert call.create("a5@example.com")["State"] == "IN_PROGRESS"


def test_lists_come_in_pages_of_twenty(call: _Caller) -> None:
    """API Reference, ListAccounts: MaxResults 1 to 20; NextToken; InvalidInputException: INVALID_NEXT_TOKEN."""
    for number in range(44):
        call.account(f"a{number}@example.com")
    pages: list[Any] = [call("ListAccounts")]
    while token := pages[-1].get("NextToken"):
        pages.append(call("ListAccounts", NextToken=token))
    assert [len(page["Accounts"]) for page in pages] == [20, 20, 5]
    assert len({account["Id"] for page in pages for account in page["Accounts"]}) == 45
    assert len(call("ListAccounts", MaxResults=3)["Accounts"]) == 3
    assert call("ListAccounts", NextToken="nonsense") == "INVALID_NEXT_TOKEN"


def test_creation_statuses_are_listed_by_state(call: _Caller) -> None:
    """API Reference, ListCreateAccountStatus: States; all of them where it is not given."""
    call.account("a@example.com")
    call.create("b@example.com")
    assert [s["AccountName"] for s in call("ListCreateAccountStatus")["CreateAccountStatuses"]] == ["a", "a"]
    in_progress = call("ListCreateAccountStatus", States=["IN_PROGRESS"])["CreateAccountStatuses"]
    assert [status["State"] for status in in_progress] == ["IN_PROGRESS"]


def test_an_account_moves_between_units(call: _Caller) -> None:
    """API Reference, MoveAccount and its errors. A new account is in the root (CreateAccount)."""
    root = call.root()
    unit = call.unit(root, "Sandbox")
    account_id = call.account()
    move = {"AccountId": account_id, "SourceParentId": root, "DestinationParentId": unit}
    assert call("ListParents", ChildId=account_id)["Parents"] == [{"Id": root, "Type": "ROOT"}]
    assert call("MoveAccount", **move) == {}
    assert call("ListParents", ChildId=account_id)["Parents"] == [{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]
    assert [a["Id"] for a in call("ListAccountsForParent", ParentId=unit)["Accounts"]] == [account_id]
    assert call("ListChildren", ParentId=unit, ChildType="ACCOUNT")["Children"] == [
        {"Id": account_id, "Type": "ACCOUNT"}
    ]
    assert call("MoveAccount", **move) == "DuplicateAccountException"
    assert (
        call("MoveAccount", **{**move, "SourceParentId": root, "DestinationParentId": "ou-no"})
        == "DestinationParentNotFoundException"
    )
    assert call("MoveAccount", **{**move, "DestinationParentId": root}) == "SourceParentNotFoundException"
    assert call("DeleteOrganizationalUnit", OrganizationalUnitId=unit) == "OrganizationalUnitNotEmptyException"


def test_units_have_names_of_their_own(call: _Caller) -> None:
    """API Reference, CreateOrganizationalUnit and UpdateOrganizationalUnit: DuplicateOrganizationalUnitException."""
    root = call.root()
    unit = call.unit(root, "A")
    assert call.unit(root, "A") == "DuplicateOrganizationalUnitException"
    assert call.unit(unit, "A").startswith("ou-")
    other = call.unit(root, "C")
    assert (
        call("UpdateOrganizationalUnit", OrganizationalUnitId=other, Name="A") == "DuplicateOrganizationalUnitException"
    )
    call("DeleteOrganizationalUnit", OrganizationalUnitId=other)
    assert call("UpdateOrganizationalUnit", OrganizationalUnitId=unit, Name="B")["OrganizationalUnit"]["Name"] == "B"
    assert [u["Name"] for u in call("ListOrganizationalUnitsForParent", ParentId=root)["OrganizationalUnits"]] == ["B"]


def test_units_are_nested_five_deep_and_no_more(call: _Caller) -> None:
    """User Guide, "Quotas and service limits for AWS Organizations": OU maximum nesting in a root, five levels.

    The reason is CreateOrganizationalUnit's in the API Reference, ConstraintViolationException.
    """
    parent = call.root()
    for level in range(1, 6):
        parent = call.unit(parent, f"level {level}")
        assert parent.startswith("ou-")
    assert call.unit(parent, "level 6") == "OU_DEPTH_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("name", "code"), [("", "MIN_LENGTH_EXCEEDED"), ("n" * 129, "MAX_LENGTH_EXCEEDED")], ids=["empty", "129 characters"]
)
def test_names_of_units_that_the_api_refuses(call: _Caller, name: str, code: str) -> None:
    """API Reference, CreateOrganizationalUnit, Name: 1 to 128 characters."""
    assert call.unit(call.root(), name) == code
    assert call.unit(call.root(), "n" * 128).startswith("ou-")


@pytest.mark.parametrize("parent", ["ou-none-00000000", "account"])
def test_units_are_made_below_a_root_or_a_unit_only(call: _Caller, parent: str) -> None:
    """API Reference, CreateOrganizationalUnit, ParentId: a root or an OU; ParentNotFoundException."""
    assert call.unit(call.account() if parent == "account" else parent, "A") == "ParentNotFoundException"


def test_tags_are_given_at_creation_added_and_taken_away(call: _Caller) -> None:
    """API Reference, TagResource, and ConstraintViolationException: MAX_TAG_LIMIT_EXCEEDED."""
    request = call.create(Tags=[{"Key": "a", "Value": "1"}])
    call.now += 10
    account_id = call.status(request["Id"])["AccountId"]
    call("TagResource", ResourceId=account_id, Tags=[{"Key": "b", "Value": "2"}])
    call("UntagResource", ResourceId=account_id, TagKeys=["a"])
    assert call("ListTagsForResource", ResourceId=account_id)["Tags"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": str(n), "Value": ""} for n in range(50)]
    assert call("TagResource", ResourceId=account_id, Tags=many) == "MAX_TAG_LIMIT_EXCEEDED"
    assert call.create("b@example.com", Tags=[{"Key": "a", "Value": "1"}] * 2) == "DUPLICATE_TAG_KEY"


TAGS_THAT_THE_API_REFUSES = [
    pytest.param([{"Key": "", "Value": "v"}], "MIN_LENGTH_EXCEEDED", id="empty key"),
    pytest.param([{"Key": "k" * 129, "Value": "v"}], "MAX_LENGTH_EXCEEDED", id="key of 129 characters"),
    pytest.param([{"Key": "k", "Value": "v" * 257}], "MAX_LENGTH_EXCEEDED", id="value of 257 characters"),
    pytest.param([{"Key": "owners,team", "Value": "v"}], "INVALID_PATTERN", id="comma in the key"),
    pytest.param([{"Key": "k", "Value": "R&D"}], "INVALID_PATTERN", id="ampersand in the value"),
    pytest.param([{"Key": "k", "Value": "a\tb"}], "INVALID_PATTERN", id="tab, which is no separator but a control"),
    pytest.param([{"Key": "k", "Value": "e\u0301"}], "INVALID_PATTERN", id="combining accent, which is a mark"),
    pytest.param([{"Key": "aws:owner", "Value": "v"}], "INVALID_SYSTEM_TAGS_PARAMETER", id="reserved"),
    pytest.param([{"Key": "AWS:owner", "Value": "v"}], "INVALID_SYSTEM_TAGS_PARAMETER", id="reserved in any case"),
    pytest.param([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], "DUPLICATE_TAG_KEY", id="twice"),
    pytest.param([{"Key": "k", "Value": None}], "INPUT_REQUIRED", id="null value"),
    pytest.param([{"Key": "k"}], "INPUT_REQUIRED", id="no value"),
    pytest.param([{"Key": str(n), "Value": ""} for n in range(51)], "MAX_TAG_LIMIT_EXCEEDED", id="51 tags"),
]


@pytest.mark.parametrize(("tags", "reason"), TAGS_THAT_THE_API_REFUSES)
def test_tags_that_the_api_refuses(call: _Caller, tags: list[dict[str, str]], reason: str) -> None:
    """API Reference, Tag: lengths and pattern of Key and Value; InvalidInputException and ConstraintViolationException.

    That the prefix counts in any case is in the Tagging AWS Resources User Guide, "Tag naming limits and requirements".
    """
    account_id, root = call.account(), call.root()
    assert call.create("b@example.com", Tags=tags) == reason
    assert call("TagResource", ResourceId=account_id, Tags=tags) == reason
    assert call("CreateOrganizationalUnit", ParentId=root, Name="A", Tags=tags) == reason
    call.now += 10
    assert call.emails() == ["management@example.com", "a@example.com"]
    assert call("ListTagsForResource", ResourceId=account_id)["Tags"] == []
    assert call("ListOrganizationalUnitsForParent", ParentId=root)["OrganizationalUnits"] == []


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param({"Key": "k" * 128, "Value": "v" * 256}, id="longest"),
        pytest.param({"Key": "k", "Value": ""}, id="empty value"),
        pytest.param({"Key": "a_b.c:d/e=f+g-h@i j", "Value": "a_b.c:d/e=f+g-h@i j"}, id="signs"),
        pytest.param({"Key": "Straße", "Value": "Zürich 東京 ½ Ⅻ"}, id="letters and numbers of any script"),
        pytest.param({"Key": "k", "Value": "a\u00a0b\u2028c"}, id="separators of all kinds"),
        pytest.param({"Key": "my-aws:k", "Value": "aws:v"}, id="prefix elsewhere"),
    ],
)
def test_tags_that_are_fine(call: _Caller, tag: dict[str, str]) -> None:
    """API Reference, Tag, Key and Value."""
    account_id = call.account()
    assert call("TagResource", ResourceId=account_id, Tags=[tag]) == {}
    assert call("ListTagsForResource", ResourceId=account_id)["Tags"] == [tag]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        pytest.param("aws:owner", "INVALID_SYSTEM_TAGS_PARAMETER", id="reserved"),
        pytest.param("k" * 129, "MAX_LENGTH_EXCEEDED", id="129 characters"),
        pytest.param("a,b", "INVALID_PATTERN", id="comma"),
    ],
)
def test_keys_that_are_not_taken_away(call: _Caller, key: str, reason: str) -> None:
    """API Reference, UntagResource, TagKeys; InvalidInputException, INVALID_SYSTEM_TAGS_PARAMETER."""
    assert call("UntagResource", ResourceId=call.account(), TagKeys=[key]) == reason


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("DescribeAccount", {"AccountId": "999999999999"}, "AccountNotFoundException"),
        ("DescribeCreateAccountStatus", {"CreateAccountRequestId": "car-0"}, "CreateAccountStatusNotFoundException"),
        ("ListParents", {"ChildId": "999999999999"}, "ChildNotFoundException"),
        ("ListAccountsForParent", {"ParentId": "ou-none"}, "ParentNotFoundException"),
        ("DescribeOrganizationalUnit", {"OrganizationalUnitId": "ou-none"}, "OrganizationalUnitNotFoundException"),
        ("ListTagsForResource", {"ResourceId": "999999999999"}, "TargetNotFoundException"),
        ("CloseAccount", {"AccountId": "999999999999"}, "AccountNotFoundException"),
    ],
)
def test_what_is_not_there(call: _Caller, operation: str, given: dict[str, str], code: str) -> None:
    """API Reference, the errors of each operation."""
    assert call(operation, **given) == code


def test_an_email_is_read_and_replaced(call: _Caller) -> None:
    account_id = call.account("a@example.com")
    assert call.organizations.primary_email(account_id) == "a@example.com"
    call.organizations.set_primary_email(account_id, "A@example.com")
    call.organizations.set_primary_email(account_id, "b@example.com")
    assert call.organizations.primary_email(account_id) == "b@example.com"
    assert call.emails() == ["management@example.com", "b@example.com"]
    assert call.account("a@example.com") != account_id


@pytest.mark.parametrize(
    ("which", "code", "status"),
    [
        ("999999999999", "ResourceNotFoundException", 404),
        (MASTER, "AccessDeniedException", 403),
        ("taken", "ConflictException", 409),
    ],
    ids=["unknown", "management", "email of another account"],
)
def test_an_email_that_cannot_be_replaced(call: _Caller, which: str, code: str, status: int) -> None:
    """AWS Account Management API Reference, AcceptPrimaryEmailUpdate, AccountId and Errors."""
    taken, other = call.account("a@example.com"), call.account("b@example.com")
    with pytest.raises(AwsError) as refused:
        call.organizations.set_primary_email(other if which == "taken" else which, "A@example.com")
    assert (refused.value.code, refused.value.status) == (code, status)
    assert call.organizations.primary_email(taken) == "a@example.com"
    assert call.organizations.primary_email(other) == "b@example.com"


def test_other_operations_are_the_emulators() -> None:
    request = Request("POST", "/", "", {"x-amz-target": "AWSOrganizationsV20161128.ListPolicies"}, b"{}")
    assert Organizations(MASTER).handle(request) is None


def test_an_organization_has_so_many_accounts_and_service_quotas_tells_how_many(call: _Caller) -> None:
    """User Guide, quotas, "Default maximum number of accounts"; Service Quotas API Reference, ListServiceQuotas."""
    call.organizations.account_quota = 2
    call.account()
    request = call.create("b@example.com")
    call.now += 10
    assert call.status(request["Id"])["FailureReason"] == "ACCOUNT_LIMIT_EXCEEDED"
    headers = {"x-amz-target": "ServiceQuotasV20190624.ListServiceQuotas"}
    answers = [
        list_quotas(call.organizations, Request("POST", "/", "", headers, json.dumps({"ServiceCode": code}).encode()))
        for code in ("organizations", "no-such-service")
    ]
    assert [answer and answer.status for answer in answers] == [200, 400]
    quotas = json.loads(answers[0].body)["Quotas"] if answers[0] else []
    assert {quota["QuotaName"]: quota["Value"] for quota in quotas}["Default maximum number of accounts"] == 2


@pytest.mark.parametrize(
    ("operation", "delegates"),
    [("ListAccounts", True), ("DescribeAccount", True), ("CreateAccount", False), ("MoveAccount", False)],
)
def test_whose_calls_are_answered(call: _Caller, operation: str, delegates: bool) -> None:
    """API Reference, each operation: "only from the organization's management account", or "or by a member account that
    is a delegated administrator" beside that.
    """
    member = call.account()
    assert call.organizations.admits(MASTER, operation)
    assert not call.organizations.admits(member, operation)
    call.organizations.delegate(member)
    assert call.organizations.admits(member, operation) == delegates
