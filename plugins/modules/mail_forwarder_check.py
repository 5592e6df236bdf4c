#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_forwarder_check
short_description: Check what a mail forwarder rests on
version_added: 0.1.0
description:
  - Looks at the AWS account, the Amazon SES identities, DNS, the receipt rules and the names that a mail forwarder
    needs, and says of each whether the forwarder can work with it, why that matters and what to do.
  - It needs no forwarder, but where O(deployed) or O(code_sha256) are given. The role C(mail_forwarder) runs it before
    it deploys anything, and looks at the code of the functions once they are deployed.
  - Changes nothing.
  - A check that could not be made, because AWS denied a call or did not answer, is skipped, with the reason. It is
    never taken for one that is well. The others are made.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - account_factory.email._attributes
  - account_factory.email._attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._sides.hosted_zone
options:
  stack_name:
    description: Name of the forwarder's stack, from which the names of its parts derive.
    type: str
    default: mail-forwarder
  domains:
    description:
      - The domains that the forwarder receives mail for.
      - With O(deployed) the default are those in which the map of the deployed forwarder vends addresses. Then
        O(concurrency) is the forwarder's as well, and so are O(from_address), O(map_table), O(kms_key) and
        O(access_log_bucket) if they are not given.
    type: list
    elements: str
  from_address:
    description:
      - The one address that the forwarder sends from.
      - The default is C(aws-accounts@) and the first of O(domains).
    type: str
  identity:
    description:
      - The SES identity that it sends as.
      - The default is the domain of O(from_address).
    type: str
  map_table:
    description:
      - Name of the table of the map.
      - The default is O(stack_name) and C(-map).
    type: str
  concurrency:
    description: How many copies of the function may send at once.
    type: int
    default: 2
  rule_position:
    description:
      - Where in the rule set the receipt rule is to be.
      - If not given, it stays where it is, and a new one goes last.
    type: str
    choices: [first, last]
  rule_after:
    description: The name of the rule that it is to be directly behind.
    type: str
  rule_enabled:
    description: Whether the receipt rule is to be enabled.
    type: bool
    default: true
  replaced_rule:
    description: The name of a receipt rule that is disabled once the forwarder's is in its place.
    type: str
  deployed:
    description:
      - Whether to look at the forwarder that is deployed, too; that its receipt rule is in the rule set that is active
        now, SES may put mail into its bucket and its topics, these hand over to its queues, its functions can run and
        are called, its configuration set sends and tells of it, its owners get their mail, its alarms tell somebody,
        its own key and its tables are protected, and whether mail waits or is held.
    type: bool
    default: false
  code_sha256:
    description:
      - The SHA-256 digest, in Base64, of the package that the functions of the deployed forwarder are to run, as
        M(account_factory.email.lambda_package) returns it.
      - With it, the check V(function_code) is among the checks, and compares what Lambda tells of each function.
    type: str
  mail_from_subdomain:
    description: The label before a domain that makes its MAIL FROM domain, where SES does not have its identity yet.
    type: str
    default: ""
  accept_foreign_mx:
    description: Whether a domain that receives its mail elsewhere is V(warn) instead of V(fail).
    type: bool
    default: false
  hosted_zone_id:
    description:
      - The hosted zone of the domains, whose name servers are compared with those that DNS has for it.
      - With O(deployed) the default is the one in another account that the forwarder has its records in, and
        O(hosted_zone_role_arn) that by which it created them, which its stack notes.
    type: str
  nameservers:
    description:
      - The name servers that DNS is asked by, as V(host) or V(host:port). The default are the system's.
      - Those of the hosted zone itself do not remember a record of before, and know no other zones.
    type: list
    elements: str
    default: []
  kms_key:
    description:
      - The ARN of the KMS key that the forwarder is to encrypt with.
      - V(create) for one that its stack creates, empty for none. Then there is nothing to look at.
    type: str
    default: ""
  access_log_bucket:
    description:
      - The bucket for the access logs of the mail bucket.
      - V(create) for one that the stack creates, empty for none.
    type: str
    default: ""
  only:
    description:
      - The checks to make, by their ids or their topics, which RV(checks) names. The default is all.
      - The topics are V(account), V(identity), V(dns), V(receiving), V(names), V(key), V(rights), V(functions),
        V(grants), V(queues), V(settings), V(owners), V(alarms) and V(data).
    type: list
    elements: str
  skip:
    description: The checks to leave out, by their ids or their topics.
    type: list
    elements: str
  fail_on:
    description:
      - When the module fails, with the same result, V(fail) where a check fails, V(warn) also where one warns, or
        V(never).
      - A check that is skipped is no reason to fail.
    type: str
    choices: [fail, warn, never]
    default: never
