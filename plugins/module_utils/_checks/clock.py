# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge of this machine's clock, by the Date of an answer of AWS. Pure, standard library only.

Source: AWS IAM User Guide, "Elements of an AWS API request signature": a request is refused whose time is more than
five minutes from that of AWS.
"""

from __future__ import annotations

from .model import Asked, Judgement, fail, ok, skipped, warn
from .names import Caller

_WARN_SECONDS, _FAIL_SECONDS = 60, 240


def judge_clock(_asked: Asked, caller: Caller) -> Judgement:
    """Whether this machine's clock agrees with AWS's."""
    if caller.ahead is None:
        return skipped("The answer of AWS has no Date that the clock could be held against.")
    amount = abs(caller.ahead)
    if amount <= _WARN_SECONDS:
        return ok("The clock of this machine agrees with that of AWS.")
    return (fail if amount > _FAIL_SECONDS else warn)(
        f"The clock of this machine is {amount:.0f} s {'ahead of' if caller.ahead > 0 else 'behind'} that of AWS.",
        "AWS refuses requests whose time is five minutes off, and what this machine writes into the map has its times.",
        "Let the machine synchronise its clock, as by: sudo timedatectl set-ntp true",
        seconds_ahead=round(caller.ahead),
    )
