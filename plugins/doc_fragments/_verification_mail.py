# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  mail_prefix:
    description: What the keys of the messages in O(mail_bucket) begin with.
    type: str
    default: mail/
  delivery_table:
    description:
      - Name of the DynamoDB table in which the forwarder notes what it delivers. With the role
        P(account_factory.email.mail_forwarder#role) it is C(STACK-deliveries).
      - The verification email is looked up in it, which takes as long whatever the number of messages in
        O(mail_bucket). Without it, or where it cannot be queried, the whole bucket is listed every few seconds.
      - Email that the forwarder has not taken up is found in the bucket all the same, within a minute or more.
      - Needs C(dynamodb:Query) on its index C(by-address).
    type: str
"""
