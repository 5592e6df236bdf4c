# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for the verification email to an address, in the bucket that SES puts mail in.

S3 lists objects by their keys, which SES makes at random, so that a list of what is new is a list of everything. The
forwarder's table of deliveries knows the latest mail of an address; where it is given, the bucket is listed only now
and then, for mail that the forwarder has not taken up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import DYNAMODB, AwsError, Service
from ansible_collections.account_factory.email.plugins.module_utils._stack import BY_ADDRESS, KEY_SEPARATOR

from .model import MailPlace

# A verification email has about 20 kB.
MAIL_SIZE_LIMIT = 1_000_000

_S3 = Service(
    retried=("SlowDown",),
    remedies={"NoSuchBucket": "Give mail_bucket the name of the bucket that SES puts the mail in."},
)
# A forwarder of an earlier release has no such index, and credentials of an earlier one no permission.
_NOT_TOLD = ("AccessDeniedException", "ResourceNotFoundException", "ValidationException")
# S3 refuses requests whose time differs from its own by more (RequestTimeTooSkewed), so no clock is further off.
_SKEW = timedelta(minutes=15)
_FIRST_PAUSE, _PAUSE_GROWS, _LONGEST_PAUSE = 0.5, 1.5, 5.0
# The first list beside the table, in seconds from the beginning; each one after it comes twice as late.
_FIRST_LIST = 60.0


@dataclass(frozen=True)
class StoredMail:
    """A mail that SES stored."""

    key: str
    data: bytes


@dataclass
class Arrivals:
    """The mail to one address that arrives from now on. ``seen`` are the keys of what was there or was looked at.

    ``dynamodb`` is for the place's table of deliveries, where it has one; ``warn`` hears why that is not used.
    """

    place: MailPlace
    recipient: str
    s3: Any
    dynamodb: Any
    warn: Callable[[str], None]
    since: datetime = field(default_factory=lambda: datetime.now(timezone.utc) - _SKEW)
    seen: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Raise AwsError where the bucket cannot be listed."""
        self._page(MaxKeys=1)

    def pass_over_what_is_there(self) -> None:
        """Note what has arrived, which brings the codes of earlier starts."""
        noted = self._noted()
        self.seen.update(self._stored() if noted is None else noted)

    def wait(self, is_wanted: Callable[[bytes], bool], timeout: float) -> StoredMail | None:
        """Return the latest mail that is wanted and new; None if none comes in ``timeout`` seconds. Each is read once.

        Raises AwsError where the mail cannot be read.
        """
        waited, pause, next_list = 0.0, _FIRST_PAUSE, min(_FIRST_LIST, timeout)
        while True:
            keys = self._noted()
            if keys is None or waited >= next_list:
                keys = [*(keys or ()), *self._stored()]
                next_list = min(2 * next_list, timeout)
            found = self._first(keys, is_wanted)
            if found or waited >= timeout:
                return found
            time.sleep(pause)
            waited, pause = waited + pause, min(pause * _PAUSE_GROWS, _LONGEST_PAUSE)

    def _first(self, keys: Iterable[str], is_wanted: Callable[[bytes], bool]) -> StoredMail | None:
        for key in keys:
            if key not in self.seen:
                self.seen.add(key)
                data = self._read(key)
                if data is not None and is_wanted(data):
                    return StoredMail(key, data)
        return None

    def _noted(self) -> list[str] | None:
        """Return the keys of the address's mail that the forwarder has taken up, the latest first; None: not known."""
        table = self.place.delivery_table
        if table is None:
            return None
        query = {
            "TableName": table,
            "IndexName": BY_ADDRESS,
            "KeyConditionExpression": "address = :address",
            "ExpressionAttributeValues": {":address": {"S": self.recipient}},
            "ScanIndexForward": False,
            "Limit": 100,
        }
        try:
            answer = DYNAMODB.call(f"look up the mail of {self.recipient}", self.dynamodb.query, **query)
        except AwsError as error:
            if error.code not in _NOT_TOLD:
                raise
            self._do_without_table(table, error)
            return None
        message_ids = [item["pk"]["S"].partition(KEY_SEPARATOR)[0] for item in answer["Items"]]
        return [self.place.prefix + message_id for message_id in dict.fromkeys(message_ids)]

    def _do_without_table(self, table: str, error: AwsError) -> None:
        self.place = MailPlace(self.place.bucket, self.place.prefix)
        self.warn(
            f"delivery_table: the index {BY_ADDRESS} of {table} cannot be used ({error.code}), so that all mail in"
            f" s3://{self.place.bucket}/{self.place.prefix} is listed until the verification email comes. Deploy the"
            " forwarder again, check the name, or allow dynamodb:Query on the index"
        )

    def _stored(self) -> list[str]:
        """Return the keys of the mail in the bucket that is not older than the wait, the latest first."""
        found: list[Any] = []
        start: dict[str, str] = {}
        while True:
            page = self._page(**start)
            found += [one for one in page.get("Contents", []) if one["LastModified"] >= self.since]
            if not page.get("IsTruncated"):
                return [one["Key"] for one in sorted(found, key=lambda one: one["LastModified"], reverse=True)]
            start = {"ContinuationToken": page["NextContinuationToken"]}

    def _page(self, **options: Any) -> Any:
        where = {"Bucket": self.place.bucket, "Prefix": self.place.prefix}
        what = f"list the mail in s3://{self.place.bucket}/{self.place.prefix}"
        return _S3.call(what, self.s3.list_objects_v2, **where, **options)

    def _read(self, key: str) -> bytes | None:
        """Return a mail; None where it is gone, or larger than any verification email."""

        def read() -> bytes | None:
            try:
                answer = self.s3.get_object(Bucket=self.place.bucket, Key=key)
            except self.s3.exceptions.NoSuchKey:
                return None
            return answer["Body"].read() if answer["ContentLength"] < MAIL_SIZE_LIMIT else None

        return _S3.call(f"read the mail s3://{self.place.bucket}/{key}", read)
