# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail as SES stored it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def read_mail(s3: Any, bucket: str, key: str) -> bytes:
    """Return an object's bytes. One that is not there yet reads as 404, or as 403: both raise, and are tried again."""
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def is_gone(error: Exception) -> bool:
    """Return whether an error says that there is no such object; without the right to list a bucket S3 says 403."""
    return isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404")
