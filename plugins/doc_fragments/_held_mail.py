# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    # What the modules on held mail have in common: whose mail it is, and which of it.
    DOCUMENTATION = r"""
options:
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
  message_ids:
    description:
      - The ids that Amazon SES gave the messages when it received them. Alarms, notifications and
        M(account_factory.email.held_mail_info) name them.
      - A dead letter that is about no mail has an id that begins with V(sqs:).
    type: list
    elements: str
  address:
    description: A vended address that the mail is for, in any case. One with a C(+tag) is the one without, too.
    type: str
  owner:
    description: The email address of somebody who gets the mail of an address that the mail is for, in any case.
    type: str
  kinds:
    description:
      - V(quarantined) is mail that was held back by its verdicts.
      - V(failed) is mail that could not be forwarded, however often it was tried, and whatever else lies among its dead
        letters.
      - V(event) is what Amazon SES tells of mail that was sent (a bounce, a complaint) and nobody could follow up.
    type: list
    elements: str
    choices: [quarantined, failed, event]
  reasons:
    description:
      - Why the mail is held.
      - Of quarantined mail it is V(virus), V(spam) or V(dmarc). Of failed mail V(not-forwarded), V(not-queued) where
        Amazon SNS could not hand its notification over, or V(unreadable) for a message that is no notification of
        Amazon SES. Of an event it is the event's type, as V(bounce).
    type: list
    elements: str
  older_than:
    description: Mail that was received before that, as V(30m), V(12h), V(2d) or V(1w).
    type: str
  newer_than:
    description: Mail that was received since then, written as O(older_than).
    type: str
"""
