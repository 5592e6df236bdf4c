# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of accounts with vended addresses have in common: what they work with, and what they return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._account.model import MailPlace, mail_place
from ansible_collections.account_factory.email.plugins.module_utils._account.options import clients_of
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import accounts_of
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import make_stamp, module_table
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, failure, summary
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import connected
from ansible_collections.account_factory.email.plugins.module_utils._organizations.quotas import account_quota

from .engine import ensure_accounts
from .jobs import Done, Services
from .model import AccountRequest
from .progress import Progress

# The first that knows PutAccountName and GetAccountInformation (its changelog).
RENAMING_BOTOCORE = "1.38.0"


def run_requests(module: AnsibleAWSModule, requests: Mapping[int, AccountRequest]) -> Done:
    """Do what is asked for; return what became of each request."""
    mail = _mail_place(module, requests)
    if any(request.options["rename"] for request in requests.values()):
        module.require_botocore_at_least(RENAMING_BOTOCORE, reason="to rename an account")
    table = module_table(module)
    progress = Progress(module.params["progress_file"], len(requests))
    with connected(module) as connection:
        partition = connection.client.meta.partition
        services = Services(
            table,
            lambda: make_stamp(module),
            connection,
            lambda: account_quota(module, partition),
            clients_of(module),
            mail,
        )
        done = ensure_accounts(services, requests, module.check_mode, progress)
    for warning in done.warnings:
        module.warn(warning)
    return done


def _mail_place(module: AnsibleAWSModule, requests: Mapping[int, AccountRequest]) -> MailPlace | None:
    place = mail_place(module.params)
    if place is None and any(request.account_id for request in requests.values()):
        raise InputError(
            "mail_bucket: is needed to adopt an account, for AWS mails a code to its new email; name the bucket that"
            " SES puts the mail in"
        )
    return place


def outcome(entries: Sequence[Any], requests: Mapping[int, AccountRequest], done: Done) -> Outcome:
    """Return what became of a list of entries: before and after by address, only of those that changed."""
    changed = {index: came for index, came in sorted(done.outcomes.items()) if came.changed}
    failures = [_failure(index, entries[index], error) for index, error in sorted(done.failures.items())]
    named = [f"accounts[{each['index']}]: {each['msg']}" for each in failures]

    def addresses(adopted: bool) -> list[str]:
        return [
            came.after["address"]
            for index, came in changed.items()
            if (requests[index].account_id is not None) == adopted and came.is_new_account
        ]

    return Outcome(
        before={came.after["address"]: came.before for came in changed.values() if came.before},
        after={came.after["address"]: came.after for came in changed.values()},
        extra={
            "vended_accounts": [
                done.outcomes[index].after if index in done.outcomes else {} for index in range(len(entries))
            ],
            "accounts": accounts_of(came.after for _index, came in sorted(done.outcomes.items())),
            "created": addresses(adopted=False),
            "adopted": addresses(adopted=True),
            "created_parents": done.made_units,
            "failures": failures,
        },
        failure=summary(named, len(entries), "entries could not be done") if failures else None,
    )


def _failure(index: int, entry: Any, error: Exception) -> dict[str, Any]:
    said = entry if isinstance(entry, Mapping) else {}
    return {
        "index": index,
        "label": f"accounts[{index}]" + (f" ({said['request_id']})" if said.get("request_id") else ""),
        "request_id": said.get("request_id"),
        "account_id": said.get("account_id"),
        "msg": failure(error)["msg"],
    }
