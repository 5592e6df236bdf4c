# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack of a deployed forwarder: the names of what it is made of, as CloudFormation knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

DEFAULT_STACK_NAME = "mail-forwarder"
# The indexes of the table of deliveries, and what separates the parts of its keys, of which the first is the id of the
# mail (the role's stack and deliveries.py).
BY_ADDRESS, BY_MESSAGE, KEY_SEPARATOR = "by-address", "by-message", "#"
# Of the stack's functions: each has the name of the stack and one of these.
_FUNCTIONS = ("", "-events", "-release", "-replay")
STACK_SPEC: dict[str, Any] = {"stack_name": {"type": "str", "default": DEFAULT_STACK_NAME}}

_CLOUDFORMATION = Service(retried=("Throttling", "ThrottlingException"))


@dataclass(frozen=True)
class ForwarderStack:
    """A forwarder's stack, its parameters and outputs as texts. After a teardown it has data and no outputs."""

    name: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def mail_bucket(self) -> str:
        return self.parameters["MailBucket"]

    @property
    def map_table(self) -> str:
        return self.parameters["MapTable"]

    @property
    def delivery_table(self) -> str:
        return delivery_table(self.name)

    @property
    def mail_days(self) -> int | None:
        """Return for how many days the bucket keeps mail; None for ever."""
        return int(self.parameters["MailDays"]) or None


def delivery_table(stack_name: str) -> str:
    """Return the name of the table of deliveries of the stack of that name."""
    return f"{stack_name}-deliveries"


def function_names(stack_name: str) -> tuple[str, ...]:
    """Return the names of the functions of the stack of that name, that of the forwarder first."""
    return tuple(f"{stack_name}{suffix}" for suffix in _FUNCTIONS)


def deployed_functions(stack_name: str, outputs: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the functions of a stack with these outputs: with those that it may have or not."""
    probing = [outputs["ProbeFunctionName"]] if "ProbeFunctionName" in outputs else []
    # The last part of an ARN is the function's name.
    vending = [outputs[name].rpartition(":")[2] for name in ("VendFunctionArn", "ReadFunctionArn") if name in outputs]
    return (*function_names(stack_name), *probing, *vending)


def called_by_queues(stack_name: str) -> tuple[str, ...]:
    """Return the names of the functions that a queue calls: that of the notices of mail, and that of SES's events."""
    return function_names(stack_name)[:2]


def read_stack(cloudformation: Any, name: str) -> ForwarderStack:
    """Return the stack of that name; raise InputError where there is none, or where it is no forwarder's."""
    stack = describe_stack(cloudformation, name)
    if stack is None:
        raise InputError(_none_there(name, cloudformation))
    parameters = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
    if not {"MailBucket", "MapTable", "MailDays"} <= parameters.keys():
        raise InputError(f"stack_name: the stack {name} is not a mail forwarder's; give the name of one that is")
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
    return ForwarderStack(name, parameters, outputs)


def describe_stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """Return what CloudFormation says of the stack of that name, whosever it is; None if there is none."""
    try:
        answer = _CLOUDFORMATION.call(f"look up the stack {name}", cloudformation.describe_stacks, StackName=name)
    except AwsError as error:
        # CloudFormation API Reference, DescribeStacks: a stack that does not exist is a ValidationError.
        if error.code != "ValidationError" or "does not exist" not in str(error.exception):
            raise
        return None
    stack: dict[str, Any] = answer["Stacks"][0]
    return stack


def _none_there(name: str, cloudformation: Any) -> str:
    return (
        f"stack_name: there is no forwarder {name} in {cloudformation.meta.region_name} of this account; give the name"
        " of its stack, and the region"
    )
