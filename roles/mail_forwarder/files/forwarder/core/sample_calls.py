# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of the AWS sample's function, and its answers, so that its callers change the name of a function only. Pure.

Source: aws-samples/aws-account-factory-email, src/vendEmail/app.py and utils.py. Its function takes OwnerAddress,
AccountType and Tags, of which it names the account: the lower-case BusinessUnit and ApplicationName, a short form of
Environment and a number. AccountName and AccountEmail take the place of that. It ignores what else it is given, and
answers 200 or 500.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._json_options import read_options
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE
from forwarder.core.refusals import Refusal

_ENVIRONMENTS = {
    "DEVELOPMENT": "dev",
    "EVALUATION": "eval",
    "PRODUCTION": "prod",
    "QUALITYASSURANCE": "qa",
    "TRAINING": "trn",
    "VALIDATION": "val",
}
_DEFAULT_ENVIRONMENT = "EVALUATION"
_TEXT = {"type": TEXT_TYPE}
# What of the sample's there is; RequestId is ours, and the sample's function ignores it.
_SPEC: Mapping[str, Any] = {
    "OwnerAddress": _TEXT,
    "AccountType": _TEXT,
    "Tags": {"type": "dict"},
    "AccountName": _TEXT,
    "AccountEmail": _TEXT,
    "RequestId": _TEXT,
}
_RULES: Mapping[str, Any] = {"required_one_of": [("OwnerAddress",), ("AccountType",), ("Tags",)]}
_TAGS: Mapping[str, Any] = {
    "BusinessUnit": _TEXT,
    "ApplicationName": _TEXT,
    "Environment": {"type": "str", "choices": list(_ENVIRONMENTS)},
}
_VERIFICATION = "not asked for: the module ses_owner_identity has owners verified where SES asks it"


def is_sample_request(body: Any) -> bool:
    """Return whether a request is in the words of the sample, none of which is an option's name."""
    return isinstance(body, Mapping) and not _SPEC.keys().isdisjoint(body)


def read_sample_request(body: Mapping[str, Any], domain: str, invocation_id: str) -> dict[str, Any]:
    """Return the options that the sample's request comes to, in the domain unless AccountEmail names another.

    Without a RequestId the request is the invocation: Lambda keeps the id of one that it runs again by itself, and who
    invokes again gets another address, as with the sample. Raises InputError in the sample's names.
    """
    given = read_options({name: body[name] for name in _SPEC if name in body}, _SPEC, _RULES)
    tags = read_options({name: given["Tags"][name] for name in _TAGS if name in given["Tags"]}, _TAGS, {})
    return {
        **_names(given, tags, domain),
        "request_id": given["RequestId"] or f"invocation {invocation_id}",
        "owners": [given["OwnerAddress"]],
        "account_type": given["AccountType"],
        "tags": {name: value for name, value in tags.items() if value is not None},
    }


def _names(given: Mapping[str, Any], tags: Mapping[str, Any], domain: str) -> dict[str, Any]:
    if given["AccountEmail"] is not None:
        local_part, _at, its_domain = given["AccountEmail"].rpartition("@")
        names = {"local_part": local_part, "domain": its_domain}
        return names if given["AccountName"] is None else {**names, "account_name": given["AccountName"]}
    if given["AccountName"] is not None:
        return {"account_name": given["AccountName"], "domain": domain}
    missing = [name for name in ("BusinessUnit", "ApplicationName") if not tags[name]]
    if missing:
        raise InputError(f"Tags.{missing[0]}: is not given; the account is named by it, unless AccountName names it")
    environment = _ENVIRONMENTS[tags["Environment"] or _DEFAULT_ENVIRONMENT]
    prefix = f"{tags['BusinessUnit'].lower()}-{tags['ApplicationName'].lower()}-{environment}"
    return {"name_prefix": prefix, "domain": domain}


def sample_answer(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sample's function says of an address that it vends."""
    return {
        "AccountName": record["account_name"],
        "AccountEmail": record["address"],
        "AccountType": record["account_type"],
        "EmailVerification": _VERIFICATION,
    }


def sample_refusal(refusal: Refusal) -> dict[str, Any]:
    """Return what the sample's function says where it does not vend, with the refusal beside it."""
    return {"message": refusal.message, "error": refusal.to_dict()}
