# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How AWS is called: what is retried and how long, and what an error says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, WaiterError

from ansible_collections.account_factory.email.plugins.module_utils._aws import (
    REMEDIES,
    RETRIED,
    AwsError,
    Service,
    error_with_code,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._module import failure
from tests.aws_errors import aws_error

SERVICE = Service(retried=("ServiceException", "TOO_MANY_AT_A_TIME"), tries=5, first=1, longest=3)


def refusal(code: str, reason: str | None = None) -> ClientError:
    error = aws_error(code, "Act")
    if reason:
        error.response["Reason"] = reason
    return error


def failing(*errors: Exception) -> Callable[..., str]:
    """Return an operation that raises the errors, one a call, and then answers."""
    left = list(errors)

    def operation(*_arguments: Any, **_parameters: Any) -> str:
        if left:
            raise left.pop(0)
        return "done"

    return operation


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of all pauses, none of which is waited for and each of which is the longest it can be."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    return slept


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        pytest.param(refusal("ServiceException"), True, id="code of the service"),
        pytest.param(refusal("Throttling"), True, id="code of amazon.aws"),
        pytest.param(refusal("ConstraintViolationException", "TOO_MANY_AT_A_TIME"), True, id="reason of the service"),
        pytest.param(refusal("ConstraintViolationException", "TOO_MANY"), False, id="other reason"),
        pytest.param(refusal("ConstraintViolationException"), False, id="no reason"),
        pytest.param(refusal("ServiceException", "TOO_MANY"), True, id="code whose reasons do not count"),
        pytest.param(refusal("ValidationException"), False, id="other code"),
        pytest.param(EndpointConnectionError(endpoint_url="https://example.com"), False, id="no answer"),
    ],
)
def test_what_is_retried(pauses: list[float], error: Exception, retried: bool) -> None:
    operation = failing(error)
    if retried:
        assert SERVICE.call("act", operation) == "done"
    else:
        with pytest.raises(AwsError, match=r"^Failed to act: "):
            SERVICE.call("act", operation)
    assert len(pauses) == retried


def test_what_amazon_aws_retries_is_retried() -> None:
    known = {
        name
        for constants in (AWSRetry.found.__code__.co_consts,)
        for each in constants
        for name in (each if isinstance(each, tuple) else (each,))
        if isinstance(name, str) and name.isidentifier()
    }
    assert known == RETRIED
    assert all(AWSRetry.found(code) for code in RETRIED)


@pytest.mark.parametrize(
    ("error", "codes", "handled"),
    [
        pytest.param(AwsError("Failed to act", refusal("Conflict")), ("Conflict",), True, id="ours"),
        pytest.param(AwsError("Failed to act", refusal("Conflict")), ("Other", "Conflict"), True, id="one of several"),
        pytest.param(AwsError("Failed to act", refusal("Conflict")), ("Other",), False, id="ours, another code"),
        pytest.param(AwsError("Failed to act"), ("Conflict",), False, id="ours, without a cause"),
        pytest.param(AwsError("Failed to act", NoCredentialsError()), ("Conflict",), False, id="ours, no answer"),
        pytest.param(refusal("Conflict"), ("Conflict",), True, id="of botocore"),
        pytest.param(refusal("Conflict"), ("Other",), False, id="of botocore, another code"),
        pytest.param(NoCredentialsError(), ("Conflict",), False, id="of botocore, no answer"),
        pytest.param(KeyError("Conflict"), ("Conflict",), False, id="of the code itself"),
    ],
)
def test_error_with_code(error: Exception, codes: tuple[str, ...], handled: bool) -> None:
    seen = False
    try:
        try:
            raise error
        except error_with_code(*codes) as found:
            seen = found is error
    except type(error):
        assert not handled
    assert seen == handled


def test_no_error_is_looked_for_by_what_amazon_aws_raises() -> None:
    """An ``except`` of amazon.aws's would never see an AwsError; only who talks to Ansible meets both."""
    root = Path(failure.__code__.co_filename).parents[1]
    wrong = re.compile(r"AnsibleAWSError|is_ansible_aws_error|is_boto3_error|AWSErrorHandler|AWSRetry")
    found = {path.name for path in root.rglob("*.py") if wrong.search(path.read_text())}
    assert found == {"_module.py"}


def test_pauses_double_up_to_the_longest_and_the_last_try_ends_it(pauses: list[float]) -> None:
    noted: list[tuple[str, float]] = []
    service = Service(tries=5, first=1, longest=3, on_pause=lambda code, seconds: noted.append((code, seconds)))
    with pytest.raises(AwsError) as raised:
        service.call("act", failing(*[refusal("Throttling")] * 5))
    assert raised.value.code == "Throttling"
    assert pauses == [1, 2, 3, 3]
    assert noted == [("Throttling", seconds) for seconds in pauses]


