# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long an endpoint that does not answer is waited for: real clients, on a network and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from ansible_collections.account_factory.email.plugins.module_utils import _clients
from ansible_collections.account_factory.email.plugins.module_utils._map import tables
from ansible_collections.account_factory.email.plugins.module_utils._organizations import options as organizations
from ansible_collections.account_factory.email.plugins.module_utils._sides import side_spec
from ansible_collections.account_factory.email.plugins.modules import (
    organizations_account_info,
    vended_address,
    vended_address_info,
    vended_addresses,
    vended_domain,
)
from tests.unit.conftest import RunModule

URL = "http://127.0.0.1:1"
ADDRESS = {"address": "app-001@accounts.example.com"}


class _Body:
    """A response's body, as urllib3 streams it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Iterator[bytes]:
        yield self._data


def _answer(status: int, code: str = "") -> AWSResponse:
    return AWSResponse(URL, status, {}, _Body(f'{{"__type": "{code}"}}'.encode()))


OK = _answer(200)
THROTTLED = _answer(400, "ThrottlingException")
UNAVAILABLE = _answer(503)
REFUSED = EndpointConnectionError(endpoint_url=URL)
UNREACHED = ConnectTimeoutError(endpoint_url=URL)
NO_PROXY = ProxyConnectionError(proxy_url=URL)
SILENT = ReadTimeoutError(endpoint_url=URL)
CLOSED = ConnectionClosedError(endpoint_url=URL)


@dataclass
class _Network:
    """What becomes of each attempt, the last for all that follow, and the time that has passed meanwhile."""

    outcomes: list[Any] = field(default_factory=list)
    attempts: int = 0
    seconds: float = 0.0

    def send(self, **_unused: Any) -> AWSResponse:
        outcome = self.outcomes[min(self.attempts, len(self.outcomes) - 1)]
        self.attempts += 1
        if outcome is UNREACHED:
            self.seconds += _clients.CONNECT_SECONDS
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> _Network:
    found = _Network()
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=found.sleep))
    monkeypatch.setattr(_clients, "time", SimpleNamespace(monotonic=lambda: found.seconds))
    return found


def _client(network: _Network, service: str, aws_config: dict[str, Any]) -> Any:
    def make(name: str, config: dict[str, Any]) -> Any:
        # As amazon.aws puts the two together.
        merged = Config(**config).merge(Config(**aws_config))
        return boto3.session.Session(region_name="eu-west-1").client(name, config=merged, endpoint_url=URL)

    client = _clients.new_client(make, service)
    client.meta.events.register("before-send", network.send)
    return client


@pytest.mark.parametrize("mode", ["legacy", "standard"])
@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "list_tables"), ("sts", "get_caller_identity"), ("organizations", "list_accounts")],
)
@pytest.mark.parametrize("error", [REFUSED, UNREACHED, NO_PROXY], ids=["refused", "unreached", "no-proxy"])
def test_an_endpoint_that_is_not_there_is_soon_given_up(
    network: _Network, error: Exception, service: str, operation: str, mode: str
) -> None:
    network.outcomes = [error]
    with pytest.raises(type(error)):
        getattr(_client(network, service, {"retries": {"mode": mode}}), operation)()
    assert network.attempts >= 2
    assert 3 < network.seconds < 5


@pytest.mark.parametrize(
    ("outcomes", "aws_config", "attempts"),
    [
        pytest.param([UNREACHED], {}, 2, id="unreached-twice"),
        pytest.param([REFUSED], {}, 5, id="refused-for-four-seconds"),
        pytest.param([THROTTLED], {}, 10, id="throttled"),
        pytest.param([UNAVAILABLE], {}, 10, id="unavailable"),
        pytest.param([SILENT], {}, 10, id="does-not-reply"),
        pytest.param([CLOSED], {}, 10, id="hangs-up"),
        pytest.param([THROTTLED, REFUSED], {}, 10, id="refused-after-an-answer"),
        pytest.param([SILENT, UNREACHED], {}, 10, id="unreached-after-it-was-reached"),
        pytest.param([REFUSED, REFUSED, THROTTLED], {}, 10, id="throttled-once-it-is-there"),
        pytest.param([REFUSED], {"retries": {"max_attempts": 8}}, 9, id="more-by-aws_config"),
        pytest.param([REFUSED], {"retries": {"total_max_attempts": 1}}, 1, id="fewer-by-aws_config"),
    ],
)
def test_attempts_of_a_call(network: _Network, outcomes: list[Any], aws_config: dict[str, Any], attempts: int) -> None:
    network.outcomes = outcomes
    with pytest.raises((BotoCoreError, ClientError)):
        _client(network, "dynamodb", aws_config).list_tables()
    assert network.attempts == attempts


def test_attempts_of_the_environment_count(network: _Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
    network.outcomes = [REFUSED]
    with pytest.raises(EndpointConnectionError):
        _client(network, "dynamodb", {}).list_tables()
    assert network.attempts == 9


@pytest.mark.parametrize(
    "outcomes",
    [
        pytest.param([REFUSED, REFUSED, OK], id="refused"),
        pytest.param([UNREACHED, OK], id="unreached"),
        pytest.param([THROTTLED, *[REFUSED] * 8, OK], id="refused-for-long-after-an-answer"),
    ],
)
def test_a_call_outlasts_a_short_failure(network: _Network, outcomes: list[Any]) -> None:
    network.outcomes = outcomes
    assert "ResponseMetadata" in _client(network, "dynamodb", {}).list_tables()
    assert network.attempts == len(outcomes)


def test_each_call_has_its_own_patience(network: _Network) -> None:
    """A client that never got through is as patient with the next call, not less."""
    client = _client(network, "dynamodb", {})
    network.outcomes = [REFUSED]
    for calls in (1, 2):
        with pytest.raises(EndpointConnectionError):
            client.list_tables()
        assert network.attempts == calls * 5


@pytest.mark.parametrize(
    ("main", "options"),
    [
        pytest.param(vended_address.main, {**ADDRESS, "table": "map"}, id="vended_address"),
        pytest.param(vended_addresses.main, {"addresses": [ADDRESS], "table": "map"}, id="vended_addresses"),
        pytest.param(vended_address_info.main, {**ADDRESS, "table": "map"}, id="vended_address_info"),
        pytest.param(vended_domain.main, {"domain": "accounts.example.com", "table": "map"}, id="vended_domain"),
        pytest.param(organizations_account_info.main, {}, id="organizations_account_info"),
    ],
)
@pytest.mark.parametrize(
    ("aws_config", "seconds"),
    [({}, _clients.CONNECT_SECONDS), ({"connect_timeout": 30}, 30)],
    ids=["by-default", "by-aws_config"],
)
def test_modules_do_not_wait_long_to_connect(
    run_module: RunModule,
    monkeypatch: pytest.MonkeyPatch,
    main: Callable[[], None],
    options: dict[str, Any],
    aws_config: dict[str, Any],
    seconds: float,
) -> None:
    asked: list[float] = []

    def client(_session: Any, _service: str, *, config: Config, **_unused: Any) -> Any:
        asked.append(config.connect_timeout)
        raise BotoCoreError

    monkeypatch.setattr(boto3.session.Session, "client", client)
    run_module(main, **options, aws_config=aws_config)
    assert asked == [seconds]


class _Module:
    """What a module is to those who make clients."""

    region = "eu-west-1"

    def __init__(self, client: Callable[..., Any]) -> None:
        self.client = client
        sides = (side_spec(side) for side in ("forwarder", "organization"))
        self.params = {"table": "map", **{name: None for spec in sides for name in spec}}


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(tables.module_table, id="the-map"),
        pytest.param(tables.make_stamp, id="who-is-calling"),
        pytest.param(organizations.client_of, id="organizations"),
    ],
)
def test_every_client_is_made_for_it(use: Callable[[Any], Any]) -> None:
    asked: list[Any] = []

    def client(_service: str, config: dict[str, Any] | None = None, **_unused: Any) -> Any:
        asked.append(config)
        raise BotoCoreError

    with pytest.raises(BotoCoreError):
        use(_Module(client))
    assert asked == [{"connect_timeout": _clients.CONNECT_SECONDS}]
