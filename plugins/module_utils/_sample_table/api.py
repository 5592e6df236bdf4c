# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one call that the sample's table gets. It is only ever read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from ansible_collections.account_factory.email.plugins.module_utils._map.api import RETRIED_ERRORS

try:
    from boto3.dynamodb.types import TypeDeserializer
except ImportError:  # The module then ends with amazon.aws's own message about the missing library.
    TypeDeserializer = None


class SampleTableError(AnsibleAWSError):
    """A call for the sample's table that failed."""


class SampleTableErrorHandler(AWSErrorHandler):
    _CUSTOM_EXCEPTION = SampleTableError


def items(client: Any, table: str) -> Iterator[dict[str, Any]]:
    """Yield every item of the table as Python values, as each page arrives."""
    deserialize = TypeDeserializer().deserialize
    start: dict[str, Any] = {}
    while True:
        page = _scan_page(client, table, start)
        for item in page["Items"]:
            yield {name: deserialize(value) for name, value in item.items()}
        if not page.get("LastEvaluatedKey"):
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


@SampleTableErrorHandler.common_error_handler("read the sample's table")
def _scan_page(client: Any, table: str, start: dict[str, Any]) -> Any:
    retrying = AWSRetry.jittered_backoff(retries=8, delay=0.2, max_delay=5, catch_extra_error_codes=RETRIED_ERRORS)
    try:
        return retrying(client.scan)(TableName=table, ConsistentRead=True, **start)
    except is_boto3_error_code("ResourceNotFoundException") as error:
        raise SampleTableError(
            f"sample_table: there is no DynamoDB table {table!r} in {client.meta.region_name}. Check the name, the"
            " region and the account; the sample's cdk.json names it as ACCOUNT_TABLE_NAME"
        ) from error
