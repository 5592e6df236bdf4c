# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions that vend: a request has the same answer by the module, by invoking a function, and by its URL."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._record import AddressRecord
from ansible_collections.account_factory.email.plugins.modules import vended_address, vended_address_info
from forwarder import vending as functions
from forwarder.core.calls import UNPROVEN
from forwarder.core.refusals import STATUSES, RefusedError
from tests.aws_errors import aws_error
from tests.map_table import create_table
from tests.unit.conftest import RunModule
from tests.vending_cases import CASES, DOMAIN, EDIT, FIRST, NAMED, SERIES, Case

CALLER = "arn:aws:sts::123456789012:assumed-role/account-factory/jane"
CONTEXT = SimpleNamespace(aws_request_id="00000000-0000-0000-0000-000000000001")
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
# What differs from one way to another, and by itself.
OF_CALLER = ("created_at", "created_by", "updated_at", "updated_by", "owners_since")

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(name="table")
def _table() -> Iterator[api.Table]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client)
        table = api.Table(client, "map")
        assert api.put_domain(table, DOMAIN, f"forwarder@{DOMAIN}")
        yield table


@pytest.fixture(name="vending")
def _vending(table: api.Table, monkeypatch: pytest.MonkeyPatch) -> functions.Vending:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return functions.Vending(table, Logger("test"), Metrics("test", "test"), lambda: NOW, has_url=True)


def url_event(body: Any, *, encoded: bool = False, caller: str | None = CALLER, method: str = "POST") -> dict[str, Any]:
    """Return the event of a URL, as the Developer Guide has it, of which all else is left out."""
    text = body if isinstance(body, str) else json.dumps(body)
    iam = {"iam": {"accountId": "123456789012", "userArn": caller}} if caller else {}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "headers": {"content-type": "application/json"},
        "requestContext": {"authorizer": iam, "http": {"method": method, "path": "/"}},
        "body": base64.b64encode(text.encode()).decode() if encoded else text,
        "isBase64Encoded": encoded,
    }


def by_invoke(vending: functions.Vending, body: Any, handle: Any = functions.handle_vend) -> dict[str, Any]:
    """Return the answer, or ``error`` as the error of the function has it."""
    try:
        return dict(handle(body, CONTEXT, vending))
    except RefusedError as error:
        raised = error
    told: dict[str, Any] = json.loads(str(raised))
    assert told["error"]["code"] == type(raised).__name__
    return told


def by_url(vending: functions.Vending, body: Any, handle: Any = functions.handle_vend, **how: Any) -> dict[str, Any]:
    answer = handle(url_event(body, **how), CONTEXT, vending)
    told: dict[str, Any] = json.loads(answer["body"])
    assert answer["statusCode"] == (STATUSES[told["error"]["code"]] if "error" in told else 200)
    return told


def by_module(run_module: RunModule, request: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: value for name, value in request.items() if name != "check"}
    return run_module(vended_address.main, check_mode=request.get("check", False), table="map", **options)


@pytest.fixture(name="ask", params=["module", "invoke", "url", "url in base64"])
def _ask(request: pytest.FixtureRequest, vending: functions.Vending, run_module: RunModule) -> Ask:
    """Return one of the ways of asking; what it is called is ``way``."""
    ways: dict[str, Ask] = {
        "module": lambda body: by_module(run_module, body),
        "invoke": lambda body: by_invoke(vending, body),
        "url": lambda body: by_url(vending, body),
        "url in base64": lambda body: by_url(vending, body, encoded=True),
    }

    def ask(body: Any) -> dict[str, Any]:
        return {"way": request.param, **ways[request.param](body)}

    return ask


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_it_is_done_or_refused_whoever_asks(case: Case, ask: Ask, table: api.Table) -> None:
    for request in case.before:
        assert ask(request)["changed"]
    held = list(api.records(table))
    answer = ask(case.request)
    if case.code is None:
        assert answer["changed"] is case.changed
        assert {name: answer["vended_address"][name] for name, _value in case.holds} == dict(case.holds)
        assert (answer["diff"]["before"] != answer["diff"]["after"]) is case.changed
        is_kept = case.request.get("check") or not case.changed
    elif answer["way"] == "module":
        assert answer["failed"] is not case.strict
        is_kept = answer["failed"]
    else:
        assert (answer["error"]["code"], answer["error"]["field"]) == (case.code, case.field)
        is_kept = True
    assert (list(api.records(table)) == held) is bool(is_kept)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES if not case.strict])