notes:
  - SES allows each of its operations about once a second for the whole account, and none is called more often. Most
    are called once. Of identities of the domains, and of pages of the suppression list, each takes a second, for ten
    domains and 20,000 addresses at most.
  - Needs C(ses:GetAccount), C(ses:GetEmailIdentity), C(ses:ListEmailIdentities), C(ses:DescribeActiveReceiptRuleSet),
    C(ses:DescribeReceiptRuleSet), C(cloudformation:DescribeStacks), C(dynamodb:DescribeTable), C(s3:ListBucket), and
    where that is not allowed C(s3:ListAllMyBuckets), C(iam:SimulatePrincipalPolicy), where the caller is a role
    that has a path C(iam:GetRole), for O(kms_key) C(kms:DescribeKey) and C(kms:GetKeyPolicy), and for O(code_sha256)
    C(lambda:GetFunctionConfiguration). What is missing makes the checks that rest on it skipped.
  - O(deployed) needs C(lambda:GetFunctionConfiguration), C(lambda:GetFunctionConcurrency),
    C(lambda:ListEventSourceMappings), C(ses:ListReceiptFilters), C(cloudformation:ListStackResources),
    C(cloudwatch:DescribeAlarms), C(cloudwatch:GetMetricData), C(s3:GetBucketPolicy), C(sns:GetTopicAttributes),
    C(sns:ListSubscriptionsByTopic), C(sns:GetSubscriptionAttributes), C(sqs:GetQueueAttributes),
    C(ses:GetConfigurationSet), C(ses:GetConfigurationSetEventDestinations), C(ses:ListSuppressedDestinations),
    C(dynamodb:DescribeContinuousBackups), for the domains C(dynamodb:GetItem) and for the owners C(dynamodb:Scan) on
    the map, for a key that the stack created C(kms:DescribeKey) and C(kms:GetKeyRotationStatus), and what counting with
    M(account_factory.email.held_mail_info) needs.
  - The topic V(owners) reads the whole map. What it says names owners, and is as confidential as the map.
  - DNS is asked all at once, for five seconds at most, which needs the Python package C(dnspython), 2.4 or later.
    Without it, or where no name server answers, the checks of DNS are skipped, and so they are where the endpoint of
    AWS is on this machine and no O(nameservers) are given.
  - SES tells of one identity a second, so that the DKIM and MAIL FROM records of the first ten domains are looked at,
    that have identities of their own. The other checks are of all domains.
  - O(hosted_zone_id) needs C(route53:GetHostedZone) and C(route53:ListResourceRecordSets) on it, and
    C(sts:AssumeRole) on O(hosted_zone_role_arn) if that is given.
  - What IAM's simulation says of the caller's rights knows nothing of the policies of a session and of resources, and
    not all of service control policies.
seealso:
  - module: account_factory.email.mail_forwarder_dns_info
  - module: account_factory.email.ses_receipt_rule_set_info
"""

EXAMPLES = r"""
- name: Check what the forwarder rests on
  account_factory.email.mail_forwarder_check:
    domains: [accounts.example.com]
  register: checked

- name: Show the worst of it
  ansible.builtin.debug:
    msg: "{{ checked.checks[0].what }}"

