#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_receipt_rule
short_description: Manage the rules by which Amazon SES receives mail
version_added: 0.1.0
description:
  - Creates, updates, moves and deletes a receipt rule in an Amazon SES receipt rule set.
  - An option that is not given is left as it is. An option that is given means exactly that; lists are not merged.
  - What a rule refers to (bucket, topic, function, and their policies that let SES use them) must exist before the rule
    does.
  - Making a rule with an S3 action makes SES write an object C(AMAZON_SES_SETUP_NOTIFICATION) under the prefix.
  - In check mode, a rule set named in O(rule_set), or a rule named in O(after), that does not exist yet is taken to be
    made by an earlier task, and a warning says so. Otherwise it is an error.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
options:
  name:
    description:
      - Name of the rule, of at most 64 ASCII letters, digits, V(_), V(-) and V(.).
    type: str
    required: true
  rule_set:
    description:
      - Name of the rule set that the rule is in.
      - By default the region's active rule set. It is an error if none is active, except with O(state=absent).
    type: str
  state:
    description:
      - With V(present), the rule is created where it does not exist, and otherwise updated to what is given.
      - With V(absent), the rule is deleted.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether the rule is applied.
      - A new rule is enabled unless V(false) is given.
    type: bool
  tls_policy:
    description:
      - With V(Require), SES refuses mail for this rule that does not come over a TLS connection.
      - For a new rule the default is V(Optional).
    type: str
    choices: [Optional, Require]
  scan_enabled:
    description:
      - Whether SES scans the mail for spam and viruses. Only with it are there verdicts to act on.
      - A new rule scans unless V(false) is given.
    type: bool
  recipients:
    description:
      - What the rule applies to, at most 100 of addresses (V(user@example.com), which includes
        V(user+label@example.com)), domains (V(example.com)) and all subdomains of a domain (V(.example.com)).
      - An empty list is no condition. The rule then applies to all mail for all domains verified in the account, which
        is also what a new rule does if this is not given.
      - The order has no meaning.
    type: list
    elements: str
  actions:
    description:
      - What to do with the mail, at most 10 actions, in this order. Each has exactly one of the keys below.
    type: list
    elements: dict
    suboptions:
      s3_action:
        description: Write the message, of up to 40 MB, to a bucket, and publish a notice if there is a topic.
        type: dict
        suboptions:
          bucket_name:
            description: Name of the bucket.
            type: str
            required: true
          object_key_prefix:
            description: What the keys begin with; the message id follows. End it with V(/) to have a folder.
            type: str
          kms_key_arn:
            description:
              - Key with which SES encrypts the message itself, before it writes it. Only the Amazon S3 encryption
                clients can read it then. To have the bucket encrypt, leave this away and configure the bucket.
            type: str
          iam_role_arn:
            description: Role that SES assumes to write to the bucket, use the key and publish to the topic.
            type: str
          topic_arn:
            description: SNS topic to publish a notice to when the action is taken.
            type: str
      sns_action:
        description: Publish the whole message to a topic. Mail over 150 KB bounces.
        type: dict
        suboptions:
          topic_arn:
            description: SNS topic to publish to.
            type: str
            required: true
          encoding:
            description: How the message is encoded in the notice. V(UTF-8) may not preserve all characters.
            type: str
            choices: [UTF-8, Base64]
            default: UTF-8
      lambda_action:
        description: Invoke a function.
        type: dict
        suboptions:
          function_arn:
            description: ARN of the function.
            type: str
            required: true
          invocation_type:
            description: V(RequestResponse) waits at most 30 seconds for the function, which can then stop the rules.
            type: str
            choices: [Event, RequestResponse]
            default: Event
          topic_arn:
            description: SNS topic to publish a notice to when the action is taken.
            type: str
      stop_action:
        description: Apply no further action and no further rule.
        type: dict
        suboptions:
          scope:
            description: What is stopped; AWS knows only V(RuleSet).
            type: str
            choices: [RuleSet]
            default: RuleSet
          topic_arn:
            description: SNS topic to publish a notice to when the action is taken.
            type: str
      add_header_action:
        description: Add a header field to the message.
        type: dict
        suboptions:
          header_name:
            description: Name of the field, of at most 50 ASCII letters, digits and V(-).
            type: str
            required: true
          header_value:
            description: Value of the field, one line of at most 2048 characters.
            type: str
            required: true
      bounce_action:
        description: Refuse the mail with a bounce message.
        type: dict
        suboptions:
          smtp_reply_code:
            description: SMTP reply code, as in RFC 5321.
            type: str
            required: true
          status_code:
            description: Enhanced status code, as in RFC 3463.
            type: str
          bounce_message:
            description: Text of the bounce message (C(Message) in the API).
            type: str
            required: true
          sender:
            description: Address that the bounce message is from. It must be verified in SES.
            type: str
            required: true
          topic_arn:
            description: SNS topic to publish a notice to when the action is taken.
            type: str
      workmail_action:
        description: Hand the mail to Amazon WorkMail.
        type: dict
        suboptions:
          organization_arn:
            description: ARN of the WorkMail organization.
            type: str
            required: true
          topic_arn:
            description: SNS topic to publish a notice to when the action is taken.
            type: str
      connect_action:
        description: Hand the mail to Amazon Connect. Needs a botocore that knows this action.
        type: dict
        suboptions:
          instance_arn:
            description: ARN of the Connect instance.
            type: str
            required: true
          iam_role_arn:
            description: Role that SES assumes to hand the mail over.
            type: str
            required: true
  position:
    description:
      - Place of the rule in the rule set.
      - If neither this nor O(after) is given, the rule stays where it is, and a new rule goes last.
    type: str
    choices: [first, last]
  after:
    description:
      - Name of the rule that this rule is to stand directly behind.
      - Mutually exclusive with O(position).
    type: str
