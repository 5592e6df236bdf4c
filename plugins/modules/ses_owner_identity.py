#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_owner_identity
short_description: Verify owners of addresses in the Amazon SES sandbox
version_added: 0.1.0
description:
  - In the sandbox Amazon SES sends to verified mailboxes only, so that no other owner gets the mail of an account. This
    module has SES send each owner who is not verified the link that verifies the mailbox. Outside the sandbox it does
    nothing.
  - A mailbox is verified by itself, or by a verified domain that it is in or below.
  - SES keeps the case of a local part. The mailbox is verified exactly as it is given, which is how the forwarder sends
    to it.
  - A link is good for 24 hours. It is sent again after that, and no sooner, or an hour after the last one where SES
    says that the verification has failed. Of an identity that somebody made by hand, it is sent again only where that
    has failed.
  - Nothing that SES refuses is an error, because the mail of an account must never wait for that. Such an owner is
    returned as V(failed) with the reason, and the module warns once.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._sides.forwarder
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  emails:
    description: The mailboxes of the owners, each a plain C(user@host). An empty list is no call to AWS.
    type: list
    elements: str
    required: true
notes:
  - SES does not tell when it sent a link. The module keeps that in the tag C(account_factory.email:link-sent) of the
    identity.
  - No identity is ever deleted. To send a link again, the module calls C(VerifyEmailIdentity) of API v1, and only for
    an identity that SES says is not verified. How soon SES then shows the identity as pending could not be verified,
    which is what the hour is for.
  - Needs the permissions C(ses:GetAccount) and, in the sandbox, C(ses:ListEmailIdentities), C(ses:GetEmailIdentity),
    C(ses:CreateEmailIdentity), C(ses:TagResource) and C(ses:VerifyEmailIdentity).
  - Outside the sandbox it makes one call. In the sandbox it lists the identities, a thousand a call, and looks up those
    owners that have an identity and are not verified. SES allows about one call a second of each kind; the module
    waits.
seealso:
  - module: account_factory.email.ses_email_identity_info
  - module: account_factory.email.vended_address
"""

EXAMPLES = r"""
- name: Verify the owners of an address, where SES asks it
  account_factory.email.ses_owner_identity:
    emails:
      - jane.doe@example.com
      - analytics-leads@example.com
  register: owners

- name: Show who has yet to follow the link
  ansible.builtin.debug:
    var: owners.pending
"""

RETURN = r"""
sandbox:
  description: Whether the account is in the sandbox. V(null) where SES did not say, or there was nobody to verify.
  returned: success
  type: bool
  sample: true
owner_identities:
  description: What became of each mailbox, or in check mode would. Empty outside the sandbox.
  returned: success
  type: list
  elements: dict
  contains:
    email:
      description: The mailbox.
      returned: always
      type: str
      sample: jane.doe@example.com
    status:
      description:
        - V(verified) if SES sends to it. V(sent) if the link was sent now. V(pending) if it was sent before, and is
          waited for. V(failed) if it could not be sent.
      returned: always
      type: str
      sample: pending
    since:
      description: When the link was sent that is waited for, UTC in ISO 8601. V(null) where that is not known.
      returned: always
      type: str
      sample: "2026-11-21T09:30:00Z"
    reason:
      description: What AWS said, where it failed.
      returned: always
      type: str
      sample: null
pending:
  description: The mailboxes that have yet to follow the link, whether it was sent now or before.
  returned: success
  type: list
  elements: str
  sample: [jane.doe@example.com]
"""

from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._owner_identities import model
from ansible_collections.account_factory.email.plugins.module_utils._owner_identities.verifying import (
    Verified,
    verify_owners,
)
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker, side_spec


def work(module: AnsibleAWSModule) -> Outcome:
    emails = model.check_emails(module.params["emails"])
    verified = Verified(None)
    if emails:
        verified = verify_owners(
            lambda service: new_client(client_maker(module, FORWARDER), service),
            emails,
            datetime.now(timezone.utc),
            module.check_mode,
        )
    failed = model.warning(verified.owners)
    if failed is not None:
        module.warn(failed)
    return outcome(verified)


def outcome(verified: Verified) -> Outcome:
    before, after = model.diff_sides(verified.owners)
    return Outcome(
        before=before,
        after=after,
        extra={
            "sandbox": verified.sandbox,
            "owner_identities": [one.to_dict() for one in verified.owners],
            "pending": [one.email for one in verified.owners if one.is_waiting],
        },
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "emails": {"type": "list", "elements": "str", "required": True},
            **side_spec(FORWARDER),
        },
        supports_check_mode=True,
    )
    run_module(module, "owner_identities", lambda: work(module))


if __name__ == "__main__":
    main()
