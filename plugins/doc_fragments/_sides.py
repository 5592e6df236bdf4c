# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
"""

    FORWARDER = r"""
options:
  forwarder_role_arn:
    description:
      - ARN of a role in the AWS account of the forwarder, which has the map and the mail, where the task's own
        credentials are those of another account, such as the organization's management account.
      - The role is assumed with the task's own credentials, or with those of O(forwarder_profile).
      - AWS gives credentials of an assumed role for an hour. A run that takes longer is resumed by running it again.
    type: str
  forwarder_profile:
    description: Name of an AWS profile for the account of the forwarder, in the place of the task's own credentials.
    type: str
  forwarder_external_id:
    description: The external id that the trust policy of O(forwarder_role_arn) asks for.
    type: str
"""

    ORGANIZATION = r"""
options:
  organization_role_arn:
    description:
      - ARN of a role in the organization's management account, where the task's own credentials are those of another
        account, such as the forwarder's.
      - The role is assumed with the task's own credentials, or with those of O(organization_profile).
      - AWS gives credentials of an assumed role for an hour. A run that takes longer is resumed by running it again.
    type: str
  organization_profile:
    description: >-
      Name of an AWS profile for the organization's management account, in the place of the task's own credentials.
    type: str
  organization_external_id:
    description: The external id that the trust policy of O(organization_role_arn) asks for.
    type: str
"""

    IDENTITY_CENTER = r"""
options:
  identity_center_role_arn:
    description:
      - ARN of a role in an AWS account that may read IAM Identity Center, where the task's own credentials may not.
        Those are the organization's management account, a delegated administrator of IAM Identity Center, and member
        accounts that are let read it.
      - The role is assumed with the task's own credentials, or with those of O(identity_center_profile).
      - AWS gives credentials of an assumed role for an hour.
    type: str
  identity_center_profile:
    description: Name of an AWS profile that may read IAM Identity Center, in the place of the task's own credentials.
    type: str
  identity_center_external_id:
    description: The external id that the trust policy of O(identity_center_role_arn) asks for.
    type: str
"""

    HOSTED_ZONE = r"""
options:
  hosted_zone_role_arn:
    description: A role to assume for the hosted zone, where that is in another account.
    type: str
  hosted_zone_profile:
    description: A profile whose credentials are for the hosted zone, or may assume O(hosted_zone_role_arn).
    type: str
  hosted_zone_external_id:
    description: The external id that O(hosted_zone_role_arn) asks for.
    type: str
"""