def test_the_answer_is_the_modules(case: Case, vending: functions.Vending, run_module: RunModule) -> None:
    for request in case.before:
        by_module(run_module, request)
    asked = case.request if case.code else {**case.request, "check": True}
    module, function = by_module(run_module, asked), by_invoke(vending, asked)
    if case.code is None:
        assert {**function["vended_address"], **dict.fromkeys(OF_CALLER)} == {
            **module["vended_address"],
            **dict.fromkeys(OF_CALLER),
        }
        assert function["changed"] == module["changed"]
    elif case.worded:
        assert function["error"]["message"] == module["msg"]
        assert function["error"]["remedy"] is None or module["msg"].endswith(function["error"]["remedy"])


REMEDIES = {
    "contradicts itself": "For a new address use a new request_id; to change that one, give on_change=apply; while no"
    " account has it, its tags and account_type may be others",
    "name is taken": "choose another",
    "not in the map": "Check its spelling; new addresses are vended by name_prefix, account_name or local_part",
    "owner in the domain": "give a mailbox in another domain",
    "no request id": "account_name needs domain, request_id beside it",
    "number for text": 'write it in quotes: "42"',
}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES if case.id in REMEDIES])
def test_what_to_do_is_told_apart(case: Case, vending: functions.Vending) -> None:
    for request in case.before:
        by_invoke(vending, request)
    assert by_invoke(vending, case.request)["error"]["remedy"] == REMEDIES[case.id]


@pytest.mark.parametrize(
    ("request_", "way", "by"),
    [
        pytest.param(SERIES, by_url, CALLER, id="proven by URL"),
        pytest.param(SERIES, by_invoke, f"{UNPROVEN}not said", id="not said"),
        pytest.param({**SERIES, "requested_by": " jane "}, by_invoke, f"{UNPROVEN}jane", id="said"),
        pytest.param({**SERIES, "requested_by": CALLER}, by_invoke, f"{UNPROVEN}{CALLER}", id="said to be an ARN"),
    ],
)
def test_who_asked_is_recorded_and_nobody_can_say_to_be_proven(
    vending: functions.Vending, request_: dict[str, Any], way: Any, by: str
) -> None:
    record = way(vending, request_)["vended_address"]
    assert (record["created_by"], record["updated_by"]) == (by, by)
    assert by.startswith("arn:") is (way is by_url)


@pytest.mark.parametrize(
    ("said", "way"),
    [
        pytest.param("jane", by_url, id="by URL"),
        pytest.param("", by_invoke, id="nothing"),
        pytest.param("a\nb", by_invoke, id="lines"),
        pytest.param("x" * 257, by_invoke, id="too long"),
        pytest.param(42, by_invoke, id="number"),
        pytest.param("\ud800", by_invoke, id="half of a character"),
    ],
)
def test_what_cannot_be_a_name_is_refused(vending: functions.Vending, said: Any, way: Any) -> None:
    told = way(vending, {**SERIES, "requested_by": said})
    assert (told["error"]["code"], told["error"]["field"]) == ("InvalidRequest", "requested_by")


