# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail in the bucket of a forwarder: where it lies, and reading it; errors arrive as AwsError.

Where a mail lies is asked by listing its key. Reading what is not there is no way to find out: to whoever may not list
the bucket, S3 says of such a key that access is denied (Amazon S3 API Reference, GetObject).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._notice import MAIL_PREFIX, QUARANTINE_PREFIX

from .model import StoredMail

# So many objects are looked up one by one; of more than that, all mail is listed, a thousand at a time.
_FEW = 100
_AT_ONCE = 8
# What a mail is where it may lie, the likelier place first.
_PREFIXES = {"quarantined": QUARANTINE_PREFIX, "received": MAIL_PREFIX}
_RIGHTS = (
    "Whoever looks into a mail needs s3:ListBucket on the bucket of the mail, and s3:GetObject on quarantine/* and"
    " mail/* in it."
)
_S3 = Service(
    retried=("SlowDown", "InternalError", "ServiceUnavailable"),
    remedies={
        "AccessDenied": _RIGHTS,
        "NoSuchBucket": "The bucket was deleted, and with it all mail that the forwarder has received.",
    },
)


@dataclass(frozen=True)
class OpenedMail:
    """A mail in the bucket: what it is there, its key, its size in bytes and these; None for one too large to read."""

    kind: str
    key: str
    size: int
    data: bytes | None


def open_mail(s3: Any, bucket: str, message_id: str, limit: int) -> OpenedMail | None:
    """Return the mail of that id from the quarantine, or else from where SES put it; None where it is nowhere.

    One of more bytes than the limit is not read.
    """
    for kind, prefix in _PREFIXES.items():
        key = prefix + message_id
        stored = find_object(s3, bucket, key)
        if stored is None:
            continue
        data = _read(s3, bucket, key) if stored.size <= limit else None
        if data is not None or stored.size > limit:
            return OpenedMail(kind, key, stored.size, data)
    return None


def list_objects(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, StoredMail]]:
    """Yield the keys of a prefix without it, each with what is known of its object."""
    start: dict[str, str] = {}
    while True:
        page = _list(s3, bucket, prefix, **start)
        for one in page.get("Contents", []):
            yield one["Key"][len(prefix) :], StoredMail(one["Size"], one["LastModified"])
        if not page.get("IsTruncated"):
            return
        start = {"ContinuationToken": page["NextContinuationToken"]}


def find_objects(s3: Any, bucket: str, prefix: str, keys: Iterable[str]) -> dict[str, StoredMail]:
    """Return those of the keys of a prefix, given whole, that the bucket has."""
    wanted = set(keys)
    if len(wanted) > _FEW:
        listed = ((prefix + key, stored) for key, stored in list_objects(s3, bucket, prefix))
        return {key: stored for key, stored in listed if key in wanted}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda key: (key, find_object(s3, bucket, key)), sorted(wanted))
        return {key: stored for key, stored in found if stored}


def find_object(s3: Any, bucket: str, key: str) -> StoredMail | None:
    """Return what is known of an object; None where there is none."""
    # A key comes before those that begin with it.
    page = _list(s3, bucket, key, MaxKeys=1)
    found = (StoredMail(one["Size"], one["LastModified"]) for one in page.get("Contents", []) if one["Key"] == key)
    return next(found, None)


def _list(s3: Any, bucket: str, prefix: str, **options: Any) -> Any:
    what = f"list s3://{bucket}/{prefix}"
    return _S3.call(what, s3.list_objects_v2, Bucket=bucket, Prefix=prefix, **options)


def _read(s3: Any, bucket: str, key: str) -> bytes | None:
    """Return the bytes of an object; None where it is gone since it was listed."""

    def read() -> bytes:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    try:
        return _S3.call(f"read s3://{bucket}/{key}", read)
    except error_with_code("NoSuchKey"):
        return None
