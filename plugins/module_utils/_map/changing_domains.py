# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the map hold the domains of a plan, whoever vends in them meanwhile."""

from __future__ import annotations

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._vended_domain import VendedDomain

from . import api
from .domains import DomainPlan, check_records


def apply_plan(table: api.Table, plan: DomainPlan, *, check_mode: bool) -> None:
    """Make the map hold what the plan says; raise InputError, nothing changed, where something is in the way."""
    if plan.added or plan.removed:
        check_records(plan, api.records(table))
    for name, domain in plan.written.items():
        if not api.is_free_for_forwarder(table, name, domain.forwarder_address):
            raise _taken(domain)
    if check_mode:
        return
    for name, domain in plan.written.items():
        if not api.put_domain(table, name, **vars(domain)):
            raise _taken(domain)
    _remove(table, plan)


def _remove(table: api.Table, plan: DomainPlan) -> None:
    """Remove the domains that go; put them back where an address was vended in one meanwhile.

    From the removal on nobody begins to vend there, and who had begun before is seen by the second look, as far as they
    are done. A condition of every vend on the one item of domains would cancel all that are written side by side.
    """
    if not plan.removed:
        return
    for name in sorted(plan.removed):
        api.remove_domain(table, name)
    try:
        check_records(plan, api.records(table))
    except BaseException:
        for name in sorted(plan.removed):
            api.put_domain(table, name, **vars(plan.before[name]))
        raise


def _taken(domain: VendedDomain) -> InputError:
    return InputError(
        f"forwarder_address: {domain.forwarder_address} was vended to an account; give the forwarder another"
    )
