#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: account_primary_email
short_description: Change the primary email of an AWS account, that of its root user
version_added: 0.1.0
description:
  - Makes sure that a member account of the organization has an email address as its primary email, and changes it if it
    has another.
  - AWS mails a code to the new address and wants it back. With O(mail_bucket) the module reads it from the message that
    Amazon SES stored there, so that nobody has to wait for it.
  - The code is in no result, diff, error or log of Ansible's.
  - Several jobs may change the same account to the same address. One of them does, the others find it done.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._sides.organization
  - account_factory.email._sides.forwarder
  - account_factory.email._verification_mail
  - amazon.aws.common.modules
  - amazon.aws.region.modules
attributes:
  idempotent:
    support: partial
    details:
      - Without O(mail_bucket) and O(otp) every run starts the change anew, and is C(changed), until the account has the
        email.
options:
  account_id:
    description:
      - Id of the account, 12 digits in quotes.
      - A member account of the organization. The email of the management account can be changed by its root user only.
    type: str
    required: true
  email:
    description:
      - The email address that the account is to have, of 6 to 64 characters, as the AWS Organizations API Reference has
        it for C(CreateAccount). No other account may have it, and none that was closed may have had it.
      - It is set in lower case. An account that has it in another case is left as it is.
    type: str
    required: true
  otp:
    description:
      - The code of six letters and digits that AWS mailed to O(email), for a person who has it.
      - It is of use if an earlier run started the change. Every start makes the codes before it worthless.
      - If given, nothing is started and O(mail_bucket) is not read.
    type: str
  mail_bucket:
    description:
      - Name of the S3 bucket in which Amazon SES puts the mail to O(email). With the role
        P(account_factory.email.mail_forwarder#role) it is C(STACK-mail-ACCOUNT-REGION).
      - Without it and O(otp) the change is only started.
      - Only a message that came after the start counts, to exactly O(email), from a domain of AWS's, which SES found it
        to be from (DMARC).
    type: str
  wait_timeout:
    description:
      - How many seconds to wait at most for the message, and then for the account to be seen with the new email.
      - If it takes longer, the task fails. Running it again makes AWS mail a new code.
    type: int
    default: 600
notes:
  - Needs credentials of the organization's management account, or of a delegated administrator for AWS Account
    Management, with C(account:GetPrimaryEmail), C(account:StartPrimaryEmailUpdate) and
    C(account:AcceptPrimaryEmailUpdate). The organization needs all features, and trusted access for AWS Account
    Management.
  - With C(account:GetPrimaryEmailUpdateStatus), and a C(botocore) that knows it, a change that AWS has accepted for an
    earlier run is waited for and not started again, and a change that failed is said to have failed.
  - With O(mail_bucket) also C(s3:ListBucket) on the bucket and C(s3:GetObject) on its messages, and C(kms:Decrypt)
    where a key of your own encrypts them.
  - AWS Account Management is global. O(region) is that of the bucket.
  - The owners of a forwarded address get the message with the code too. The code is of no use any more once the task is
    done.
  - AWS allows three starts in 30 seconds for an account. The module waits for its turn.
seealso:
  - module: account_factory.email.vended_address
  - module: account_factory.email.organizations_account
  - name: Update the root user email address
    description: AWS Account Management Reference Guide
    link: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-root-user-email.html
"""

EXAMPLES = r"""
- name: Give an account the address that was vended for it
  account_factory.email.account_primary_email:
    account_id: "123456789012"
    email: "{{ vended.vended_address.address }}"
    mail_bucket: mail-forwarder-mail-111122223333-eu-west-1
    delivery_table: mail-forwarder-deliveries
    region: eu-west-1

- name: Have AWS mail a code to somebody
  account_factory.email.account_primary_email:
    account_id: "123456789012"
    email: payments-001@accounts.example.com

- name: Go on with the code that came
  account_factory.email.account_primary_email:
    account_id: "123456789012"
    email: payments-001@accounts.example.com
    otp: "{{ code }}"
"""

RETURN = r"""
account_primary_email:
  description: The account and its primary email, or in check mode what it would be.
  returned: success
  type: dict
  contains:
    account_id:
      description: Id of the account.
      returned: success
      type: str
      sample: "123456789012"
    email:
      description: The email that the account has now. While the status is V(PENDING), that is still the one it had.
      returned: success
      type: str
      sample: payments-001@accounts.example.com
    status:
      description: V(ACCEPTED) for an account that has O(email), V(PENDING) while AWS waits for the code.
      returned: success
      type: str
      sample: ACCEPTED
msg:
  description: How to go on.
  returned: when the status is V(PENDING)
  type: str
  sample: >-
    AWS mails a code to payments-001@accounts.example.com. Run again with it as otp, or with the mail_bucket that the
    mail comes into.
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._account.changing import ensure_email
from ansible_collections.account_factory.email.plugins.module_utils._account.model import PENDING, wanted_email
from ansible_collections.account_factory.email.plugins.module_utils._account.options import MAIL_SPEC, clients_of
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE


def work(module: AnsibleAWSModule) -> Outcome:
    wanted = wanted_email(module.params)
    before, after = ensure_email(clients_of(module), wanted, module.check_mode)
    asked = f"AWS mails a code to {wanted.email}."
    how = f"{asked} Run again with it as otp, or with the mail_bucket that the mail comes into."
    extra = {"msg": how} if after.status == PENDING else {}
    return Outcome(before=before.to_dict(), after=after.to_dict(), extra=extra)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **side_spec(ORGANIZATION),
            **side_spec(FORWARDER),
            "account_id": {"type": ACCOUNT_ID_TYPE, "required": True},
            "email": {"type": "str", "required": True},
            "otp": {"type": "str", "no_log": True},
            **MAIL_SPEC,
            "wait_timeout": {"type": "int", "default": 600},
        },
        supports_check_mode=True,
    )
    run_module(module, "account_primary_email", lambda: work(module))


if __name__ == "__main__":
    main()