notes:
  - Needs the permissions C(ses:DescribeReceiptRuleSet) or, without O(rule_set), C(ses:DescribeActiveReceiptRuleSet),
    and to change something C(ses:CreateReceiptRule), C(ses:UpdateReceiptRule), C(ses:SetReceiptRulePosition) and
    C(ses:DeleteReceiptRule).
  - SES may not know a policy yet that was just written. Where it refuses a bucket, a topic or a function, the module
    tries again for about two minutes before it fails.
seealso:
  - module: account_factory.email.ses_receipt_rule_set
  - module: account_factory.email.ses_receipt_rule_set_info
"""

EXAMPLES = r"""
- name: Keep all mail for a domain in a bucket and publish a notice of each
  account_factory.email.ses_receipt_rule:
    rule_set: inbound
    name: mail-forwarder
    recipients:
      - accounts.example.com
    tls_policy: Require
    scan_enabled: true
    actions:
      - s3_action:
          bucket_name: mail-forwarder-mail-123456789012-eu-west-1
          object_key_prefix: mail/
          topic_arn: arn:aws:sns:eu-west-1:123456789012:mail-forwarder-received
      - stop_action: {}

- name: Move a rule of the active rule set to the front
  account_factory.email.ses_receipt_rule:
    name: mail-forwarder
    position: first

- name: Place it behind another rule
  account_factory.email.ses_receipt_rule:
    name: mail-forwarder
    after: block-list

- name: Switch a rule off and leave all else as it is
  account_factory.email.ses_receipt_rule:
    name: mail-forwarder
    enabled: false

- name: Delete a rule
  account_factory.email.ses_receipt_rule:
    rule_set: inbound
    name: mail-forwarder
    state: absent
"""

RETURN = r"""
rule:
  description: The rule as it is, or in check mode would be, after the task. Empty where it is absent.
  returned: success
  type: dict
  contains:
    rule_set:
      description: Name of the rule set that the rule is in.
      returned: when the rule is present
      type: str
      sample: inbound
    name:
      description: Name of the rule.
      returned: when the rule is present
      type: str
      sample: mail-forwarder
    enabled:
      description: Whether the rule is applied.
      returned: when the rule is present
      type: bool
      sample: true
    tls_policy:
      description: Whether TLS is required of the sender.
      returned: when the rule is present
      type: str
      sample: Require
    scan_enabled:
      description: Whether the mail is scanned for spam and viruses.
      returned: when the rule is present
      type: bool
      sample: true
    recipients:
      description: What the rule applies to. Empty if to everything.
      returned: when the rule is present
      type: list
      elements: str
      sample: [accounts.example.com]
    actions:
      description:
        - The actions in order, as in O(actions), with only what is set.
        - An action of a kind that the installed botocore does not know is an empty dictionary.
      returned: when the rule is present
      type: list
      elements: dict
      sample:
        - s3_action:
            bucket_name: mail-forwarder-mail-123456789012-eu-west-1
            object_key_prefix: mail/
            topic_arn: arn:aws:sns:eu-west-1:123456789012:mail-forwarder-received
    after:
      description: Name of the rule that this rule stands directly behind, V(null) if it is the first.
      returned: when the rule is present
      type: str
      sample: block-list
    index:
      description: Place of the rule in the rule set; the first is 1.
      returned: when the rule is present
      type: int
      sample: 2
