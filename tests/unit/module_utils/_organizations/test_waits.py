# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says about its waiting."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.module_utils._organizations.waits import Wait, waits_text

_RATE = "as AWS limits how many requests it takes in a time (TooManyRequestsException)"


def test_nothing_worth_telling() -> None:
    assert waits_text([]) is None
    assert waits_text([Wait("describe account 1", "AccountNotFoundException", 9.0)]) is None


def test_calls_and_reasons_are_summed_up_in_the_order_they_came() -> None:
    waits = [
        Wait("list accounts", "TooManyRequestsException", 0.6),
        Wait("create account a", "ConcurrentModificationException", 20.0),
        Wait("create account a", "TooManyRequestsException", 3.0),
        Wait("create account a", "ConcurrentModificationException", 21.5),
    ]
    assert waits_text(waits) == (
        f"Waited 45 seconds for AWS Organizations: to list accounts once, 1 second, {_RATE}; to create account a 2"
        " times, 42 seconds, as another request was changing the same thing (ConcurrentModificationException); to"
        f" create account a once, 3 seconds, {_RATE}."
    )
