# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to one received mail: who is to get it, and that each of them does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import FailingMailbox
from ansible_collections.account_factory.email.plugins.module_utils._notice import Notice
from forwarder.core.outcomes import Outcome, Reason
from forwarder.core.recipients import Delivery, Instead, Resolution, Standing, in_place_of, resolve, unique
from forwarder.delivering import Run, deliver
from forwarder.probing import send_on
from forwarder.services import Services


def forward(notice: Notice, services: Services, remaining_seconds: Callable[[], float]) -> dict[str, int]:
    """Bring every delivery of a received mail that is not done yet to an end, and return how many came to what.

    ``remaining_seconds`` tells how long this invocation may still run: no other one takes over its copies before.
    Raises an ExceptionGroup of all that failed, once everything was tried.
    """
    run = Run(notice, services, remaining_seconds)
    resolutions = _resolutions(run)
    counts = deliver(unique(_deliveries([one for one in resolutions if not one.is_probe], run)), run)
    send_on([one for one in resolutions if one.is_probe], run)
    run.raise_failures()
    return counts


def _resolutions(run: Run) -> list[Resolution]:
    found: list[Resolution] = []
    for recipient in run.notice.recipients:
        with run.apart(recipient=recipient):
            found.append(resolve(recipient, run.services.look_up, run.services.settings))
    for resolution in found:
        if resolution.empty_groups:
            run.audit(Outcome.NO_MEMBERS, {"address": resolution.address, "owner_groups": [*resolution.empty_groups]})
        if not resolution.mailboxes and not resolution.is_probe:
            run.audit(Outcome.DROPPED, {"address": resolution.address, "reason": resolution.standing.value})
    return found


def _deliveries(resolutions: list[Resolution], run: Run) -> Iterator[Delivery]:
    """Yield a delivery for each mailbox; one that fails is tried once a day, and others get its mail at once."""
    owners = [mailbox for one in resolutions if one.standing is Standing.OWNER for mailbox in one.mailboxes]
    failing = run.failing(owners) if owners else {}
    for resolution in resolutions:
        for mailbox in resolution.mailboxes:
            mark = failing.get(mailbox.lower())
            others = _in_its_place(mark, resolution, failing, run) if mark else []
            if mark is None or not others or _is_tried(mark, resolution, run):
                yield resolution.delivery_to(mailbox)
            yield from others


def _is_tried(mark: FailingMailbox, resolution: Resolution, run: Run) -> bool:
    what = {"address": resolution.address, "mailbox": mark.mailbox, "reason": resolution.standing.value}
    try:
        is_tried = run.services.failing.may_be_tried(mark, run.notice.delivery_id)
    except (BotoCoreError, ClientError) as error:
        # One bounce more than one a day is the lesser evil.
        run.audit(Outcome.FAILED, {**what, "error": f"the mark cannot be changed: {error}"}, error)
        is_tried = True
    if is_tried:
        return True
    run.audit(Outcome.NOT_TRIED, {**what, "why": mark.reason.value})
    return False


def _in_its_place(
    mark: FailingMailbox, resolution: Resolution, failing: Mapping[str, FailingMailbox], run: Run
) -> list[Delivery]:
    """Return the deliveries to those who get the mail of a mailbox that fails; other owners have their own copies."""
    fallbacks = [mailbox for tier in resolution.fallbacks for mailbox in tier]
    unreachable = {*failing, *run.failing(fallbacks)}
    owners = {owner.lower() for owner in resolution.mailboxes}
    instead = Instead(mark.mailbox, Reason(mark.reason.value), mark.diagnostic)
    found = in_place_of(resolution, owners, {mark.mailbox.lower()}, unreachable) or ()
    return [resolution.delivery_to(one, instead) for one in found]
