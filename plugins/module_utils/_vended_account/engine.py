# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From requests to recorded accounts: look at everything, vend, then make or adopt some accounts at a time.

A run that is cut off anywhere is resumed by the next one: the map has the address, the id of the creation as soon as
AWS has given it, and the id of the account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from ansible_collections.account_factory.email.plugins.module_utils._account import changing
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.aliases import contacts_of
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.api import ensure_aliases
from ansible_collections.account_factory.email.plugins.module_utils._alternate_contacts.model import Plan, shown
from ansible_collections.account_factory.email.plugins.module_utils._aws import AwsError
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._map import api as map_api
from ansible_collections.account_factory.email.plugins.module_utils._map.edits import Edit, apply_edit
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work, apply_entries, apply_one
from ansible_collections.account_factory.email.plugins.module_utils._map.entries import Correction, Entries
from ansible_collections.account_factory.email.plugins.module_utils._map.plan import Plan as MapPlan
from ansible_collections.account_factory.email.plugins.module_utils._organizations import renaming, tree
from ansible_collections.account_factory.email.plugins.module_utils._organizations.creation import Ensured
from ansible_collections.account_factory.email.plugins.module_utils._organizations.model import Account
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import Target
from ansible_collections.account_factory.email.plugins.module_utils._organizations.presence import How, ensure_present
from ansible_collections.account_factory.email.plugins.module_utils._record import (
    ACTIVE,
    AddressRecord,
    account_key,
)

from .jobs import Done, Job, Outcome, Services
from .looking import Looking
from .model import AccountRequest, name_warning, no_room
from .progress import Progress

# AWS makes five accounts of an organization at a time (AWS Organizations User Guide, quotas).
AT_ONCE = 5

Result = TypeVar("Result")


def ensure_accounts(
    services: Services, requests: Mapping[int, AccountRequest], check_mode: bool, progress: Progress
) -> Done:
    """Make the accounts be there, each with its address. One that cannot be does not keep the others from it.

    Everything is looked at before anything is written. Raises an error of AWS's as long as nothing is.
    """
    return _Run(services, requests, check_mode, progress).apply()


