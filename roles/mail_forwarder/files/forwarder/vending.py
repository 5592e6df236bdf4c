# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry points of the functions that vend for callers outside Ansible: one that writes, and one that reads.

They take the options of the modules vended_address and vended_address_info as JSON and do the same by the same code.
Apart from the handlers of mail, so that none of it is loaded before a mail is forwarded.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from ansible_collections.account_factory.email.plugins.module_utils._json_options import read_options
from ansible_collections.account_factory.email.plugins.module_utils._map import api
from ansible_collections.account_factory.email.plugins.module_utils._map.changes import Change
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import build_edit
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_one
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Ask, Correction
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import (
    accounts_of,
    build_query,
    find_with_failing,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.options import (
    ADDRESS_RULES,
    ADDRESS_SPEC,
    FIND_RULES,
    FIND_SPEC,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.requests import build_request
from ansible_collections.account_factory.email.plugins.module_utils._record import Stamp
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from forwarder.aws.clients import connect_dynamodb
from forwarder.core.calls import Call, answer_url, check_size, is_by_url, read_url_event, refuse
from forwarder.core.refusals import OURS, Refusal, refusal_of
from forwarder.core.sample_calls import is_sample_request, read_sample_request, sample_answer, sample_refusal

VEND_SPEC: Mapping[str, Any] = {
    **ADDRESS_SPEC,
    "check": {"type": "bool", "default": False},
    "requested_by": {"type": TEXT_TYPE},
}
# Whoever calls from afar may not hear the answer and ask again, so a request has to say which it is.
VEND_RULES: Mapping[str, Any] = {
    **ADDRESS_RULES,
    "required_by": {
        name: tuple(dict.fromkeys((*needed, "request_id"))) for name, needed in ADDRESS_RULES["required_by"].items()
    },
}
# What the caller is not to mend.
FAILED_METRIC = "vending-failed"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Vending:
    """All that lives from one invocation to the next.

    ``has_url``: the function may be called by a URL. ``domain`` is the one that requests of the AWS sample are for.
    """

    table: api.Table
    logger: Logger
    metrics: Metrics
    now: Callable[[], datetime]
    has_url: bool
    domain: str = ""


@functools.cache
def _standing() -> Vending:
    table = api.Table(connect_dynamodb(), os.environ["MAP_TABLE"])
    has_url, domain = os.environ.get("HAS_URL") == "true", os.environ.get("DOMAIN", "")
    return Vending(table, Logger(), Metrics(), lambda: datetime.now(UTC), has_url, domain)


def handle_vend(event: Any, context: Any, vending: Vending | None = None) -> Answer:
    """Vend an address, edit one or retire one, as the module vended_address does; answer with its result.

    A request in the words of the AWS sample's function is answered in its words.
    """
    one = vending or _standing()
    if is_sample_request(event):
        return _handle_sample(event, context, one)
    return _handle(event, context, one, vend)


def _handle_sample(event: Any, context: Any, vending: Vending) -> Answer:
    """Answer as the sample's function does, which tells what it refuses by a status instead of an error."""
    vending.logger.append_keys(function_request_id=context.aws_request_id)
    try:
        options = read_sample_request(event, vending.domain, context.aws_request_id)
        answer = vend(Call(options), vending)
    except Exception as error:  # noqa: BLE001 - it is logged, and told as the sample tells it
        return {"statusCode": 500, "body": sample_refusal(_refused(error, vending)), "headers": {}}
    return {"statusCode": 200, "body": sample_answer(answer["vended_address"]), "headers": {}}


def handle_read(event: Any, context: Any, vending: Vending | None = None) -> Answer:
    """Look addresses up, as the module vended_address_info does; answer with its result."""
    return _handle(event, context, vending or _standing(), read)


def _handle(event: Any, context: Any, vending: Vending, work: Callable[[Call, Vending], Answer]) -> Answer:
    """Answer, or tell why not: by URL with a status, else by an error of the function."""
    vending.logger.append_keys(function_request_id=context.aws_request_id)
    by_url = is_by_url(event, vending.has_url)
    try:
        answer = work(read_url_event(event) if by_url else Call(event), vending)
    except Exception as error:  # noqa: BLE001 - it is logged and told
        refusal = _refused(error, vending)
    else:
        return answer_url(200, answer) if by_url else answer
    # Out here, so that the error does not bring along the one it is made of.
    return refuse(refusal, by_url)


def _refused(error: Exception, vending: Vending) -> Refusal:
    """Return what the caller is told, once it is in the log, and counted where it is not the caller's to mend."""
    refusal = refusal_of(error)
    is_ours = refusal.code in OURS
    vending.logger.info("refused", extra={"refusal": refusal.to_dict()}, exc_info=error if is_ours else None)
    if is_ours:
        vending.metrics.add_metric(name=FAILED_METRIC, unit=MetricUnit.Count, value=1)
        vending.metrics.flush_metrics()
    return refusal


def vend(call: Call, vending: Vending) -> Answer:
    """Do what a request asks of one address; return the answer, in check mode what it would be."""
    options = read_options(call.body, VEND_SPEC, VEND_RULES)
    by = call.signature(options["requested_by"])
    is_edit = options["address"] is not None
    ask: Ask = Correction(build_edit(options), vending.table.name) if is_edit else build_request(options)
    work = Work(lambda: Stamp(utc_text(vending.now()), by), options["check"])
    change = apply_one(vending.table, ask, work)
    vending.logger.info("vended", extra=_line(change, options, by))
    return {
        "changed": change.changed,
        "vended_address": change.after.to_dict(),
        "diff": {"before": change.before.to_dict() if change.before else {}, "after": change.after.to_dict()},
    }


def _line(change: Change, options: Mapping[str, Any], by: str) -> dict[str, Any]:
    record = change.after
    return {
        "address": record.address,
        "status": record.status,
        "version": record.version,
        "changed": change.changed,
        "check": options["check"],
        "request_id": options["request_id"],
        "by": by,
    }


def read(call: Call, vending: Vending) -> Answer:
    """Look addresses up by what a request knows of them; return the answer."""
    wanted = build_query(read_options(call.body, FIND_SPEC, FIND_RULES))
    found = find_with_failing(vending.table, wanted, vending.now())
    answer = {"changed": False, "vended_addresses": found, "accounts": accounts_of(found)}
    check_size(answer)
    vending.logger.info("read", extra={"found": len(found), "by": call.caller})
    return answer
