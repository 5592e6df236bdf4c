# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in the emulator's own process: ministack on a listening socket that it was handed, ending with its parent.

Run as ``python -P emulator_process.py SOCKET_FD PARENT_FD``. Eighteen things differ from ``ministack`` itself:
the process ends when the other end of PARENT_FD is closed, whatever became of the parent; a request that carries
AUTHORIZE_ONLY is authenticated and authorised but not carried out; sending raw mail is authorised as
ses:SendRawEmail on the identity, the configuration set and, in the sandbox, the recipients' identities, as AWS does it,
instead of ses:SendEmail on everything; a call of a function's URL needs both permissions, and tells who calls;
calls of the Account Management API and of IAM Identity Center are authorised by their names, instead of not at all;
what the caller names, in AUTHORIZE_ONLY, the stack of a change set and the stream of log lines are what a request is
authorised on; a request to DynamoDB has the condition key dynamodb:LeadingKeys; AssumeRoot has sts:TaskPolicyArn; the
condition key aws:PrincipalArn of a role's session is the role's ARN; whoever uses data that a customer's key encrypts
is asked for permission to use the key, and what CloudFormation makes is encrypted with the key of its template, see
customer_keys.py; CloudFormation tells the DKIM records of an identity and takes over none, see stack_identities.py;
CloudFormation converts a number that it is given as text, where the emulator trips over it; tables are made, protected
and restored as dynamodb_tables.py says; it knows the saved queries of CloudWatch Logs, which the emulator does not; an
alarm is evaluated on the metric of its dimensions, in M out of N periods, instead of on whatever has the metric's name;
log lines are filtered as filter_pattern.py says; and where LOCAL_AWS_DECISIONS names a file, each decision of IAM is
appended to it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import email.message
import email.parser
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from email.utils import getaddresses, parseaddr
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import (
    AccountRegionScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.core.router import extract_region
from ministack.services import cloudwatch, dynamodb
from ministack.services.cloudformation import changesets, engine, provisioners

AUTHORIZE_ONLY = "x-local-aws-authorize-only"
AUTHORIZED = "x-local-aws-authorized"
# The services that are asked so: those that the gateway answers for, and those that the stack's roles have rights in.
AUTHORIZED_ONLY = (
    *("account", "cloudformation", "cloudwatch_logs", "dynamodb", "iam", "kms", "lambda_svc", "organizations", "s3"),
    *("ses", "ses_v2", "sns", "sqs", "sts"),
)


def _end_with_parent(parent_fd: int) -> None:
    """End this process when the parent's end of the pipe closes: a killed parent must not leave an emulator behind."""
    os.read(parent_fd, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _answer_authorize_only(service: str) -> None:
    """Let a service's handler, which runs once a request is authorised, say so and do nothing."""
    module = app._get_module(service)
    original = module.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        if AUTHORIZE_ONLY in headers:
            return 200, {AUTHORIZED: "true"}, _empty_result(headers, body)
        return await original(method, path, headers, body, query_params)

    module.handle_request = handle_request


def _empty_result(headers: Any, body: bytes) -> bytes:
    """Return a result that says nothing: SDKs look for an element of it where a request is of the Query protocol."""
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return b""
    (action,) = parse_qs(body.decode())["Action"]
    return f"<{action}Response><{action}Result/></{action}Response>".encode()


def _authorize_sending() -> None:
    """Authorise SES v2 SendEmail as AWS does (Service Authorization Reference, "Amazon Simple Email Service v2")."""
    original = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: Any, body: bytes, query_params: Any, request_id: str) -> Any:
        if method != "POST" or path.rstrip("/") != "/v2/email/outbound-emails":
            return original(method, path, headers, body, query_params, request_id)
        request = json.loads(body or b"{}")
        action = "ses:SendRawEmail" if "Raw" in request.get("Content", {}) else "ses:SendEmail"
        context = _sending_context(request)
        for arn in _sending_resources(request, context, extract_region(headers, query_params)):
            denied = app._enforce_data_plane(
                "sesv2", action, headers, query_params, request_id, arn, context, named_resource=arn
            )
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce


def _sending_context(request: dict[str, Any]) -> dict[str, Any]:
    """Return the condition keys of SES (Service Authorization Reference) that a SendEmail request has values for.

    The sender and the recipients that it does not name are those of the message's header.
    """
    header = _raw_header(request)
    display_name, address = parseaddr(str(request.get("FromEmailAddress") or header["From"] or ""))
    destination = request.get("Destination") or {}
    named = [one for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for one in destination.get(kind) or []]
    listed = [str(value) for name in ("To", "Cc", "Bcc") for value in header.get_all(name, [])]
    recipients = [mailbox for _unused, mailbox in getaddresses(named or listed) if mailbox]
    context = {"ses:FromAddress": address, "ses:FromDisplayName": display_name, "ses:Recipients": recipients}
    if feedback := request.get("FeedbackForwardingEmailAddress") or header["Return-Path"]:
        context["ses:FeedbackAddress"] = parseaddr(str(feedback))[1]
    return context


def _raw_header(request: dict[str, Any]) -> email.message.Message:
    """Return the header of a raw message, an empty one for other content."""
    raw = request.get("Content", {}).get("Raw", {}).get("Data", "")
    data = b""
    with contextlib.suppress(binascii.Error):  # malformed data has no header; the gateway refuses it next
        data = base64.b64decode(raw)
    return email.parser.BytesHeaderParser().parsebytes(data)


def _sending_resources(request: dict[str, Any], context: dict[str, Any], region: str) -> list[str]:
    """Return the ARNs that a send is authorised on: the sender's identity, the configuration set, and in the sandbox
    the recipients' identities as well.

    The last is written in no document; those who were refused say so (aws/aws-sdk-js#3641,
    cloudposse/terraform-aws-ses#19). The simulator has no identity.
    """
    from ministack.services import ses_v2

    prefix = f"arn:aws:ses:{region}:{get_account_id()}"
    addresses = [str(context["ses:FromAddress"])]
    if not (ses_v2._account_details.get("account") or {}).get("ProductionAccessEnabled", True):
        addresses += [one for one in context["ses:Recipients"] if not one.lower().endswith("@simulator.amazonses.com")]
    resources = [f"{prefix}:identity/{_identity_of(address)}" for address in dict.fromkeys(addresses)]
    if configuration_set := request.get("ConfigurationSetName"):
        resources.insert(1, f"{prefix}:configuration-set/{configuration_set}")
    return [*dict.fromkeys(resources)]


def _identity_of(address: str) -> str:
    """Return the identity that an address is sent from or to: the most specific one that is verified, else its domain.

    Amazon SES Developer Guide, "Verified identities": what is set for an address is stronger than what is for its
    domain.
    """
    from ministack.services import ses, ses_v2

    def is_verified(name: str) -> bool:
        v1, v2 = ses._identities.get(name) or {}, ses_v2._identities.get(name) or {}
        return v1.get("VerificationStatus") == "Success" or bool(v2.get("VerifiedForSendingStatus"))

    local_part, _unused, domain = address.rpartition("@")
    domain = domain.lower()
    names = [address, f"{local_part}@{domain}", *ses._domain_and_parents(domain)]
    return next((name for name in names if is_verified(name)), domain or "*")


def _serve_urls_of_functions() -> None:
    """Tell a function who calls its URL, and ask for both permissions that a call needs since October 2025.

    Source: AWS Lambda Developer Guide, "Control access to Lambda function URLs" and the event in "Invoking Lambda
    function URLs", in which the caller is requestContext.authorizer.iam. Not verified on AWS.
    """
    lambda_svc = app._get_module("lambda_svc")
    build_event, enforce_one = lambda_svc._build_function_url_event, app._enforce_data_plane

    def build(*arguments: Any, **named: Any) -> Any:
        event, (_id, account_id, *_where, headers, _body, query) = build_event(*arguments, **named), arguments
        caller = iam_evaluator.request_caller_arn(headers, query)
        event["requestContext"]["authorizer"] = {"iam": {"accountId": account_id, "userArn": caller}}
        return event

    def enforce(service: str, action: str, *arguments: Any, **named: Any) -> Any:
        denied = enforce_one(service, action, *arguments, **named)
        if denied or action != "lambda:InvokeFunctionUrl":
            return denied
        named["service_context"] = {"lambda:InvokedViaFunctionUrl": "true"}
        return enforce_one(service, "lambda:InvokeFunction", *arguments, **named)

    lambda_svc._build_function_url_event, app._enforce_data_plane = build, enforce


def _authorize_account_management() -> None:
    """Let IAM know the actions of the Account Management API; what it cannot name, the emulator lets pass."""
    iam_actions._BOTOCORE_SERVICE_MAP["account"] = ["account"]


def _authorize_identity_center() -> None:
    """Let IAM know the actions of IAM Identity Center, which the gateway answers for: the emulator has none."""

    async def answer(_method: str, _path: str, headers: Any, body: bytes, _query_params: Any) -> Any:
        return 200, {AUTHORIZED: "true"}, _empty_result(headers, body)

    for service in ("identitystore", "sso"):
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
        app.SERVICE_HANDLERS[service] = answer


def _authorize_as_aws() -> None:
    """Authorise an operation of SQS on a batch as that on one message, and each on a function's concurrency as itself.

    Amazon SQS Developer Guide, "Amazon SQS API permissions: Actions and resource reference": the batch operations have
    no actions of their own. Service Authorization Reference, "AWS Lambda": reading and deleting are not putting.
    """
    original = iam_actions.extract_iam_action
    put = "lambda:PutFunctionConcurrency"

    def extract(service: str, method: str, *request: Any, **more: Any) -> str | None:
        action: str | None = original(service, method, *request, **more)
        if action == put:
            return {"GET": put.replace("Put", "Get"), "DELETE": put.replace("Put", "Delete")}.get(method, put)
        return action.removesuffix("Batch") if action and service == "sqs" else action

    iam_actions.extract_iam_action = extract


def _name_resources() -> None:
    """Authorise a request on the resource that AWS authorises it on, where the emulator knows only "*"."""
    original = iam_actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *where: str) -> str:
        if headers.get(AUTHORIZE_ONLY, "").startswith("arn:"):
            return str(headers[AUTHORIZE_ONLY])
        found = original(service, method, path, headers, body, params, *where)
        if service in ("dynamodb", "ses") and found == "*":
            # TagResource, of SES API v2, too, and ListTagsOfResource name an ARN, RestoreTableToPointInTime the table
            # that it is of.
            with contextlib.suppress(ValueError, AttributeError):
                request = json.loads(body or b"{}")
                if "SourceTableName" in request:
                    prefix = f"arn:aws:dynamodb:{extract_region(headers, params)}:{get_account_id()}"
                    return f"{prefix}:table/{request['SourceTableName']}"
                return str(request.get("ResourceArn", found))
        if service == "cloudformation" and found == "*":
            # The action on a change set has the resource of its stack (Service Authorization Reference).
            name = iam_actions._query_param(params, "ChangeSetName")
            _unused, change_set = changesets._find_change_set(name)
            return str(change_set["StackId"]) if change_set else found
        if service == "logs" and headers.get("x-amz-target", "").endswith(".PutLogEvents"):
            # Lines are put into a stream (Service Authorization Reference, "Amazon CloudWatch Logs").
            return f"{found}:log-stream:{json.loads(body)['logStreamName']}"
        if service == "iam" and found == "*":
            # SimulatePrincipalPolicy is about whose policies are asked for; nothing else has this parameter.
            return iam_actions._query_param(params, "PolicySourceArn") or "*"
        return str(found)

    iam_actions.extract_resource_arn = extract


