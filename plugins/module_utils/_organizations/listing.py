# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of the organization, listed once in a run and no further than somebody looks. Pure.

A large organization has hundreds of pages, of which AWS gives about eight a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import RLock

from .model import Account


class Listing:
    """Finds accounts in a list that is read on as needed. Several threads may look at the same time.

    What happens to accounts after they were listed is not seen until ``forget``.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self.forget()

    def forget(self) -> None:
        """Let the next look list anew."""
        with self._lock:
            self._rest: Iterator[Account] | None = None
            self._by_email: dict[str, Account] = {}
            self._by_id: dict[str, Account] = {}

    def note(self, account: Account) -> None:
        """Take an account for listed that is known by other means."""
        with self._lock:
            self._by_email[account.email.lower()] = account
            self._by_id[str(account.id)] = account

    def by_email(self, email: str, list_accounts: Callable[[], Iterator[Account]]) -> Account | None:
        """Return the account that has the email, whatever its case; None if there is none."""
        wanted = email.lower()
        with self._lock:
            if wanted in self._by_email:
                return self._by_email[wanted]
            try:
                return next((one for one in self._read_on(list_accounts) if one.email.lower() == wanted), None)
            except Exception:
                # A list that broke off would end here for whoever looks next, as if there were no more accounts.
                self.forget()
                raise

    @property
    def count(self) -> int:
        """How many accounts were listed: all, once somebody has looked for an email that no account has."""
        return len(self._by_id)

    def by_id(self, account_id: str) -> Account | None:
        """Return the account as far as it was listed."""
        return self._by_id.get(account_id)

    def _read_on(self, list_accounts: Callable[[], Iterator[Account]]) -> Iterator[Account]:
        if self._rest is None:
            self._rest = list_accounts()
        for account in self._rest:
            self._by_email.setdefault(account.email.lower(), account)
            self._by_id[str(account.id)] = account
            yield account
