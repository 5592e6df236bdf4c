# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map's calls to AWS, one function each. Items go in and come out as Python values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.account_factory.email.plugins.module_utils import _address as addresses
from ansible_collections.account_factory.email.plugins.module_utils._aws import (
    DYNAMODB,
    AwsError,
    Service,
    error_with_code,
)
from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import (
    Items,
    batch_get,
    from_attributes,
    in_batches,
    to_attributes,
)
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    MAILBOX_FIELDS,
    MAILBOX_PREFIX,
    FailingMailbox,
    mailbox_key,
    readable,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    GROUP_FIELDS,
    GROUP_PREFIX,
    OwnerGroup,
)
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import readable as readable_groups
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    DOMAINS_KEY,
    OWNER_SEARCH,
    PARTITION_KEY,
    RECORD_FIELDS,
    AddressRecord,
    address_key,
    name_key,
    series_key,
    vended_domains,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain, read_domains

from .changes import NOT_AN_ACCOUNTS, Action, Change

# How many calls are made at a time where there are many to make.
PARALLEL = 8
# A scan without segments reads one partition at a time, of 3,000 read units a second. A new on-demand table has 12,000
# (DynamoDB Developer Guide, "On-demand capacity mode"), so as many as four partitions. More segments would read the
# same ones faster than they can be read, at the expense of the forwarder.
SCAN_SEGMENTS = 4
# What DynamoDB itself keeps back of a scan, by field: no record that matches by finding.Query.matches, which decides.
_FIELD_FILTERS = {
    # Records of early releases have no owner_search, and an edit of owners by other means leaves it as it was.
    "owners": (
        f"contains({OWNER_SEARCH}.folded, :owners) OR attribute_not_exists({OWNER_SEARCH})"
        f" OR NOT {OWNER_SEARCH}.given = #owners OR attribute_exists(#owner_groups)"
    ),
    "owner_groups": "contains(#owner_groups, :owner_groups)",
    "fallback_owners": "attribute_exists(#fallback_owners)",
    "contacts": "attribute_exists(#contacts)",
    "status": "#status = :status OR attribute_not_exists(#status)",
    "account_type": "#account_type = :account_type",
}
_CONDITION_FAILED = "ConditionalCheckFailed"
_STS = Service(tries=10, first=3, longest=60)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Table:
    """The map's table: a DynamoDB client and the table's name."""

    client: Any
    name: str


def table_call(description: str) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Retry what DynamoDB asks to have retried; say of anything else what failed, and of a missing table where."""

    def decorate(function: Callable[..., Result]) -> Callable[..., Result]:
        @functools.wraps(function)
        def call(table: Table, *args: Any) -> Result:
            try:
                return DYNAMODB.call(description, function, table, *args)
            except error_with_code("ResourceNotFoundException") as error:
                raise AwsError(
                    f"table: there is no DynamoDB table {table.name!r} in {table.client.meta.region_name}. Check the"
                    " name and the region; the role mail_forwarder makes the table"
                ) from error

        return call

    return decorate


@table_call("read the map")
def get_item(table: Table, key: str) -> dict[str, Any] | None:
    """Return the item under the key, read consistently, or None."""
    answer = table.client.get_item(TableName=table.name, Key=to_attributes({PARTITION_KEY: key}), ConsistentRead=True)
    return from_attributes(answer["Item"]) if "Item" in answer else None


@table_call("read the map")
def _batch_get(table: Table, keys: Sequence[str]) -> Items:
    return batch_get(table.client, table.name, keys)


def get_items(table: Table, keys: Iterable[str]) -> Items:
    """Return the items that there are under the keys, read consistently."""
    return in_batches(lambda batch: _batch_get(table, batch), keys)


@table_call("read the map")
def _scan_page(table: Table, query: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = table.client.scan(TableName=table.name, ConsistentRead=True, **query)
    return answer


def _scan_filter(wanted: Mapping[str, Any], beside: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return the parameters of a scan for records, and for all items of other kinds: prefixes of keys, and fields."""
    filters = {name: expression for name, expression in _FIELD_FILTERS.items() if name in wanted}
    records = ["begins_with(#key, :addresses)", *(f"({expression})" for expression in filters.values())]
    used = {f":{name}": wanted[name] for name, expression in filters.items() if f":{name}" in expression}
    prefixes = {f":kind{index}": prefix for index, prefix in enumerate(beside)}
    others = [f"begins_with(#key, {name})" for name in prefixes]
    names = dict.fromkeys((*RECORD_FIELDS, *(name for fields in beside.values() for name in fields)))
    return {
        "FilterExpression": " OR ".join([" AND ".join(records), *others]),
        "ProjectionExpression": ", ".join(f"#{name}" for name in names),
        "ExpressionAttributeNames": {"#key": PARTITION_KEY, **{f"#{name}": name for name in names}},
        "ExpressionAttributeValues": to_attributes({":addresses": address_key(""), **used, **prefixes}),
    }


