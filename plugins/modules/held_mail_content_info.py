#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: held_mail_content_info
short_description: Show the header and the parts of a held mail
version_added: 0.1.0
description:
  - Reads one mail that the forwarder of a stack has quarantined, or has received and not forwarded, and returns the
    fields of its header and what parts it has. Nobody has to open it in a mail program for that.
  - Whatever was written into the mail, all that is returned can be printed. Each text is on one line and has no control
    characters, escape sequences or marks that change the direction of writing. Nothing in it is a link, so that
    C(https://example.com/) is C(https example[.]com/).
  - Of the parts it returns what they say that they are, and never what is in them.
  - A mail is kept for as long as the bucket keeps mail, see the option C(mail_forwarder_mail_days) of the role
    P(account_factory.email.mail_forwarder#role).
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  message_id:
    description:
      - SES's id of the mail, which the notification about it and the forwarder's log have.
      - 1 to 256 printable ASCII characters without blanks and slashes.
    type: str
    required: true
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
notes:
  - Needs the permissions C(cloudformation:DescribeStacks) on the stack, C(s3:ListBucket) on the bucket of the mail, and
    C(s3:GetObject) on C(quarantine/*) and C(mail/*) in it. To release mail, or to list what is held,
    nobody needs the last one.
  - A mail may have 40 MB, and the module takes about three times as much memory.
"""

EXAMPLES = r"""
- name: Look into a mail that was held back
  account_factory.email.held_mail_content_info:
    message_id: o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
  register: held

- name: Show who wrote it, by its header
  ansible.builtin.debug:
    msg: "{{ fields | selectattr('name', 'match', '(?i)from$') | map(attribute='value') }}"
  vars:
    fields: "{{ held.held_mail_content.header_fields }}"

- name: Show the files that it brings
  ansible.builtin.debug:
    msg: "{{ held.held_mail_content.parts | selectattr('filename') | map(attribute='filename') }}"
"""

RETURN = r"""
held_mail_content:
  description: The mail.
  returned: success
  type: dict
  contains:
    message_id:
      description: SES's id of the mail.
      returned: always
      type: str
      sample: o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
    kind:
      description: V(quarantined), or V(received) where it lies only where SES has put it.
      returned: always
      type: str
      sample: quarantined
    key:
      description: The key of the object in the bucket of the mail.
      returned: always
      type: str
      sample: quarantine/o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1
    size:
      description: Its size in bytes.
      returned: always
      type: int
      sample: 48211
    is_readable:
      description: Whether the mail could be taken apart. If not, there are no fields and no parts.
      returned: always
      type: bool
      sample: true
    problem:
      description: Why it could not be taken apart. V(null) where it could.
      returned: always
      type: str
      sample: "the mail's header has more than 5000 fields: it is not forwarded, but kept"
    header_fields:
      description:
        - The first 100 fields of its header, in their order, and behind them up to 20 more of those that mail programs
          show, which are From, Sender, Reply-To, To, Cc, Subject and Date.
        - A name may be there more than once.
      returned: always
      type: list
      elements: dict
      contains:
        name:
          description: The field's name. Empty for a line that has none.
          returned: always
          type: str
          sample: Subject
        value:
          description: What it says, decoded (RFC 2047). Cut after 1,000 characters, with an ellipsis at its end.
          returned: always
          type: str
          sample: "Your invoice, see www[.]example[.]com"
    header_fields_omitted:
      description: How many more fields the header has.
      returned: always
      type: int
      sample: 0
    parts:
      description:
        - The first 100 MIME parts, the mail itself before all, and each part that holds others before these.
        - Mails that are attached are looked into, too. What lies more than 20 levels deep is not.
      returned: always
      type: list
      elements: dict
      contains:
        content_type:
          description: What the part says that it is, without parameters. V(text/plain) where it says nothing.
          returned: always
          type: str
          sample: application/pdf
        disposition:
          description: How it is to be shown, V(attachment) or V(inline). V(null) where it does not say.
          returned: always
          type: str
          sample: attachment
        filename:
          description: The name of the file, decoded. V(null) where it has none.
          returned: always
          type: str
          sample: invoice[.]pdf
        size:
          description: The size of its decoded content in bytes. V(null) for a part that holds others.
          returned: always
          type: int
          sample: 34113
        depth:
          description: In how many parts it lies. The mail itself has V(0).
          returned: always
          type: int
          sample: 1
    has_more_parts:
      description: Whether there are more parts.
      returned: always
      type: bool
      sample: false
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import TaskError
from ansible_collections.account_factory.email.plugins.module_utils._held_mail import content, objects
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, read_stack
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE


def look(new: Callable[[str], Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of the mail that is asked for; ``new`` makes the client of a service."""
    message_id = content.check_message_id("message_id", params["message_id"])
    stack = read_stack(new("cloudformation"), params["stack_name"])
    mail = objects.open_mail(new("s3"), stack.mail_bucket, message_id, content.SIZE_MAX)
    if mail is None:
        raise TaskError(content.not_kept(message_id, stack.mail_days))
    found = {"message_id": message_id, "kind": mail.kind, "key": mail.key, "size": mail.size}
    return {"held_mail_content": {**found, **content.describe(mail.data, mail.size)}}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={"message_id": {"type": TEXT_TYPE, "required": True}, **STACK_SPEC},
        supports_check_mode=True,
    )
    run_info(module, lambda: look(lambda service: new_client(module.client, service), module.params))


if __name__ == "__main__":
    main()