- name: Say what is wrong with the forwarder that is deployed
  account_factory.email.mail_forwarder_check:
    deployed: true
    fail_on: fail

- name: Fail in a pipeline unless SES sends and receives
  account_factory.email.mail_forwarder_check:
    domains: [accounts.example.com]
    only: [account, identity]
    fail_on: fail
"""

RETURN = r"""
checks:
  description: The checks, worst first.
  returned: success, and if O(fail_on) is why it fails
  type: list
  elements: dict
  contains:
    id:
      description: Which check this is.
      returned: always
      type: str
      sample: identity
    topic:
      description: What it is about.
      returned: always
      type: str
      sample: identity
    status:
      description:
        - V(fail) where mail cannot work or would be lost, V(warn) where something is not yet as it should be,
          V(skipped) where it could not be found out, or V(ok).
      returned: always
      type: str
      sample: fail
    what:
      description: What was seen.
      returned: always
      type: str
      sample: There is no identity accounts.example.com in SES in eu-west-1.
    why:
      description: Why it matters. Empty if the check is V(ok) or V(skipped).
      returned: always
      type: str
      sample: SES sends only as identities that it has verified, so that no mail would be forwarded.
    remedy:
      description: What to run or to change. Empty if the check is V(ok) or V(skipped).
      returned: always
      type: str
      sample: "aws sesv2 put-account-sending-attributes --sending-enabled"
    evidence:
      description: What AWS or DNS said, as values that depend on the check.
      returned: always
      type: dict
      sample: {verification_status: PENDING, error_type: HOST_NOT_FOUND}
counts:
  description: How many checks have each status.
  returned: success, and if O(fail_on) is why it fails
  type: dict
  sample: {fail: 1, warn: 0, skipped: 1, ok: 24}
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._checks import model
from ansible_collections.account_factory.email.plugins.module_utils._checks.options import (
    CHECK_SPEC,
    as_deployed,
    build_asked,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.preflight import (
    checks_of,
    choose,
    run_checks,
)
from ansible_collections.account_factory.email.plugins.module_utils._checks.reading import Readings
from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._map.api import get_domains
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import named_table
from ansible_collections.account_factory.email.plugins.module_utils._module import run_info, summary
from ansible_collections.account_factory.email.plugins.module_utils._sides import client_maker, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._stack import read_stack

ZONE_SIDE = "hosted_zone"


def options_of(module: AnsibleAWSModule) -> Mapping[str, Any]:
    """Return the options; where no domains are given, those of the forwarder that is deployed."""
    params: Mapping[str, Any] = module.params
    if params["domains"] or not params["deployed"]:
        return params
    stack = read_stack(new_client(module.client, "cloudformation"), params["stack_name"])
    return as_deployed(params, stack, get_domains(named_table(stack.map_table, module.client)))


def work(module: AnsibleAWSModule) -> dict[str, Any]:
    asked = build_asked(options_of(module), module.region)
    chosen = choose(checks_of(asked), module.params["only"], module.params["skip"])
    readings = Readings(module.client, asked, lambda role_arn: client_maker(module, ZONE_SIDE, role_arn))
    checks = run_checks(chosen, readings)
    return {"checks": [check.to_dict() for check in checks], "counts": model.count(checks)}


def failure(found: Mapping[str, Any], fail_on: str) -> str | None:
    """Return why the task is to fail, if it is."""
    failing = model.failing(fail_on)
    named = [f"{check['id']}: {check['what']}" for check in found["checks"] if check["status"] in failing]
    return summary(named, len(found["checks"]), "checks are not well") if named else None


def main() -> None:
    module = AnsibleAWSModule(argument_spec={**CHECK_SPEC, **side_spec(ZONE_SIDE)}, supports_check_mode=True)
    run_info(module, lambda: work(module), lambda found: failure(found, module.params["fail_on"]))


if __name__ == "__main__":
    main()
