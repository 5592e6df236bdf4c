# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dead letters of a forwarder: finding them, and bringing them back to where they were to go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._dead_letters import (
    Content,
    DeadLetter,
    browse,
    read_content,
)


@dataclass(frozen=True)
class DeadLetters:
    """The dead-letter queues by their URLs, each with that of the queue whose messages it has; and the mail bucket."""

    sqs: Any
    s3: Any
    bucket: str
    routes: Mapping[str, str]

    def browse(self, take: Callable[[str, DeadLetter, Content], bool], is_over: Callable[[], bool]) -> int:
        """Hand each dead letter to ``take`` with the queue it is in; return how many others have at this moment.

        The queues are looked at side by side, and ``take`` is called for one at a time.
        """
        lock = Lock()

        def look(url: str) -> int:
            def take_one(letter: DeadLetter) -> bool:
                with lock:
                    return take(url, letter, read_content(letter, self.bucket))

            return browse(self.sqs, url, take_one, is_over=is_over).missing

        with ThreadPoolExecutor(max(len(self.routes), 1)) as pool:
            return sum(pool.map(look, self.routes))

    def send_back(self, url: str, letter: DeadLetter) -> None:
        """Send a dead letter to the queue whose message it was, as it is."""
        self.sqs.send_message(QueueUrl=self.routes[url], MessageBody=letter.body)

    def delete(self, url: str, letter: DeadLetter) -> None:
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=letter.receipt_handle)

    def is_kept(self, key: str) -> bool:
        """Return whether the bucket has the object; that needs no right to read it."""
        answer = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        return any(one["Key"] == key for one in answer.get("Contents", []))
