# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One account for one email: found, gone on with where an earlier run was cut off, or created.

CreateAccount takes no token that would make it idempotent, so that comes from the email, which AWS lets exist once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._organizations import api
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import (
    IN_PROGRESS,
    RACE_REASONS,
    SUCCEEDED,
    Account,
    Request,
    Wanted,
    accept,
    failure_text,
)


@dataclass(frozen=True)
class Ensured:
    """An account that is there or on its way, the request that makes or made it, and whether this run asked for it."""

    account: Account
    request_id: str | None
    made: bool = False


def ensure_account(client: Any, wanted: Wanted, timeout: int | None, check_mode: bool) -> Ensured:
    """Return the account with the email, creating it if need be; wait up to ``timeout`` seconds, None is not at all."""
    ensured = _existing(client, wanted) or _resume(client, wanted, None if check_mode else timeout)
    if ensured:
        return ensured
    if wanted.name is None:
        raise InputError(
            f"name: no account of the organization has the email {wanted.email}, and creating one needs a name"
        )
    if check_mode:
        return Ensured(_pending(wanted, wanted.name), None, made=True)
    return _create(client, wanted, wanted.name, timeout)


def _existing(client: Any, wanted: Wanted) -> Ensured | None:
    account = api.find_account(client, wanted.email)
    return Ensured(accept(account, wanted), wanted.request_id) if account else None


def _resume(client: Any, wanted: Wanted, timeout: int | None) -> Ensured | None:
    """Return the account that a request made earlier makes; None if none is for this email.

    A request that made another email's account is not ours, even if it is named: somebody took it for ours by its name
    while AWS did not tell its email yet. To ask again is safe, since AWS makes one account of an email only.
    """
    for request in _requests(client, wanted):
        if request.state == IN_PROGRESS and timeout is None:
            # Only its end will tell the request's email; its name is all there is to go by.
            return Ensured(_pending(wanted, request.name), request.id)
        settled = api.wait_for_request(client, request.id, timeout or 0) if request.state == IN_PROGRESS else request
        account = _made_by(client, settled)
        if account and account.email.lower() == wanted.email:
            return Ensured(accept(account, wanted), request.id)
    return None


def _requests(client: Any, wanted: Wanted) -> list[Request]:
    """Return the requests that may be for this account: the one that is named, those in progress with its name."""
    requests = api.requests_in_progress(client, wanted.name) if wanted.name else []
    if wanted.request_id is None:
        return requests
    named = api.describe_request(client, wanted.request_id)
    if wanted.name not in (None, named.name):
        raise InputError(
            f"create_account_request_id: {named.id} is for an account named {named.name!r}, not {wanted.name!r}: leave"
            " it away, or give the name that belongs to it"
        )
    return [named, *(request for request in requests if request.id != named.id)]


def _made_by(client: Any, request: Request) -> Account | None:
    if request.state != SUCCEEDED or not request.account_id:
        return None
    return api.describe_new_account(client, request.account_id)


def _create(client: Any, wanted: Wanted, name: str, timeout: int | None) -> Ensured:
    request = api.create_account(client, wanted)
    if request.state == IN_PROGRESS:
        if timeout is None:
            return Ensured(_pending(wanted, name), request.id, made=True)
        request = api.wait_for_request(client, request.id, timeout)
    account = _made_by(client, request)
    if account:
        return Ensured(account, request.id, made=True)
    # Whoever asked first has it, is about to have it, or has it since we looked.
    if request.reason in RACE_REASONS:
        theirs = replace(wanted, request_id=None)
        found = _existing(client, theirs) or _resume(client, theirs, timeout) or _existing(client, theirs)
        if found:
            return found
    raise api.AnsibleOrganizationsError(failure_text(wanted, request))


def _pending(wanted: Wanted, name: str) -> Account:
    return Account(email=wanted.email, name=name)


@dataclass(frozen=True)
class TagPlan:
    """The tags before and after, None where they are not asked about, and what to do."""

    before: dict[str, str] | None
    after: dict[str, str] | None
    to_set: dict[str, str]
    to_remove: list[str]


def plan_tags(client: Any, ensured: Ensured, wanted: Wanted) -> TagPlan:
    """Return what gives the account its tags; one that is being made gets them with its creation."""
    if wanted.tags is None or ensured.made or ensured.account.id is None:
        tags = None if wanted.tags is None else dict(wanted.tags)
        return TagPlan(tags, tags, {}, [])
    before = api.list_tags(client, ensured.account.id)
    to_set, to_remove = compare_aws_tags(before, dict(wanted.tags), wanted.purge_tags)
    kept = {key: value for key, value in before.items() if key not in to_remove}
    return TagPlan(before, {**kept, **to_set}, to_set, to_remove)


def apply_tags(client: Any, account_id: str | None, plan: TagPlan) -> None:
    """Do what is planned. Tags are removed first: an account has room for 50."""
    if account_id and plan.to_remove:
        api.untag_account(client, account_id, plan.to_remove)
    if account_id and plan.to_set:
        api.tag_account(client, account_id, plan.to_set)