def test_an_event_of_a_url_that_is_not_there_is_somebodys_invention(vending: functions.Vending) -> None:
    without = functions.Vending(vending.table, vending.logger, vending.metrics, vending.now, has_url=False)
    told = by_invoke(without, url_event(SERIES))
    assert (told["error"]["code"], told["error"]["field"]) == ("InvalidRequest", "version")
    assert list(api.records(vending.table)) == []


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        pytest.param(url_event(SERIES, caller=None), 403, "AccessDenied", id="nobody"),
        pytest.param(url_event(SERIES, caller="jane"), 403, "AccessDenied", id="no ARN"),
        pytest.param(url_event(SERIES, method="GET"), 400, "InvalidRequest", id="GET"),
        pytest.param(url_event("{"), 400, "InvalidRequest", id="no JSON"),
        pytest.param({**url_event(""), "body": None}, 400, "InvalidRequest", id="no body"),
        pytest.param({**url_event(""), "body": "!", "isBase64Encoded": True}, 400, "InvalidRequest", id="no base64"),
        pytest.param({**url_event(""), "body": "/w==", "isBase64Encoded": True}, 400, "InvalidRequest", id="no UTF-8"),
        pytest.param(url_event([SERIES]), 400, "InvalidRequest", id="a list"),
        pytest.param(url_event(None), 400, "InvalidRequest", id="null"),
    ],
)
def test_what_is_no_request_is_refused(
    vending: functions.Vending, event: dict[str, Any], status: int, code: str
) -> None:
    answer = functions.handle_vend(event, CONTEXT, vending)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (status, code)
    assert list(api.records(vending.table)) == []


class Failing:
    """A client one of whose operations fails as it is told."""

    def __init__(self, client: Any, operation: str, error: Exception) -> None:
        self._client, self._operation, self._error = client, operation, error

    def __getattr__(self, name: str) -> Any:
        if name == self._operation:
            return self._fail
        return getattr(self._client, name)

    def _fail(self, **_parameters: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(aws_error("AccessDeniedException", "BatchGetItem"), 403, "AccessDenied", id="denied"),
        pytest.param(aws_error("ThrottlingException", "BatchGetItem"), 429, "Throttled", id="throttled"),
        pytest.param(aws_error("InternalServerError", "BatchGetItem"), 503, "Unavailable", id="DynamoDB failed"),
        pytest.param(ReadTimeoutError(endpoint_url="x"), 503, "Unavailable", id="no answer"),
        pytest.param(ConnectionClosedError(endpoint_url="x"), 503, "Unavailable", id="cut off"),
        pytest.param(aws_error("ResourceNotFoundException", "BatchGetItem"), 500, "InternalError", id="no table"),
        pytest.param(KeyError("x"), 500, "InternalError", id="nobody foresaw it"),
    ],
)
def test_what_the_caller_cannot_mend(
    vending: functions.Vending, error: Exception, status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = api.Table(Failing(vending.table.client, "batch_get_item", error), "map")
    broken = functions.Vending(table, vending.logger, vending.metrics, vending.now, has_url=True)
    assert by_url(broken, SERIES)["error"]["code"] == code
    assert by_invoke(broken, SERIES)["error"]["remedy"]
    assert STATUSES[code] == status
    # Throttling passes by itself, and is somebody's who asks too often.
    counted = capsys.readouterr().out.count(f'"{functions.FAILED_METRIC}":[1.0]')
    assert counted == (0 if code == "Throttled" else 2)


READS = [
    pytest.param({"address": FIRST.upper()}, [FIRST], id="address"),
    pytest.param({"addresses": [FIRST, f"nobody@{DOMAIN}"]}, [FIRST], id="addresses"),
    pytest.param({"request_id": "T-2"}, [f"billing@{DOMAIN}"], id="request"),
    pytest.param({"owner": "JANE@example.org"}, [FIRST, f"billing@{DOMAIN}"], id="owner"),
    pytest.param({"account_name": "nothing"}, [], id="nothing"),
    pytest.param({}, [FIRST, f"billing@{DOMAIN}"], id="all"),
]


@pytest.mark.parametrize(("query", "found"), READS)
@pytest.mark.parametrize("way", [by_invoke, by_url])
def test_reading_answers_as_the_module(
    vending: functions.Vending, run_module: RunModule, way: Any, query: dict[str, Any], found: list[str]
) -> None:
    for request in (SERIES, NAMED):
        by_invoke(vending, request)
    answer = way(vending, query, functions.handle_read)
    assert [record["address"] for record in answer["vended_addresses"]] == found
    module = run_module(vended_address_info.main, table="map", **query)
    assert answer == {name: module[name] for name in ("changed", "vended_addresses", "accounts")}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param({"owners": []}, "owners", id="unknown"),
        pytest.param({"address": FIRST, "addresses": []}, "addresses", id="both"),
        pytest.param({"account_name": " "}, "account_name", id="empty"),
        pytest.param(SERIES, "name_prefix", id="what the other function takes"),
    ],
)
def test_what_cannot_be_read_is_refused(vending: functions.Vending, query: dict[str, Any], field: str) -> None:
    told = by_invoke(vending, query, functions.handle_read)
    assert (told["error"]["code"], told["error"]["field"]) == ("InvalidRequest", field)


