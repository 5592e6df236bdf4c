#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: play_arguments
short_description: Read the variables of a play as its arguments
version_added: 0.1.0
description:
  - Reads the variables that a specification names, whether they come from a survey, a command line, a file or an
    inventory, checks them, and returns them as its result. The plays of this collection begin with it.
  - A variable that is empty, null, or nothing but spaces, as a survey leaves it, is not given.
  - A list may be one text, its entries separated by line ends, commas or semicolons, or JSON or YAML. A dictionary may
    be one text of C(key=value), separated so, or JSON or YAML.
  - What is text stays as it was written. A number without quotes in an extra variable is taken as text if it is
    a whole number in its usual form. What YAML reads as something else, such as C(0042), C(1.10) or C(yes), is refused,
    and so is any number whose spelling is not known, but for the 12 digits of an account id.
  - The answers of AWX surveys are text as they were typed. Since ansible-core 2.19 Ansible itself reads some of them as
    numbers or booleans; this action looks up what was written.
author:
  - The account_factory.email authors (@account-factory)
attributes:
  diff_mode:
    support: none
    details:
      - It changes nothing.
  action_group:
    support: none
    details:
      - It does not call AWS, and has none of the options that the group is for.
extends_documentation_fragment:
  - account_factory.email._attributes
options:
  argument_spec:
    description:
      - The variables by their names. Each has C(type), C(required), C(choices), and for lists C(elements), as modules
        have it.
      - There are more types. C(account_id) is the id of an account, C(tags) a dictionary of tags within the limits
        of AWS, C(raw) a value as Ansible has it, C(character) a text in which a space or tab counts, C(ignored) what is
        taken and not returned, and with C(elements) a C(dict) has values of that type. C(elements=entry) is a
        dictionary with C(options) of its own.
        What is wrong with one is returned as its C(refused), and is no error, unless the list has C(strict=true).
        The list has in C(beside) the names of the options that may be given beside it, for what its entries have in
        common. Their variables are O(prefix) and the name.
      - C(aliases) of a variable are former names. They are read from extra variables and from the variables of the
        play, with a deprecation warning, and not from the inventory, where others may have given such a name for
        something else.
      - C(fallback) of a variable is one that is read where the variable itself is not given, such as what an earlier
        job of a workflow hands on.
    type: dict
    required: true
  common:
    description:
      - Variables that many playbooks have in common, in the place of their specification.
      - V(region) is C(aws_region), V(map) C(account_email_table), or what an earlier job of a workflow
        hands on, V(owners) C(account_factory_verify_owners), V(organization), V(forwarder) and
        V(identity_center) are C(account_factory_..._role_arn), C(..._profile) and C(..._external_id) of that side.
      - A variable that O(argument_spec) has, too, is as it says there.
    type: list
    elements: str
    choices: [region, map, owners, organization, forwarder, identity_center]
    default: []
  prefix:
    description: What the names of the variables begin with and the names in the result do not.
    type: str
    default: ""
seealso:
  - module: ansible.builtin.validate_argument_spec
"""

EXAMPLES = r"""
- name: Read what is asked for
  account_factory.email.play_arguments:
    prefix: account_factory_
    common: [region, map]
    argument_spec:
      account_factory_owners: {type: list, elements: str, required: true}
      account_factory_tags: {type: tags}
  register: asked

- name: Show the owners
  ansible.builtin.debug:
    msg: "{{ asked.owners | join(', ') }}"
"""

RETURN = r"""
shared:
  description:
    - The arguments that the entries of a list may have, too (C(elements=entry)), by their names in the result. They are
      what the entries have in common.
  returned: success
  type: dict
  sample:
    owners: [jane@example.com]
named:
  description: By its name in the result, the variable that each argument came from, or would come from.
  returned: success
  type: dict
  sample:
    owners: account_factory_owners
    tags: account_factory_tags
"""
