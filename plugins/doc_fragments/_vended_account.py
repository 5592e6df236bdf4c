# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    # What is common to all accounts of a task.
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until AWS has created an account.
      - If V(false), the account is only asked for. Run again with V(true) to place it and record its id.
      - Has to be V(true) to adopt an account.
    type: bool
    default: true
  mail_bucket:
    description:
      - Name of the S3 bucket in which Amazon SES puts the mail to the vended addresses. With the role
        P(account_factory.email.mail_forwarder#role) it is C(STACK-mail-ACCOUNT-REGION).
      - Required to adopt an account, for AWS mails a code to the new address.
    type: str
attributes:
  idempotent:
    support: full
notes:
  - The address is vended before the account is asked for, and the id of the creation and of the account are recorded as
    soon as AWS has given them. A run that was cut off anywhere is resumed by running it again.
  - In check mode the address of a new request is the one that the series would give next. Another job may get it first.
  - Options that are text take text only. Write C(0017), C(1.10) or C(yes) in quotes, because YAML reads them as numbers
    and a boolean. A number without quotes is taken if it is an account id of 12 digits, or if Ansible tells that it was
    written in its usual form, as ansible-core does from 2.19 on.
  - Needs on the table C(dynamodb:BatchGetItem), C(dynamodb:PutItem), C(dynamodb:UpdateItem) and
    C(dynamodb:ConditionCheckItem).
  - To create accounts it needs C(organizations:ListAccounts), C(organizations:CreateAccount),
    C(organizations:DescribeCreateAccountStatus), C(organizations:ListCreateAccountStatus) and
    C(organizations:DescribeAccount); with tags C(organizations:TagResource), C(organizations:UntagResource) and
    C(organizations:ListTagsForResource); with a parent C(organizations:ListRoots), C(organizations:ListParents),
    C(organizations:MoveAccount), C(organizations:ListOrganizationalUnitsForParent) and
    C(organizations:DescribeOrganizationalUnit), to create OUs C(organizations:CreateOrganizationalUnit).
  - With C(servicequotas:ListServiceQuotas) an account for which the organization has no room is refused before its
    address is vended. Without it AWS says so once the account is asked for.
  - To create accounts it needs credentials of the organization's management account. A delegated administrator for AWS
    Account Management may adopt, too.
  - To adopt accounts it needs C(organizations:DescribeAccount), C(account:GetPrimaryEmail),
    C(account:StartPrimaryEmailUpdate), C(account:AcceptPrimaryEmailUpdate) and C(account:GetPrimaryEmailUpdateStatus),
    on O(mail_bucket) C(s3:ListBucket) and C(s3:GetObject), and C(dynamodb:Query) on the index of O(delivery_table).
  - To set alternate contacts it needs C(account:GetAlternateContact) and C(account:PutAlternateContact), and the
    organization all features and trusted access for AWS Account Management. Where that fails the account is there and
    recorded, and running again sets them.
  - AWS creates five accounts of an organization at a time, and takes some minutes for each.
"""

    PROGRESS = r"""
options:
  progress_file:
    description:
      - A file on the target to which a line C(DONE TOTAL what is under way) is added as the work goes on.
      - Where the task runs on the controller this is not needed; the progress of a long run is shown by itself.
    type: path
"""

    # What is said of each account.
    ACCOUNT = r"""
options:
  address:
    description:
      - An address that is in the map already, for an account that has none yet. What the map says of it applies.
      - Mutually exclusive with all that a new address is asked for with.
    type: str
  account_id:
    description:
      - Id of an existing member account of the organization, 12 digits in quotes, which is adopted. Its root user's
        email is changed to the address, with the code that AWS mails there.
      - Without O(request_id), the request is called C(adopt-) and the id.
      - Without O(account_id) a new account is created.
    type: str
  parent:
    description:
      - The root or organizational unit (OU) that the account is to be in, by id (V(r-...) or V(ou-...)) or by path, as
        V(Workloads/Prod); V(/) is the root.
      - If not given, an account is left where it is, and a new one comes into the root.
      - Not possible together with O(account_id).
    type: str
  create_parents:
    description: Whether to create the OUs of the path O(parent) that do not exist. If V(false), that is an error.
    type: bool
    default: false
  role_name:
    description:
      - Name of the role in the new account that the management account may assume.
      - Only used when the account is created. By default AWS names it C(OrganizationAccountAccessRole).
    type: str
  iam_user_access_to_billing:
    description:
      - Whether IAM users and roles of the new account may be given access to its billing information.
      - Only used when the account is created. By default AWS allows it.
    type: str
    choices: [ALLOW, DENY]
  purge_tags:
    description:
      - Whether tags of the account in AWS that are not in O(tags) are removed. Without O(tags) none is touched.
      - Not possible together with O(account_id), whose tags in AWS are left as they are.
    type: bool
    default: false
  rename:
    description:
      - Whether to rename an account that has the address but another name than the map has for it.
      - Without it, that is an error where an account is created, and nothing is done about it where one is adopted.
      - Needs C(botocore) 1.38.0 or newer.
    type: bool
    default: false
  alternate_contacts:
    description:
      - Sets the alternate contacts of the account that AWS has, once the account is recorded, with aliases of its
        address as their emails - C(name+billing@example.com), C(name+operations@example.com) and
        C(name+security@example.com) for C(name@example.com). The map says who gets their mail, by O(contacts), so that
        AWS need not be told again who that is.
      - AWS wants a name, a title and a phone number beside each. They are said here for all contacts, and below a kind
        for that one.
      - A contact that the account has already is replaced, and shown in the diff. Without this option none is touched.
      - An address that cannot have such aliases is refused, because it has a C(+) itself or a sign that AWS does not
        accept in the email of a contact, such as C(/).
    type: dict
    suboptions:
      name:
        description: The contacts' name, up to 64 characters.
        type: str
      title:
        description:
          - The contacts' title, up to 50 characters.
          - The default is C(Billing contact), C(Operations contact) or C(Security contact).
        type: str
      phone_number:
        description: The contacts' phone number, up to 25 digits, spaces and C(+-\(\)).
        type: str
      kinds:
        description: Which contacts are set. The default is all three.
        type: list
        elements: str
        choices: [billing, operations, security]
      billing:
        description: What is said of the billing contact alone.
        type: dict
        suboptions: &details
          name:
            description: The contact's name.
            type: str
          title:
            description: The contact's title.
            type: str
          phone_number:
            description: The contact's phone number.
            type: str
      operations:
        description: What is said of the operations contact alone.
        type: dict
        suboptions: *details
      security:
        description: What is said of the security contact alone.
        type: dict
        suboptions: *details
"""