def test_pauses_of_one_call_do_not_add_to_those_of_the_next(pauses: list[float]) -> None:
    for _unused in range(2):
        SERVICE.call("act", failing(*[refusal("Throttling")] * 2))
    assert pauses == [1, 2, 1, 2]


def test_retrying_adds_codes_and_changes_what_is_named() -> None:
    more = SERVICE.retrying("Conflict", tries=2)
    assert (more.retried, more.tries, more.longest) == ((*SERVICE.retried, "Conflict"), 2, SERVICE.longest)


def test_arguments_and_the_answer_are_handed_on() -> None:
    assert SERVICE.call("act", lambda *arguments, **named: (arguments, named), 1, Name="x") == ((1,), {"Name": "x"})


def test_an_error_of_the_code_itself_is_not_one_of_aws() -> None:
    with pytest.raises(KeyError):
        SERVICE.call("act", failing(KeyError("x")))


TABLE = {"WRONG_STATE": "Wait.", "Conflict": "Ask.", "AccessDenied": "Sign in elsewhere.", "NoRegionError": "Name it."}


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        pytest.param(refusal("Conflict"), "Ask.", id="by code"),
        pytest.param(refusal("Conflict", "WRONG_STATE"), "Wait.", id="by reason before code"),
        pytest.param(refusal("Conflict", "OTHER"), "Ask.", id="by code, as nothing is known of the reason"),
        pytest.param(refusal("AccessDenied"), "Sign in elsewhere.", id="of the area before that of all"),
        pytest.param(refusal("ExpiredToken"), REMEDIES["ExpiredToken"], id="of all, by code"),
        pytest.param(NoCredentialsError(), REMEDIES["NoCredentialsError"], id="of all, by class"),
        pytest.param(refusal("ValidationException"), None, id="not known"),
    ],
)
def test_remedies(error: ClientError, remedy: str | None) -> None:
    with pytest.raises(AwsError) as raised:
        Service(remedies=TABLE).call("act", failing(error))
    assert raised.value.remedy == remedy
    said = str(error).rstrip(".")
    assert str(raised.value) == (f"Failed to act: {said}. {remedy}" if remedy else f"Failed to act: {error}")
    # Whoever says more about it loses nothing.
    more = raised.value.but(message="Failed to do more")
    assert (more.code, more.remedy, more.message) == (raised.value.code, remedy, "Failed to do more")
    assert raised.value.but(remedy="Other.").remedy == "Other."


def waiter_error(last_response: Any) -> WaiterError:
    return WaiterError(name="closed", reason="Max attempts exceeded", last_response=last_response)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(refusal("Conflict"), "Conflict", id="answer"),
        pytest.param(waiter_error({"Error": {"Code": "Conflict"}}), "Conflict", id="last answer to a waiter"),
        pytest.param(waiter_error({"Account": {}}), "", id="late"),
        pytest.param(NoCredentialsError(), "", id="no answer"),
        pytest.param(None, "", id="no cause"),
    ],
)
def test_code(error: Exception | None, code: str) -> None:
    assert AwsError("Failed to act", error).code == code


def test_a_waiter_that_ends_late_is_a_timeout() -> None:
    with pytest.raises(AwsError, match=r"^Timeout trying to act: Waiter closed failed: Max attempts exceeded$"):
        SERVICE.call("act", failing(waiter_error({})))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(TaskError("owners: is empty"), {"msg": "owners: is empty"}, id="of a task"),
        pytest.param(AwsError("table: is not there"), {"msg": "table: is not there"}, id="without a cause"),
        pytest.param(
            AwsError("Failed to act", refusal("Conflict"), remedy="Ask."),
            {
                "msg": f"Failed to act: {refusal('Conflict')}. Ask.",
                "error": {"code": "Conflict", "message": str(refusal("Conflict"))},
            },
            id="with a remedy",
        ),
        pytest.param(
            AnsibleAWSError("Failed to connect", NoCredentialsError()),
            {
                "msg": f"Failed to connect: {NoCredentialsError()}. {REMEDIES['NoCredentialsError']}",
                "error": {"code": "NoCredentialsError", "message": str(NoCredentialsError())},
            },
            id="of amazon.aws",
        ),
    ],
)
def test_failure(error: Exception, said: dict[str, Any]) -> None:
    assert failure(error) == said


def test_failure_is_for_what_a_user_can_mend() -> None:
    with pytest.raises(KeyError):
        failure(KeyError("x"))
