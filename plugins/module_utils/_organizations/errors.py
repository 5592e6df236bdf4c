# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS Organizations refuses, and what to do about it. Pure, standard library only."""

from __future__ import annotations

_MANAGEMENT = (
    "Accounts are created, moved and closed from the organization's management account only, and listed from there or"
    " from a delegated administrator's account: use credentials of it with the permissions that the module's"
    " documentation lists."
)
# By error code, or by the reason where a code has several.
REMEDIES = {
    "AccessDeniedException": _MANAGEMENT,
    "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED": "Too many accounts are being created at the moment: run again later.",
    "ACCOUNT_NUMBER_LIMIT_EXCEEDED": (
        "Have the quota 'Default maximum number of accounts' raised (Service Quotas, in us-east-1), then run again. In"
        " an organization that is less than an hour old, run again later first."
    ),
    "AWSOrganizationsNotInUseException": f"The account of these credentials is in no organization. {_MANAGEMENT}",
    "CANNOT_CLOSE_MANAGEMENT_ACCOUNT": (
        "Running again does not help: the management account is closed by its root user, after all others."
    ),
    "CLOSE_ACCOUNT_QUOTA_EXCEEDED": (
        "Within 30 days AWS closes 20 percent of an organization's member accounts, but at least 250 and at most 1000."
        " Running again helps once the first of those closures is 30 days old; the quota can not be raised."
    ),
    "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED": (
        "AWS closes three accounts of an organization at a time: run again in some minutes."
    ),
    "ConcurrentModificationException": "Another request was changing the same thing all the while: run again later.",
    "ConflictException": (
        "Something else is being done with the account, as a change that is not finished. Run again in some minutes; if"
        " it stays so, ask AWS Support."
    ),
    "CreateAccountStatusNotFoundException": (
        "Give create_account_request_id as CreateAccount of this organization returned it, or leave it away."
    ),
    "DuplicateOrganizationalUnitException": (
        "Another job is making that OU, or one whose name differs in upper and lower case only: run again."
    ),
    "FinalizingOrganizationException": "The organization is new and not ready yet: run again in an hour.",
    "OU_DEPTH_LIMIT_EXCEEDED": "AWS nests OUs five levels deep at most: give a parent with fewer levels.",
    "OU_NUMBER_LIMIT_EXCEEDED": (
        "The organization has as many OUs as its quota allows. Running again helps once some are deleted, or the quota"
        " is raised (Service Quotas, in us-east-1)."
    ),
    "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE": (
        "Running again helps once all features are enabled in the organization; with consolidated billing only, an"
        " account is closed by its own root user."
    ),
    "TooManyRequestsException": "AWS limits how many requests it takes in a time: run again later.",
}