@dataclass
class _Run:
    services: Services
    requests: Mapping[int, AccountRequest]
    check_mode: bool
    progress: Progress
    done: Done = field(default_factory=Done)
    made: dict[Target, Target | Exception] = field(default_factory=dict)

    @cached_property
    def looking(self) -> Looking:
        return Looking(self.services)

    def apply(self) -> Done:
        self.progress.begin("", "looking at the organization")
        jobs = self._look(self._vend(self.requests, check_mode=True))
        if not self.check_mode:
            vended = self._vend({label: self.requests[label] for label in jobs}, check_mode=False)
            jobs = {int(label): replace(jobs[int(label)], change=change) for label, change in vended.changes.items()}
            # A number may be another one than was planned, and its address the one of an account that was there before.
            jobs = self._each(jobs, lambda job: job if job.request.account_id else self.looking.created(job))
        jobs = self._each(jobs, lambda job: replace(job, target=self._made(job.target) if job.target else None))
        self.progress.forget("")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            came = list(pool.map(self._carry_out, jobs.values()))
        for label, one in zip(jobs, came, strict=True):
            if isinstance(one, Outcome):
                self.done.outcomes[label] = one
            else:
                self.done.failures[label] = one
        return self.done

    def _each(self, jobs: Mapping[int, Job], work: Callable[[Job], Job]) -> dict[int, Job]:
        """Return the jobs as the work leaves them, without those that it shows to be impossible."""
        left = {label: _tried(work, job) for label, job in jobs.items()}
        self.done.failures.update({label: each for label, each in left.items() if isinstance(each, Exception)})
        return {label: each for label, each in left.items() if isinstance(each, Job)}

    def _vend(self, requests: Mapping[int, AccountRequest], check_mode: bool) -> MapPlan:
        asks = Entries({label: request.ask for label, request in requests.items()}, {})
        plan = apply_entries(self.services.table, asks, Work(self.services.stamp, check_mode))
        self.done.failures.update({int(label): error for label, error in plan.failures.items()})
        return plan

    def _look(self, planned: MapPlan) -> dict[int, Job]:
        """Return what can be done, after a look at the accounts and the places that are there."""
        jobs = {int(label): Job(self.requests[int(label)], change) for label, change in planned.changes.items()}
        keys = [account_key(job.request.account_id) for job in jobs.values() if job.request.account_id]
        known = map_api.get_items(self.services.table, keys)

        def look(job: Job) -> Job:
            if job.request.account_id is None:
                return self.looking.created(job)
            return self.looking.adopted(job, known.get(account_key(job.request.account_id), {}).get("address"))

        looked = self._within_quota(self._each(jobs, look))
        warnings = (name_warning(job.record) for job in looked.values() if job.change.before is None)
        self.done.warnings += filter(None, warnings)
        return looked

    def _within_quota(self, jobs: dict[int, Job]) -> dict[int, Job]:
        """Return the jobs without those for which the organization has no room, as far as AWS tells its quota."""
        new = [label for label, job in jobs.items() if job.account is None]
        if not new:
            return jobs
        quota, count = self.services.account_quota(), self.services.connection.listing.count
        # A quota that is exceeded already is not the one that applies.
        if quota is None or quota < count:
            return jobs
        beyond = new[quota - count :]
        self.done.failures.update(dict.fromkeys(beyond, no_room(quota, count)))
        return {label: job for label, job in jobs.items() if label not in beyond}

    def _made(self, target: Target) -> Target:
        """Return the place with its OUs made, once for all accounts that go there; no account is made for no place."""
        if target.missing and target not in self.made:
            try:
                place, made = tree.ensure_place(self.services.connection, target, self.check_mode)
                self.done.made_units += [path for path in made if path not in self.done.made_units]
                self.made[target] = target if self.check_mode else Target(target.root, place, option=target.option)
            except (TaskError, AwsError) as error:
                self.made[target] = error
        found = self.made.get(target, target)
        if isinstance(found, Exception):
            raise found
        return found

    def _carry_out(self, job: Job) -> Outcome | Exception:
        came = _tried(self._adopt if job.request.account_id else self._create, job)
        self.progress.end(job.record.address)
        return came

    def _create(self, job: Job) -> Outcome:
        address = job.record.address

        def on_request(request_id: str) -> None:
            # From here on the account is found again by the id of its creation.
            self._record(job.record, {"create_account_request_id": request_id})
            self.progress.begin(address, f"waiting for AWS to create {job.record.account_name}")

        self.progress.begin(address, f"{'checking' if job.account else 'creating'} {job.record.account_name}")
        how = How(job.request.timeout, self.check_mode, self.services.clients.account, job.target, on_request)
        present = ensure_present(self.services.connection, job.wanted, how)
        values = {"account_id": present.after["id"], "create_account_request_id": present.request_id}
        if present.after["id"] is None and self.check_mode and job.request.timeout is not None:
            values["status"] = ACTIVE
        record = self._record(job.record, {name: value for name, value in values.items() if value is not None})
        contacts = self._contacts(job, present.after["id"])
        return _outcome(job, record, present.before, present.after, is_new=present.before is None, contacts=contacts)

    def _adopt(self, job: Job) -> Outcome:
        adopted = cast(Account, job.account)
        self.progress.begin(job.record.address, f"changing the email of account {adopted.id}")
        wanted = job.wanted_email(self.services)
        before, after = changing.ensure_email(self.services.clients, wanted, self.check_mode)
        # Only now: until its email is the address, the account is not the address's.
        record = self._record(job.record, {"account_id": adopted.id})
        naming = renaming.plan_name(self.services.clients.account, Ensured(adopted, None), job.wanted)
        if not self.check_mode:
            renaming.apply_name(self.services.clients.account, adopted, naming, job.request.timeout)
        account_before = replace(adopted, email=before.email, name=naming.before).to_dict()
        account = replace(adopted, email=after.email, name=naming.after).to_dict()
        contacts = self._contacts(job, adopted.id)
        is_new = job.record.account_id is None
        return _outcome(job, record, account_before, account, is_new=is_new, contacts=contacts)

    def _contacts(self, job: Job, account_id: str | None) -> Plan | None:
        """Return the account's alternate contacts, which are set unless in check mode; None where none are wanted."""
        if job.request.aliases is None:
            return None
        self.progress.begin(job.record.address, f"setting the contacts of {job.record.account_name}")
        return ensure_aliases(
            self.services.clients.account,
            account_id,
            contacts_of(job.record.address, job.request.aliases),
            # What is only asked for gets its contacts once it is there.
            will_be=self.check_mode and job.request.timeout is not None,
            check_mode=self.check_mode,
        )

    def _record(self, record: AddressRecord, values: Mapping[str, Any]) -> AddressRecord:
        """Return the record with these values, written unless in check mode."""
        edit = Edit(record.address, values)
        if self.check_mode:
            return apply_edit(record, edit)
        table = self.services.table
        return apply_one(table, Correction(edit, table.name), Work(self.services.stamp)).after


def _tried(work: Callable[[Job], Result], job: Job) -> Result | Exception:
    """Return what the work makes of the job, or why it cannot be done."""
    try:
        return work(job)
    except (TaskError, AwsError) as error:
        return error


def _outcome(
    job: Job,
    record: AddressRecord,
    account_before: dict[str, Any] | None,
    account: dict[str, Any],
    *,
    is_new: bool,
    contacts: Plan | None,
) -> Outcome:
    before = job.change.before
    contacts_before = {"alternate_contacts": shown(contacts.before)} if contacts else {}
    contacts_after = {"alternate_contacts": shown(contacts.after)} if contacts else {}
    after = {**record.to_dict(), "account": account, **contacts_after}
    if before is None and account_before is None:
        return Outcome(None, after, is_new)
    return Outcome(
        {**(before.to_dict() if before else {}), "account": account_before, **contacts_before}, after, is_new
    )