def _know_leading_keys() -> None:
    """Give requests to DynamoDB the condition key dynamodb:LeadingKeys: the values of the partition key that they name.

    Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control": it has several
    values, and none where the whole table is asked for (Scan). That a query names keys, too, is left out here.
    """
    original = iam_actions.dynamodb_service_context

    def context(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = original(body)
        with contextlib.suppress(ValueError, AttributeError):
            if keys := [key for table, item in _named_items(json.loads(body or b"{}")) for key in _key_of(table, item)]:
                found["dynamodb:LeadingKeys"] = keys
        return found

    iam_actions.dynamodb_service_context = context


def _know_task_policies() -> None:
    """Give AssumeRoot the condition key sts:TaskPolicyArn (Service Authorization Reference, "AWS STS")."""
    original = iam_actions.request_tag_context

    def context(service: str, iam_action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = original(service, iam_action, body, params)
        if iam_action == "sts:AssumeRoot":
            found = {**found, "sts:TaskPolicyArn": iam_actions._query_param(params or {}, "TaskPolicyArn.arn")}
        return found

    iam_actions.request_tag_context = context


def _named_items(request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables and the items, or keys of items, that a request to DynamoDB names."""
    for request_of_one in [request, *(one for item in request.get("TransactItems", []) for one in item.values())]:
        for member in ("Item", "Key"):
            if member in request_of_one:
                yield request_of_one["TableName"], request_of_one[member]
    for table, asked in request.get("RequestItems", {}).items():
        if isinstance(asked, dict):
            yield from ((table, key) for key in asked["Keys"])
        else:
            yield from ((table, one.get("Item") or one["Key"]) for write in asked for one in write.values())


def _key_of(table: str, item: dict[str, Any]) -> Iterator[str]:
    """Yield the value of an item's partition key, none for a table that is not there."""
    for element in (dynamodb._tables.get(table) or {}).get("KeySchema", []):
        if element["KeyType"] == "HASH" and element["AttributeName"] in item:
            yield from (str(value) for value in item[element["AttributeName"]].values())


def _name_roles_of_sessions() -> None:
    """Let aws:PrincipalArn of a role's session be the role's ARN (IAM User Guide, global condition context keys)."""
    original = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        found = original(key, context)
        if key.lower() != "aws:principalarn" or context.principal_type != "AssumedRole":
            return found
        from ministack.services import iam

        name = iam_evaluator._role_name_from_assumed_arn(found)
        return (iam._roles.get_scoped(context.principal_account, None, name) or {}).get("Arn", found)

    iam_evaluator._resolve_condition_key = resolve


def _record_decisions(path: str) -> None:
    """Append each decision about an IAM user or role to the file: a line of JSON, for the tests of permissions."""
    original = iam_evaluator.enforce

    def enforce(access_key_id: str, iam_action: str, *args: Any, resource_arn: str = "*", **options: Any) -> Any:
        refusal = original(access_key_id, iam_action, *args, resource_arn=resource_arn, **options)
        principal = iam_evaluator.resolve_principal(access_key_id or "", get_account_id())
        # The root is allowed all, and who is not known is refused before IAM is asked.
        if isinstance(principal, iam_evaluator.PrincipalInfo) and principal.policies is not None:
            decision = {
                "principal": principal.arn,
                "action": iam_action,
                "resource": resource_arn,
                "allowed": refusal is None,
            }
            # One write a line: what a reader finds is whole.
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(decision) + "\n")
        return refusal

    iam_evaluator.enforce = enforce


def _convert_numbers() -> None:
    """Let CloudFormation give an event source mapping its maximum concurrency as a number.

    A reference to a parameter is text; AWS converts it to the type of the property, and the poller needs a number.
    """
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]

    def converted(props: dict[str, Any]) -> dict[str, Any]:
        scaling = props.get("ScalingConfig") or {}
        if "MaximumConcurrency" not in scaling:
            return props
        return {**props, "ScalingConfig": {**scaling, "MaximumConcurrency": int(scaling["MaximumConcurrency"])}}

    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda logical_id, props, stack: create(logical_id, converted(props), stack)
    handlers["update"] = lambda physical_id, old, new, stack: update(physical_id, converted(old), converted(new), stack)


def _make_tables() -> None:
    """Make, protect and restore tables as AWS does: see dynamodb_tables.py."""
    tables = _sibling("dynamodb_tables")
    tables.provision(provisioners, dynamodb, get_region)
    tables.restore_to_point_in_time(dynamodb, error_response_json)


def _join_in_conditions() -> None:
    """Let Fn::Join in a condition be the text that it makes of a list among the parameters.

    AWS CloudFormation User Guide, "Condition functions": it is one of the functions that conditions may hold. The
    emulator takes it for a value that equals nothing, so that a list that is empty never was.
    """
    original = engine._evaluate_conditions

    def joined(node: Any, parameters: dict[str, Any]) -> Any:
        if isinstance(node, list):
            return [joined(one, parameters) for one in node]
        if not isinstance(node, dict):
            return node
        if "Fn::Join" not in node:
            return {name: joined(value, parameters) for name, value in node.items()}
        delimiter, values = node["Fn::Join"]
        if isinstance(values, dict):
            # The value of a list is one text here.
            values = str(parameters[values["Ref"]]["Value"]).split(",")
        return str(delimiter).join(values)

    def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
        conditions = joined(template.get("Conditions", {}), parameters)
        found: dict[str, bool] = original({**template, "Conditions": conditions}, parameters)
        return found

    # Most have imported it by its name.
    for module in [one for name, one in sys.modules.items() if name.startswith("ministack.services.cloudformation")]:
        if getattr(module, "_evaluate_conditions", None) is original:
            module._evaluate_conditions = evaluate  # type: ignore[attr-defined]


def _save_queries() -> None:
    """Let CloudFormation make AWS::Logs::QueryDefinition, and CloudWatch Logs describe what it has made.

    Amazon CloudWatch Logs API Reference, PutQueryDefinition and DescribeQueryDefinitions: the id is AWS's, an update
    replaces all, and names need not be unique. Ref is the id (AWS CloudFormation User Guide,
    AWS::Logs::QueryDefinition).
    """
    saved = AccountRegionScopedDict()

    def put(query_id: str, props: dict[str, Any]) -> tuple[str, dict[str, str]]:
        if not props.get("Name") or not 1 <= len(props.get("QueryString", "")) <= 10_000:
            raise ValueError("AWS::Logs::QueryDefinition: Name and QueryString of 1 to 10,000 characters are required")
        saved[query_id] = {
            "queryDefinitionId": query_id,
            "name": props["Name"],
            "queryString": props["QueryString"],
            "logGroupNames": props.get("LogGroupNames", []),
            "lastModified": int(time.time() * 1000),
        }
        return query_id, {"QueryDefinitionId": query_id}

    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": lambda _logical_id, props, _stack_name: put(str(uuid.uuid4()), props),
        "update": lambda physical_id, _old, props, _stack_name: put(physical_id, props),
        "delete": lambda physical_id, _props: saved.pop(physical_id, None),
    }
    logs = app._get_module("cloudwatch_logs")
    original = logs.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        if not headers.get("x-amz-target", "").endswith(".DescribeQueryDefinitions"):
            return await original(method, path, headers, body, query_params)
        request = json.loads(body or b"{}")
        if "nextToken" in request:
            return error_response_json("InvalidParameterException", "there is one page", 400)
        prefix = request.get("queryDefinitionNamePrefix", "")
        found = [one for one in saved.values() if one["name"].startswith(prefix)]
        return json_response({"queryDefinitions": sorted(found, key=lambda one: str(one["name"]))})

    logs.handle_request = handle_request


