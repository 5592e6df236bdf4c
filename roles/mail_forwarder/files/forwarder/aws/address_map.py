# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the map of vended addresses."""

from __future__ import annotations

from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from ansible_collections.account_factory.email.plugins.module_utils import _record as record
from forwarder.core.recipients import FindRecord, RecordError


def record_finder(dynamodb: Any, table: str) -> FindRecord:
    """Return the function that finds the record of a normalised address; it reads what was written last."""
    deserialize = TypeDeserializer().deserialize

    def find(address: str) -> record.AddressRecord | None:
        key = {record.PARTITION_KEY: {"S": record.address_key(address)}}
        item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        try:
            return record.AddressRecord.from_item({name: deserialize(value) for name, value in item.items()})
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(f"the map's record of {address} cannot be read: {error!r}") from error

    return find
