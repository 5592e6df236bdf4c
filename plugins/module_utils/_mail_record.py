# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the table of deliveries keeps of a mail as a whole, beside an item for each of its copies.

It has one for a mail that was quarantined or that failed, so that a list of what is held needs to open none of it.

Pure, standard library only: the forwarder's code package carries a copy of this file under the same import path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

MAIL_PREFIX = "MAIL#"


def mail_key(message_id: str) -> str:
    """Return the key of the item of a mail, by SES's id of it."""
    return f"{MAIL_PREFIX}{message_id}"


@dataclass(frozen=True)
class MailRecord:
    """What became of a mail, by SES's id of it. Times are UTC in ISO 8601; None is unknown, or did not happen.

    ``reason`` is why it was quarantined, with the envelope (``recipients``, ``sender``), ``size`` in bytes and when SES
    received it. ``error`` is why it could not be forwarded when it was last tried, for the ``tries``-th time. Who
    released, replayed or discarded it is what the caller of the function said. A mail in quarantine is discarded apart
    from its dead letter, for it may have both.
    """

    message_id: str
    reason: str | None = None
    recipients: tuple[str, ...] = ()
    sender: str | None = None
    size: int | None = None
    received_at: str | None = None
    tries: int | None = None
    tried_at: str | None = None
    error: str | None = None
    released_at: str | None = None
    released_by: str | None = None
    replayed_at: str | None = None
    replayed_by: str | None = None
    discarded_at: str | None = None
    discarded_by: str | None = None
    letter_discarded_at: str | None = None
    letter_discarded_by: str | None = None

    @property
    def is_quarantined(self) -> bool:
        """Whether nobody has decided about the mail since it was quarantined."""
        return self.released_at is None and self.discarded_at is None

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> MailRecord:
        """Return the record that an item of Python values holds; attributes that are not ours are left alone."""
        values: dict[str, Any] = {name: item[name] for name in _FIELDS if name in item}
        values.update({name: int(values[name]) for name in ("size", "tries") if name in values})
        values["message_id"] = str(item["pk"]).removeprefix(MAIL_PREFIX)
        values["recipients"] = tuple(values.get("recipients", ()))
        return cls(**values)


_FIELDS = tuple(each.name for each in fields(MailRecord))