def _sibling(name: str) -> ModuleType:
    """Return a module beside this one: nothing of this tree can be imported by name here."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _filter_log_lines() -> None:
    """Filter log lines as CloudWatch Logs does: see filter_pattern.py. The emulator ignores case."""
    logs, patterns = app._get_module("cloudwatch_logs"), _sibling("filter_pattern")
    original = logs._filter_log_events

    def filter_log_events(data: dict[str, Any]) -> Any:
        try:
            patterns.matcher(data.get("filterPattern", ""))
        except ValueError as error:
            return error_response_json("InvalidParameterException", str(error), 400)
        return original(data)

    logs._compile_filter_pattern = patterns.matcher
    logs._filter_log_events = filter_log_events


def _evaluate_alarms() -> None:
    """Evaluate alarms as CloudWatch does: see alarm_evaluation.py. The emulator does so whenever data is put."""
    evaluation = _sibling("alarm_evaluation")

    def evaluate(alarm: dict[str, Any]) -> None:
        dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm["Dimensions"]))
        points = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or []

        def statistic(within: Any) -> float:
            return float(cloudwatch._stat_value(cloudwatch._calc_stats(within), alarm["Statistic"], within))

        before, after = alarm["StateValue"], evaluation.evaluate(alarm, points, statistic, time.time())
        if after not in (None, before):
            reason = f"Threshold Crossed: {alarm['Statistic']} {alarm['ComparisonOperator']} {alarm['Threshold']}"
            alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
            cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
            cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
            cloudwatch._evaluate_parent_alarms(alarm)

    cloudwatch._evaluate_alarm = evaluate


async def _serve(socket_fd: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"fd://{socket_fd}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    await serve(app.app, config, shutdown_trigger=stop.wait)


def main() -> None:
    """Serve until SIGTERM or until the parent is gone."""
    socket_fd, parent_fd = int(sys.argv[1]), int(sys.argv[2])
    threading.Thread(target=_end_with_parent, args=(parent_fd,), daemon=True).start()
    for service in AUTHORIZED_ONLY:
        _answer_authorize_only(service)
    _authorize_sending()
    _serve_urls_of_functions()
    _authorize_account_management()
    _authorize_identity_center()
    _authorize_as_aws()
    _name_resources()
    _know_leading_keys()
    _know_task_policies()
    _name_roles_of_sessions()
    customer_keys = _sibling("customer_keys")
    customer_keys.ask_for_keys(iam_evaluator)
    _sibling("stack_identities").complete_identities(provisioners._RESOURCE_HANDLERS)
    if decisions := os.environ.pop("LOCAL_AWS_DECISIONS", ""):
        _record_decisions(decisions)
    _convert_numbers()
    _join_in_conditions()
    _make_tables()
    customer_keys.take_keys_from_templates(provisioners._RESOURCE_HANDLERS)
    _save_queries()
    _filter_log_lines()
    _evaluate_alarms()
    # Only now, for what is started from here: the functions.
    os.environ["PYTHONPATH"] = os.environ.pop("FUNCTION_PYTHONPATH")
    asyncio.run(_serve(socket_fd))


if __name__ == "__main__":
    main()
