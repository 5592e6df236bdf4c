# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

# This fragment is private to the collection: it may change at any time.

from __future__ import annotations


class ModuleDocFragment:
    # What a new address is asked for with.
    DOCUMENTATION = r"""
options:
  name_prefix:
    description:
      - The words that the names of this series of accounts begin with, of ASCII letters, digits, hyphens, underscores
        and inner dots.
      - The account is named O(name_prefix), a hyphen and the next number of the series. The local part of its address
        is that name in lower case.
      - A series is told apart by its prefix alone, whatever its case, so that account names are unique across domains.
      - Vends an address, as do O(account_name) and O(local_part). Mutually exclusive with them and with O(address).
    type: str
  counter_length:
    description:
      - How many digits the number has at least, filled with zeros; 1 to 10. Numbers grow past it.
      - Only used with O(name_prefix).
    type: int
    default: 3
  account_name:
    description:
      - The exact name for the account, 1 to 50 printable ASCII characters. No other address of the map may have it,
        whatever its case.
      - The local part of its address is O(local_part), or else the name in lower case.
      - Mutually exclusive with O(name_prefix).
    type: str
  local_part:
    description:
      - The exact local part of the address, what stands before the C(@). The account is named O(account_name), or else
        like it.
      - Mutually exclusive with O(name_prefix) and O(address).
    type: str
  domain:
    description:
      - The domain to vend the address in, one whose mail is forwarded. The role
        P(account_factory.email.mail_forwarder#role) makes its domain known to the map, and so does
        M(account_factory.email.vended_domain); a domain that is not known is refused.
      - Required with O(name_prefix), O(account_name) and O(local_part).
    type: str
  request_id:
    description:
      - Names the request, a ticket number for example; 1 to 256 characters, letter case counts.
      - The same request again returns the same address and changes nothing.
      - The same id with another name, O(domain), O(owners), O(owner_groups), O(fallback_owners), O(contacts),
        O(account_type), O(tags) or O(forwarding) fails and says what differs. A value is accepted if it is the one
        first asked for or the one that the address has now.
      - Required with O(name_prefix). Without it, an exact name itself says which request it is.
    type: str
  owners:
    description:
      - The email addresses of the people who get the mail, each a plain C(user@host).
      - An owner may not lie in a domain that addresses are vended in, because that would create a mail loop.
      - Required to vend an address, unless O(owner_groups) are given.
    type: list
    elements: str
  owner_groups:
    description:
      - The ids of groups of IAM Identity Center whose members get the mail beside the O(owners), each member once.
      - The map has to know the members of a group before an address can name it. The module
        M(account_factory.email.identity_center_groups) reads them, and so does the playbook C(sync_owners).
    type: list
    elements: str
  fallback_owners:
    description:
      - The email addresses of the people who get the mail where it cannot be delivered to any of the O(owners) or
        members of the O(owner_groups), each a plain C(user@host).
    type: list
    elements: str
  contacts:
    description:
      - The email addresses of the people who get the mail that AWS writes to an alternate contact of the account, each
        a plain C(user@host).
      - They get what comes for the address with their kind as the tag, in any case, as C(name+billing@example.com) for
        C(name@example.com), in the place of the owners. A kind without any is the owners'.
      - Where none of them can be reached, the owners get the mail, and then whoever gets theirs.
      - A kind that is not given is not touched, and an empty list gives a kind back to the owners.
      - M(account_factory.email.account_alternate_contact) and M(account_factory.email.vended_account) make such
        addresses the contacts that AWS has.
    type: dict
    suboptions:
      billing:
        description: Who gets mail for C(+billing), about invoices and payment.
        type: list
        elements: str
      operations:
        description: Who gets mail for C(+operations), about the services in use.
        type: list
        elements: str
      security:
        description: Who gets mail for C(+security), such as reports of abuse.
        type: list
        elements: str
  account_type:
    description: What kind of account it is, in your own words, for example to choose its organizational unit.
    type: str
  tags:
    description: Tags of the account, kept in the map.
    type: dict
  forwarding:
    description:
      - Whether the mail of the address goes to its owners. V(false) suspends it, what arrives is treated like mail to a
        retired address; V(true) resumes it.
      - Addresses are vended with V(true) unless told otherwise.
    type: bool
  on_change:
    description:
      - What happens where a request comes again with other O(owners), O(owner_groups), O(fallback_owners),
        O(contacts), O(tags),
        O(account_type) or O(forwarding) than its address was vended with and has today.
      - With V(refuse) that is an error. While no account has the address, O(tags) and O(account_type) are taken over
        all the same, so that a request that AWS refused can be mended and run again.
      - With V(apply) the address is changed to what the request says now.
      - Names, domain and account of a request never change.
    type: str
    choices:
      - refuse
      - apply
    default: refuse
"""
