# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One account for one email: found, gone on with where an earlier run was cut off, or created.

CreateAccount takes no token that would make it idempotent, so that comes from the email, which AWS lets exist once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError

from . import api, waiters
from .calls import Connection
from .model import (
    FAILED,
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
    """An account that is there or on its way, and the request that makes or made it.

    ``made`` is whether this run asked for it, ``resumed`` whether it is what an earlier run asked for.
    """

    account: Account
    request_id: str | None
    made: bool = False
    resumed: bool = False


def find_account(connection: Connection, wanted: Wanted, timeout: int | None) -> Ensured | None:
    """Return the account with the email, or what a creation that is in progress makes of it; None if it is to be made.

    Waits for a creation for up to ``timeout`` seconds, None is not at all.
    """
    ensured = _existing(connection, wanted) or _resume(connection, wanted, timeout)
    if ensured is None and wanted.name is None:
        raise InputError(
            f"name: no account of the organization has the email {wanted.email}, and creating one needs a name"
        )
    return ensured


def would_create(wanted: Wanted) -> Ensured:
    """Return what asking for the account would come to, as far as it is known before."""
    return Ensured(_pending(wanted, wanted.name or ""), None, made=True)


def _existing(connection: Connection, wanted: Wanted) -> Ensured | None:
    account = api.find_account(connection, wanted.email)
    return Ensured(accept(account, wanted), wanted.request_id) if account else None


def _resume(connection: Connection, wanted: Wanted, timeout: int | None) -> Ensured | None:
    """Return the account that a request made earlier makes; None if none is for this email.

    A request that made another email's account is not ours, even if it is named: somebody took it for ours by its name
    while AWS did not tell its email yet. To ask again is safe, since AWS makes one account of an email only.
    """
    for request in _requests(connection, wanted):
        if request.state == IN_PROGRESS and timeout is None:
            # Only its end will tell the request's email; its name is all there is to go by.
            return Ensured(_pending(wanted, request.name), request.id, resumed=True)
        settled = _settled(connection, request, timeout or 0)
        account = _made_by(connection, settled)
        if account and account.email.lower() == wanted.email:
            return Ensured(accept(account, wanted), request.id, resumed=True)
    return None


def _requests(connection: Connection, wanted: Wanted) -> list[Request]:
    """Return the requests that may be for this account: the one that is named, those in progress with its name."""
    if wanted.request_id is not None and wanted.is_noted:
        noted = api.request_if_any(connection, wanted.request_id)
        if noted and noted.state != FAILED:
            return [noted]
    requests = api.requests_in_progress(connection, wanted.name) if wanted.name and not wanted.is_new else []
    if wanted.request_id is None or wanted.is_noted:
        return requests
    named = api.describe_request(connection, wanted.request_id)
    if wanted.name not in (None, named.name):
        raise InputError(
            f"create_account_request_id: {named.id} is for an account named {named.name!r}, not {wanted.name!r}: leave"
            " it away, or give the name that belongs to it"
        )
    return [named, *(request for request in requests if request.id != named.id)]


def _settled(connection: Connection, request: Request, timeout: int) -> Request:
    if request.state != IN_PROGRESS:
        return request
    waiters.wait_for_creation(connection, request.id, timeout)
    return api.describe_request(connection, request.id)


def _made_by(connection: Connection, request: Request) -> Account | None:
    if request.state != SUCCEEDED or not request.account_id:
        return None
    return api.describe_account(connection, request.account_id)


def create_account(
    connection: Connection, wanted: Wanted, timeout: int | None, on_request: Callable[[str], None]
) -> Ensured:
    """Return the account that was not there, asked for now; wait up to ``timeout`` seconds, None is not at all.

    ``on_request`` hears the id of the creation before it is waited for.
    """
    request = api.create_account(connection, wanted)
    on_request(request.id)
    if request.state == IN_PROGRESS and timeout is None:
        return Ensured(_pending(wanted, wanted.name or request.name), request.id, made=True)
    request = _settled(connection, request, timeout or 0)
    account = _made_by(connection, request)
    if account:
        return Ensured(account, request.id, made=True)
    # Whoever asked first has it, is about to have it, or has it since we looked.
    if request.reason in RACE_REASONS:
        theirs = replace(wanted, request_id=None, is_new=False)
        found = _listed_anew(connection, theirs) or _resume(connection, theirs, timeout)
        found = found or _listed_anew(connection, theirs)
        if found:
            return found
    raise AwsError(failure_text(wanted, request))


def _listed_anew(connection: Connection, wanted: Wanted) -> Ensured | None:
    connection.listing.forget()
    return _existing(connection, wanted)


def _pending(wanted: Wanted, name: str) -> Account:
    return Account(email=wanted.email, name=name)