def test_an_answer_that_is_too_long_for_lambda_is_told(
    vending: functions.Vending, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_invoke(vending, SERIES)
    monkeypatch.setattr("forwarder.core.calls.ANSWER_MAX", 1000)
    assert by_invoke(vending, {}, functions.handle_read)["vended_addresses"]
    by_invoke(vending, {**NAMED, "tags": {"note": "x" * 200}})
    told = by_invoke(vending, {}, functions.handle_read)
    assert "ask for fewer addresses" in told["error"]["remedy"]


class Killed(BaseException):
    """The function is stopped; nothing catches it."""


class Mortal:
    """A client that is killed at its nth call: before it arrives, or before its answer does."""

    def __init__(self, client: Any, nth: int, *, arrives: bool) -> None:
        self._client, self._left, self._arrives = client, nth, arrives

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)
        if name == "meta":
            return operation

        def call(**parameters: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._arrives:
                raise Killed
            answer = operation(**parameters)
            if self._left == 0:
                raise Killed
            return answer

        return call


@pytest.mark.parametrize("arrives", [False, True], ids=["before it arrives", "after it arrived"])
@pytest.mark.parametrize("request_", [SERIES, NAMED], ids=["series", "name"])
def test_killed_at_any_call_the_same_request_gets_one_address(
    vending: functions.Vending, request_: dict[str, Any], arrives: bool
) -> None:
    nth, was_killed = 0, True
    while was_killed:
        nth += 1
        asked = {**request_, "request_id": f"T-{nth}"}
        if "account_name" in asked:
            asked["account_name"] = f"app{nth}"
        table = api.Table(Mortal(vending.table.client, nth, arrives=arrives), "map")
        mortal = functions.Vending(table, vending.logger, vending.metrics, vending.now, has_url=True)
        try:
            by_invoke(mortal, asked)
            was_killed = False
        except Killed:
            by_invoke(vending, asked)
        again = by_invoke(vending, asked)
        assert again["changed"] is False
        mine = [one for one in api.records(vending.table) if one.request_id == asked["request_id"]]
        assert [one.address for one in mine] == [again["vended_address"]["address"]]
    # Read, draw a number where there is a series, and write; the last one was killed nowhere.
    assert nth == (4 if "name_prefix" in request_ else 3)


def test_an_edit_that_was_killed_is_done_once(vending: functions.Vending) -> None:
    by_invoke(vending, SERIES)
    # It reads and writes.
    for nth in (1, 2):
        table = api.Table(Mortal(vending.table.client, nth, arrives=True), "map")
        mortal = functions.Vending(table, vending.logger, vending.metrics, vending.now, has_url=True)
        edit = {**EDIT, "add_owners": [f"joe{nth}@example.org"]}
        with pytest.raises(Killed):
            by_invoke(mortal, edit)
        assert by_invoke(vending, edit)["vended_address"]["version"] == nth + 1
    record = api.get_record(vending.table, FIRST)
    assert isinstance(record, AddressRecord)
    assert record.owners == ("jane@example.org", "joe1@example.org", "joe2@example.org")
