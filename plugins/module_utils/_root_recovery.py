# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recoveries of root users that are open, as the map keeps them: one item, an attribute for each account.

A note is written before AWS is asked to allow the recovery and removed after all credentials are deleted again, so that
whatever is cut off between the two is known. Pure, standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._record import PARTITION_KEY
from ._times import utc_text

RECOVERIES_KEY = "ROOT_RECOVERIES"


@dataclass(frozen=True)
class Recovery:
    """A recovery that is open. Times are UTC in ISO 8601, ``opened_by`` is the ARN of a caller."""

    account_id: str
    address: str
    opened_at: str
    opened_by: str
    closes_at: str
    reason: str

    def is_overdue(self, now: datetime) -> bool:
        """Return whether it should have been closed by now."""
        return self.closes_at <= utc_text(now)

    def to_dict(self) -> dict[str, str]:
        """Return it as modules show it."""
        return {name: value for name, value in vars(self).items() if name != "account_id"}


def read_recoveries(item: Mapping[str, Any] | None) -> dict[str, Recovery]:
    """Return the recoveries that the item under RECOVERIES_KEY holds, by account id in their order.

    One that cannot be read, of a later release say, is kept with what it says: it has to be closed all the same.
    """
    found = {name: value for name, value in (item or {}).items() if name != PARTITION_KEY}
    names = [name for name in Recovery.__dataclass_fields__ if name != "account_id"]
    return {
        account_id: Recovery(account_id, **{name: str(value.get(name, "")) for name in names})
        for account_id, value in sorted(found.items())
    }
