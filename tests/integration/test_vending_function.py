# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions that vend, deployed: called in each way, by many at once, with the rights of their roles."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from aws_lambda_powertools import Logger, Metrics
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from forwarder import vending as functions
from tests.integration.forwarding import DOMAIN, STACK, Forwarding, deployed
from tests.integration.test_ad_hoc import ad_hoc
from tests.vending_cases import CASES, SERIES, Case

ADMIN = "admin@example.com"
AT_ONCE = 300
# A case of each kind; that all others agree is shown in the process of a test (test_vending.py).
SOME = (
    "next of a series",
    "in check mode",
    "letters of the world",
    "contradicts itself",
    "owner in the domain",
    "no request id",
    "unknown field",
)


@pytest.fixture(scope="module", name="forwarding")
def _forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarding]:
    with deployed(tmp_path_factory.mktemp("vending"), ADMIN, mail_forwarder_vending="url") as one:
        yield one


def invoke(forwarding: Forwarding, body: Any, function: str = "vend") -> dict[str, Any]:
    """Return the answer, or ``error`` as the error of the function has it, whose type local AWS does not tell."""
    client = forwarding.client("lambda")
    answer = client.invoke(FunctionName=f"{STACK}-{function}", Payload=json.dumps(body).encode())
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" not in answer:
        return told
    refused: dict[str, Any] = json.loads(told["errorMessage"])
    return refused


def url_of(forwarding: Forwarding, function: str) -> str:
    url: str = forwarding.client("lambda").get_function_url_config(FunctionName=f"{STACK}-{function}")["FunctionUrl"]
    return url


def call(
    forwarding: Forwarding, body: Any, function: str = "vend", credentials: Credentials | None = None
) -> tuple[int, dict[str, Any]]:
    """Send a request to a URL, signed if there are credentials; return the status and the answer."""
    host = urlsplit(url_of(forwarding, function)).netloc
    endpoint = urlsplit(forwarding.aws.environment["AWS_ENDPOINT_URL"])
    request = AWSRequest("POST", f"https://{host}/", {"content-type": "application/json"}, json.dumps(body).encode())
    if credentials:
        SigV4Auth(credentials, "lambda", "eu-west-1").add_auth(request)
    sent = urllib.request.Request(f"http://{endpoint.netloc}/", request.data, dict(request.headers), method="POST")
    sent.add_header("Host", host)
    try:
        with urllib.request.urlopen(sent, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES if case.id in SOME])
def test_what_is_invoked_answers_as_it_does_in_the_process_of_a_test(forwarding: Forwarding, case: Case) -> None:
    for before in case.before:
        assert "error" not in invoke(forwarding, before)
    answer = invoke(forwarding, case.request)
    if case.code:
        assert (answer["error"]["code"], answer["error"]["field"]) == (case.code, case.field)
        return
    # What others have vended before differs by number and by nothing else.
    by_number = ("address", "number")
    wanted = {name: value for name, value in case.holds if name not in by_number}
    assert {name: answer["vended_address"][name] for name in wanted} == wanted
    assert answer["vended_address"]["updated_by"] == "unproven: not said"


def test_the_module_finds_what_a_function_has_vended_and_the_other_reads_it(forwarding: Forwarding) -> None:
    request = {**SERIES, "name_prefix": "shared", "request_id": "T-100"}
    vended = invoke(forwarding, request)["vended_address"]
    environment: dict[str, str | None] = dict(forwarding.aws.environment)
    again = ad_hoc(environment, {"table": f"{STACK}-map", **request}, module="vended_address")
    assert (again["changed"], again["vended_address"]) == (False, vended)
    answer = invoke(forwarding, {"request_id": "T-100"}, "read")
    assert [one["address"] for one in answer["vended_addresses"]] == [vended["address"]]
    assert invoke(forwarding, {"owner": "jane@example.org"}, "read")["accounts"]
    nobody = invoke(forwarding, {"address": f"nobody@{DOMAIN}", "forwarding": False})
    assert (nobody["error"]["code"], nobody["error"]["field"]) == ("NotFound", "address")
    assert forwarding.refused("vend", "read") == set()


@pytest.mark.parametrize("is_same", [False, True], ids=["each its own request", "one request"])
def test_many_at_once_get_one_address_for_each_request(forwarding: Forwarding, is_same: bool) -> None:
    """In the threads of this process, since local AWS starts a process for each function that runs at once."""
    dynamodb = forwarding.aws.client("dynamodb", config=Config(max_pool_connections=AT_ONCE))
    table = api.Table(dynamodb, f"{STACK}-map")
    vending = functions.Vending(
        table, Logger("many"), Metrics("many", "many"), lambda: datetime.now(UTC), has_url=False
    )

    def vend(number: int) -> str:
        request = {**SERIES, "name_prefix": f"many-{is_same}", "request_id": f"{is_same}-{0 if is_same else number}"}
        answer = functions.handle_vend(request, SimpleNamespace(aws_request_id=str(number)), vending)
        return str(answer["vended_address"]["address"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        addresses = list(pool.map(vend, range(AT_ONCE)))
    assert len(set(addresses)) == (1 if is_same else AT_ONCE)


def caller(forwarding: Forwarding, name: str, *statements: dict[str, Any]) -> Credentials:
    """Make a user of that name with these statements; return the credentials."""
    iam = forwarding.client("iam")
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def allow(action: str, function: str, **condition: Any) -> dict[str, Any]:
    arn = f"arn:aws:lambda:eu-west-1:*:function:{STACK}-{function}"
    return {"Effect": "Allow", "Action": f"lambda:{action}", "Resource": arn, "Condition": condition}


def by_url(function: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the statements that docs/vending-function.md says a caller needs."""
    return (
        allow("InvokeFunctionUrl", function, StringEquals={"lambda:FunctionUrlAuthType": "AWS_IAM"}),
        allow("InvokeFunction", function, Bool={"lambda:InvokedViaFunctionUrl": "true"}),
    )


def test_by_url_the_caller_is_proven_and_needs_both_permissions(forwarding: Forwarding) -> None:
    request = {**SERIES, "name_prefix": "url", "request_id": "Größe T-200"}
    both, half = caller(forwarding, "terraform", *by_url("vend")), caller(forwarding, "half", by_url("vend")[0])
    status, vended = call(forwarding, request, credentials=both)
    assert (status, vended["changed"]) == (200, True)
    record = vended["vended_address"]
    assert record["created_by"] == f"arn:aws:iam::{forwarding.aws.account_id}:user/terraform"
    assert invoke(forwarding, request)["vended_address"] == record
    status, refused = call(forwarding, {**request, "owners": ["x@example.org"]}, credentials=both)
    assert (status, refused["error"]["code"], refused["error"]["field"]) == (409, "Conflict", "request_id")
    assert call(forwarding, {}, credentials=both)[0] == 400
    # Nobody, somebody with one of both permissions, and the function that the other's permissions are not for.
    assert [
        call(forwarding, request)[0],
        call(forwarding, request, credentials=half)[0],
        call(forwarding, {}, "read", credentials=both)[0],
    ] == [403, 403, 403]