"""

from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, run_module
from ansible_collections.account_factory.email.plugins.module_utils._receipt_rules import api, model
from ansible_collections.account_factory.email.plugins.module_utils._text import TEXT_TYPE


def _kind(*required: str, **others: dict[str, Any]) -> dict[str, Any]:
    """Return the argument spec of one kind of action: its required options, which are text, and its others."""
    options = {**{name: {"type": "str", "required": True} for name in required}, **others}
    return {"type": "dict", "options": options}


VALUE = {"type": "str"}
# S3 keys, topics and roles are names, not secrets: the word "key" in some makes Ansible ask.
NAME = {"type": "str", "no_log": False}
ACTION_SPEC = {
    "s3_action": _kind("bucket_name", object_key_prefix=NAME, kms_key_arn=NAME, iam_role_arn=VALUE, topic_arn=VALUE),
    "sns_action": _kind("topic_arn", encoding={"type": "str", "choices": ["UTF-8", "Base64"], "default": "UTF-8"}),
    "lambda_action": _kind(
        "function_arn",
        invocation_type={"type": "str", "choices": ["Event", "RequestResponse"], "default": "Event"},
        topic_arn=VALUE,
    ),
    "stop_action": _kind(scope={"type": "str", "choices": ["RuleSet"], "default": "RuleSet"}, topic_arn=VALUE),
    "add_header_action": _kind("header_name", "header_value"),
    "bounce_action": _kind("smtp_reply_code", "bounce_message", "sender", status_code=VALUE, topic_arn=VALUE),
    "workmail_action": _kind("organization_arn", topic_arn=VALUE),
    "connect_action": _kind("instance_arn", "iam_role_arn"),
}


def wanted_rule(params: dict[str, Any]) -> model.Wanted:
    """Return what is asked for, its limits checked."""
    recipients, actions = params["recipients"], params["actions"]
    return model.Wanted(
        name=model.check_rule_name("name", params["name"]),
        enabled=params["enabled"],
        tls_policy=params["tls_policy"],
        scan_enabled=params["scan_enabled"],
        recipients=None if recipients is None else model.check_recipients(recipients),
        actions=None if actions is None else model.check_actions(actions),
        position=params["position"],
        after=params["after"],
    )


def work(module: AnsibleAWSModule) -> Outcome:
    wanted = wanted_rule(module.params)
    name = module.params["rule_set"]
    client = new_client(module.client, "ses")
    rule_set = api.get_rule_set(client, name) if name else api.get_active_rule_set(client)
    if module.params["state"] == "absent":
        plan = model.plan_absent(rule_set or model.RuleSet(name or ""), wanted.name)
    else:
        plan = model.plan_present(with_what_is_named(module, rule_set, wanted.after), wanted)
    if not module.check_mode:
        apply(client, plan)
    return Outcome(plan.before, plan.after)


def with_what_is_named(module: AnsibleAWSModule, rule_set: model.RuleSet | None, after: str | None) -> model.RuleSet:
    """Return the rule set, holding the rule that ``after`` names: in check mode earlier tasks have not made them."""
    name = module.params["rule_set"]
    if rule_set is None:
        if not name:
            raise InputError(
                "rule_set: no receipt rule set is active in this region: name one, or activate one with"
                " account_factory.email.ses_receipt_rule_set"
            )
        missing(
            module,
            f"rule_set: there is no receipt rule set {name!r} in this region: make it first with"
            " account_factory.email.ses_receipt_rule_set",
        )
        rule_set = model.RuleSet(name)
    if after and not rule_set.rule(after):
        rules = ", ".join(rule_set.names) or "no rules"
        missing(module, f"after: there is no rule {after!r} in the rule set {rule_set.name!r}; it has {rules}")
        rule_set = replace(rule_set, rules=(*rule_set.rules, model.Rule(after)))
    return rule_set


def missing(module: AnsibleAWSModule, text: str) -> None:
    if not module.check_mode:
        raise InputError(text)
    module.warn(f"{text}. In check mode it is taken to be made by an earlier task")


def apply(client: Any, plan: model.Plan) -> None:
    """Do what is planned, in as few calls as possible."""
    if plan.create:
        api.create_rule(client, plan)
    if plan.update:
        api.update_rule(client, plan)
    if plan.move:
        api.move_rule(client, plan)
    if plan.delete:
        api.delete_rule(client, plan)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"type": TEXT_TYPE, "required": True},
            "rule_set": {"type": TEXT_TYPE},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "enabled": {"type": "bool"},
            "tls_policy": {"type": "str", "choices": ["Optional", "Require"]},
            "scan_enabled": {"type": "bool"},
            "recipients": {"type": "list", "elements": "str"},
            "actions": {"type": "list", "elements": "dict", "options": ACTION_SPEC},
            "position": {"type": "str", "choices": ["first", "last"]},
            "after": {"type": TEXT_TYPE},
        },
        mutually_exclusive=[("position", "after")],
        supports_check_mode=True,
    )
    run_module(module, "rule", lambda: work(module))


if __name__ == "__main__":
    main()