def scan_pages(table: Table, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the pages of a scan as they arrive. Only one of each segment is held at a time."""

    def read(segment: int, start: Mapping[str, Any]) -> Future[dict[str, Any]]:
        return pool.submit(_scan_page, table, {**query, "Segment": segment, "TotalSegments": SCAN_SEGMENTS, **start})

    with ThreadPoolExecutor(SCAN_SEGMENTS) as pool:
        awaited = {read(segment, {}): segment for segment in range(SCAN_SEGMENTS)}
        while awaited:
            for answered in wait(awaited, return_when=FIRST_COMPLETED).done:
                segment, page = awaited.pop(answered), answered.result()
                if "LastEvaluatedKey" in page:
                    awaited[read(segment, {"ExclusiveStartKey": page["LastEvaluatedKey"]})] = segment
                yield page


def records(table: Table, wanted: Mapping[str, Any] | None = None) -> Iterator[AddressRecord]:
    """Return every record of the map, in no order, as each page of the table arrives, read consistently.

    ``wanted`` (as finding.Query.values) keeps records without those values from being sent, where the table can look
    for them. Some come all the same: the caller still has to look.
    """
    for page in scan_pages(table, _scan_filter(wanted or {}, {})):
        for item in page["Items"]:
            yield AddressRecord.from_item(from_attributes(item))


def records_and_beside(
    table: Table, wanted: Mapping[str, Any]
) -> Iterator[AddressRecord | FailingMailbox | OwnerGroup]:
    """Return what ``records`` does and, by the same requests, each mark of a mailbox that fails and group of owners."""
    query = _scan_filter(wanted, {MAILBOX_PREFIX: MAILBOX_FIELDS, GROUP_PREFIX: GROUP_FIELDS})
    for page in scan_pages(table, query):
        for item in map(from_attributes, page["Items"]):
            if "group_id" in item:
                yield from readable_groups([item])
            elif "mailbox" in item:
                yield from readable([item])
            else:
                yield AddressRecord.from_item(item)


def get_marks(table: Table, mailboxes: Iterable[str]) -> list[FailingMailbox]:
    """Return the marks of those of the mailboxes that fail, whatever their case."""
    items = get_items(table, (mailbox_key(mailbox) for mailbox in mailboxes))
    return list(readable(items.values()))


def get_record(table: Table, address: str) -> AddressRecord | None:
    """Return the record of a normalised address, or None."""
    item = get_item(table, address_key(address))
    return None if item is None else AddressRecord.from_item(item)


def get_vended_domains(table: Table) -> dict[str, str | None]:
    """Return the domains in which the map vends addresses, each with the forwarder's own address, if that is known."""
    return vended_domains(get_item(table, DOMAINS_KEY))


def get_domains(table: Table) -> dict[str, VendedDomain]:
    """Return all that the map says of the domains in which it vends addresses."""
    try:
        return read_domains(get_item(table, DOMAINS_KEY))
    except ValueError as error:
        raise TaskError(
            f"the map's item {DOMAINS_KEY} is damaged: {error}; restore the table from its point-in-time backup, or"
            " mend the item"
        ) from error


def is_free_for_forwarder(table: Table, domain: str, forwarder_address: str | None) -> bool:
    """Return whether the forwarder may have an address in the domain: it is not an account's."""
    reservation = _reservation(domain, forwarder_address)
    items = get_items(table, (action.key for action in reservation))
    return all(action.condition.holds(items.get(action.key)) for action in reservation)


def _reservation(domain: str, forwarder_address: str | None) -> list[Action]:
    """Return what keeps the forwarder's address in the domain from being vended; nothing where it lies elsewhere.

    An account's name is the local part of its address as a rule, so the local part is taken as a name; where it is not,
    vending looks for the item all the same.
    """
    local_part, _at, its_domain = (forwarder_address or "").rpartition("@")
    if forwarder_address is None or its_domain != domain:
        return []
    item = {PARTITION_KEY: name_key(local_part), "forwarder_address": forwarder_address}
    return [
        Action(item, NOT_AN_ACCOUNTS),
        Action({PARTITION_KEY: address_key(addresses.normalise(forwarder_address))}, writes=False),
    ]


def put_domain(
    table: Table,
    domain: str,
    forwarder_address: str | None,
    *,
    admin_address: str | None = None,
    catch_all: bool | None = None,
    fallback_owners: Sequence[str] = (),
) -> bool:
    """Let addresses be vended in a domain, and keep the forwarder's own address there from being vended.

    What the map says of the domain is these fields, and no others (see VendedDomain). Returns False, nothing written,
    where the forwarder's address is an account's already.
    """
    value = VendedDomain(forwarder_address, admin_address, catch_all, tuple(fallback_owners))
    return _put_domain(table, domain, value)


@table_call("write the vended domain to the map")
def _put_domain(table: Table, domain: str, value: VendedDomain) -> bool:
    update = {
        "TableName": table.name,
        "Key": to_attributes({PARTITION_KEY: DOMAINS_KEY}),
        "UpdateExpression": "SET #domain = :value",
        "ExpressionAttributeNames": {"#domain": domain},
        "ExpressionAttributeValues": to_attributes({":value": value.to_attribute()}),
    }
    reservation = [_transact_item(table, action) for action in _reservation(domain, value.forwarder_address)]
    try:
        table.client.transact_write_items(TransactItems=[{"Update": update}, *reservation])
    except error_with_code("TransactionCanceledException") as error:
        if any(reason.get("Code") == _CONDITION_FAILED for reason in error.response["CancellationReasons"]):
            return False
        raise
    return True


@table_call("remove the vended domain from the map")
def remove_domain(table: Table, domain: str) -> None:
    """Let no address be vended in a domain any more. Records of addresses stay, and so does what keeps them unique."""
    table.client.update_item(
        TableName=table.name,
        Key=to_attributes({PARTITION_KEY: DOMAINS_KEY}),
        UpdateExpression="REMOVE #domain",
        ExpressionAttributeNames={"#domain": domain},
    )


@table_call("draw the next numbers of the series")
def draw_numbers(table: Table, series: str, count: int) -> int:
    """Return the first of ``count`` numbers in a row that nobody else ever gets: updates of one item are serialised."""
    answer = table.client.update_item(
        TableName=table.name,
        Key=to_attributes({PARTITION_KEY: series_key(series)}),
        UpdateExpression="ADD last_number :count",
        ExpressionAttributeValues=to_attributes({":count": count}),
        ReturnValues="UPDATED_NEW",
    )
    return int(from_attributes(answer["Attributes"])["last_number"]) - count + 1


@table_call("raise the number of the series")
def raise_number(table: Table, series: str, number: int) -> bool:
    """Let the series go on after the number; return False, nothing written, where it is there already."""
    try:
        table.client.update_item(
            TableName=table.name,
            Key=to_attributes({PARTITION_KEY: series_key(series)}),
            UpdateExpression="SET last_number = :number",
            ConditionExpression="attribute_not_exists(last_number) OR last_number < :number",
            ExpressionAttributeValues=to_attributes({":number": number}),
        )
    except error_with_code("ConditionalCheckFailedException"):
        return False
    return True


@table_call("write to the map")
def write(table: Table, changes: Sequence[Change]) -> list[str | None]:
    """Write the changes in one transaction, all or nothing.

    Returns, for each change, the key of the first item in its way, None for none: all None means that all is written,
    anything else that nothing is. A transaction takes 100 actions, each on an item of its own, and 4 MB.
    """
    actions = [change.actions for change in changes]
    try:
        table.client.transact_write_items(
            TransactItems=[_transact_item(table, one) for each in actions for one in each]
        )
    except error_with_code("TransactionCanceledException") as error:
        reasons = iter(error.response["CancellationReasons"])
        failed = [[action.key for action in each if next(reasons).get("Code") == _CONDITION_FAILED] for each in actions]
        if not any(failed):  # A conflict or a throttle: the same transaction may succeed a moment later.
            raise
        return [keys[0] if keys else None for keys in failed]
    return [None] * len(changes)


def _transact_item(table: Table, action: Action) -> dict[str, Any]:
    condition: dict[str, Any] = {"TableName": table.name, "ConditionExpression": action.condition.expression}
    if "#key" in action.condition.expression:
        condition["ExpressionAttributeNames"] = {"#key": PARTITION_KEY}
    if action.condition.values:
        condition["ExpressionAttributeValues"] = to_attributes(action.condition.values)
    if action.writes:
        return {"Put": {"Item": to_attributes(action.item), **condition}}
    return {"ConditionCheck": {"Key": to_attributes({PARTITION_KEY: action.key}), **condition}}


def caller_arn(sts: Any) -> str:
    """Return the ARN of the credentials in use."""
    return str(_STS.call("find out who is calling (sts:GetCallerIdentity)", sts.get_caller_identity)["Arn"])
