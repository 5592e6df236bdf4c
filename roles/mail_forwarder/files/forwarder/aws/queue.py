# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue that a message goes back to: how long it stays away until the next try.

The delay grows from one try to the next, so that a mail outlasts a day on which SES takes nothing and is yet tried soon
where the fault was a short one. The dead-letter queue counts tries, so they must not be spent on waiting.

That Lambda leaves alone the visibility timeout that its function gave a message is what its users report; no document
says it. If it did not, the message would come back after the queue's own visibility timeout.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

LONGEST_SECONDS = 3600
# Of what is hopeless, however long the function may take for a mail: its tries are over within two hours.
_HOPELESS_SECONDS = 120
# Mails that failed together do not come back together.
_SPREAD = 0.1


@dataclass(frozen=True)
class Queue:
    """A queue, and how long a message stays away after the first try, in seconds."""

    sqs: Any
    url: str
    first_seconds: int

    def postpone(self, receipt_handle: str, tries: int, *, is_hopeless: bool) -> int:
        """Keep a message away until its next try, after so many of them; return for how many seconds.

        What is hopeless does not stay away longer each time: a person should see it soon.
        """
        seconds = (
            delay(1, min(self.first_seconds, _HOPELESS_SECONDS)) if is_hopeless else delay(tries, self.first_seconds)
        )
        self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)
        return seconds


def delay(tries: int, first_seconds: int) -> int:
    """Return the seconds from one try to the next: twice as many each time, an hour at most, give or take a tenth."""
    # No more doublings than it takes to be there: the number of tries has no end.
    seconds = min(first_seconds * 2 ** min(tries - 1, 12), LONGEST_SECONDS)
    return max(1, round(seconds * random.uniform(1 - _SPREAD, 1 + _SPREAD)))
