# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quarantine: a prefix of the mail bucket that holds each message kept back, and the notice to release it by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._notice import (
    RELEASED,
    Notice,
    parse_notice,
    quarantine_key,
)
from forwarder.core.outcomes import Reason


@dataclass(frozen=True)
class Quarantine:
    """The quarantine of a mail bucket."""

    s3: Any
    bucket: str

    def keep(self, notice: Notice, reason: Reason) -> None:
        """Store a message and its notice in the quarantine; again is no harm."""
        self.s3.put_object(
            Bucket=self.bucket,
            Key=f"{quarantine_key(notice.message_id)}.json",
            Body=notice.text.encode("utf-8", "replace"),
            ContentType="application/json",
        )
        self.s3.copy_object(
            Bucket=self.bucket,
            Key=quarantine_key(notice.message_id),
            CopySource={"Bucket": notice.bucket, "Key": notice.key},
            MetadataDirective="REPLACE",
            Metadata={"reason": reason.value},
            ContentType="message/rfc822",
        )

    def released(self, message_id: str) -> Notice:
        """Return the notice of a message in the quarantine, as one that was released."""
        stored = self.s3.get_object(Bucket=self.bucket, Key=f"{quarantine_key(message_id)}.json")["Body"].read()
        notice = parse_notice(stored.decode("utf-8"), self.bucket)
        if notice is None:
            raise ValueError(f"{quarantine_key(message_id)}.json is not the notice of a mail")
        return replace(notice, key=quarantine_key(message_id), again=RELEASED)
