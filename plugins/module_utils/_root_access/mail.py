# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail of AWS's to a root user: waiting until the forwarder has sent it on, and telling to whom.

That a mail is AWS's is read from its header as SES stored it, as for the mail with a code. Nothing else of it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._account.code_mail import is_mail_of_aws
from ansible_collections.account_factory.email.plugins.module_utils._aws import Service, error_with_code
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.api import find_deliveries
from ansible_collections.account_factory.email.plugins.module_utils._deliveries.model import Delivery, Query
from ansible_collections.account_factory.email.plugins.module_utils._stack import ForwarderStack

_S3 = Service(retried=("SlowDown",))
# A header has some kB; more than this of a mail is of no use here.
_HEADER_BYTES = 200_000
_LOOK_SECONDS = 2.0
# In the table of deliveries, what is still on its way.
_CLAIMED = "claimed"
_SHOWN = ("mailbox", "sent_to", "sent_at", "form", "became", "became_at", "diagnostic")


@dataclass
class RootMail:
    """The mail of AWS's to an address of a forwarder from a moment on; ``judged`` are the mails that were looked at."""

    stack: ForwarderStack
    dynamodb: Any
    s3: Any
    address: str
    since: datetime
    judged: dict[str, bool] = field(default_factory=dict)

    def wait(
        self, seconds: float, progress: Callable[[int, int], None], is_awaited: Callable[[], bool]
    ) -> list[dict[str, Any]]:
        """Return the mails once there is one; none where none is sent on within the seconds. 0 looks once.

        ``progress`` hears (minutes, of all). It also ends once the mail is not awaited any more.
        """
        begin = time.monotonic()
        while True:
            found = list(self._forwarded())
            waited = time.monotonic() - begin
            if found or waited >= seconds or not is_awaited():
                return found
            progress(int(waited // 60), max(1, int(seconds // 60)))
            time.sleep(min(_LOOK_SECONDS, seconds - waited))

    def _forwarded(self) -> Iterator[dict[str, Any]]:
        """Yield the mails of AWS's of which all copies are sent, the oldest first."""
        query = Query(addresses=(self.address,), start=self.since)
        found = find_deliveries(self.dynamodb, self.stack.delivery_table, query)
        found.sort(key=lambda one: (one.received_at or one.claimed_at, one.message_id))
        for message_id, group in groupby(found, key=lambda one: one.message_id):
            copies = list(group)
            if all(one.status != _CLAIMED for one in copies) and self._is_of_aws(message_id):
                yield _shown(message_id, copies)

    def _is_of_aws(self, message_id: str) -> bool:
        if message_id not in self.judged:
            header = self._header(f"mail/{message_id}")
            self.judged[message_id] = header is not None and is_mail_of_aws(header, self.address)
        return self.judged[message_id]

    def _header(self, key: str) -> bytes | None:
        """Return the beginning of a mail; None where it is in the bucket no more, as when it was quarantined."""
        bucket = self.stack.mail_bucket
        what = f"read the header of s3://{bucket}/{key}"
        try:
            answer = _S3.call(what, self.s3.get_object, Bucket=bucket, Key=key, Range=f"bytes=0-{_HEADER_BYTES - 1}")
        except error_with_code("NoSuchKey"):
            return None
        data: bytes = _S3.call(what, answer["Body"].read)
        return data


def _shown(message_id: str, copies: list[Delivery]) -> dict[str, Any]:
    shown = [{name: one.to_dict()[name] for name in _SHOWN} for one in copies]
    return {
        "message_id": message_id,
        "received_at": copies[0].received_at,
        "deliveries": sorted(shown, key=lambda one: one["mailbox"].lower()),
    }
