#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_forwarder_probe
short_description: Send a mail the whole way through a mail forwarder, and time each hop
version_added: 0.1.0
description:
  - Sends a mail from C(doctor@) the first domain of a deployed forwarder to an address of its own there, and follows
    it. SES takes it, stores it in the bucket and tells the queue; the function takes it and sends it on; SES tells that
    it arrived.
  - Says when it passed each hop, what SES found of its sender, which is the domain of the forwarder, and where it was
    lost, why that may be and what to do.
  - It reaches no person. The address is C(forwarder-probe@) the domain, its only owner is a mailbox of SES's mailbox
    simulator, and the forwarder sends what comes for it to nobody else, whatever becomes of it. The address is vended
    the first time, under a request of its own, and then used again.
  - SES sends to the simulator in the sandbox, too. A mail there counts neither for the daily quota nor for the bounce
    rate, and costs what a mail costs.
author:
  - The account_factory.email authors (@account-factory)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._progress
  - account_factory.email._sides.forwarder
attributes:
  check_mode:
    details:
      - Sends no mail, and says whether it would vend the address.
  idempotent:
    support: partial
    details:
      - Each run sends a mail. RV(ignore:changed) says whether the address was vended, which happens once.
options:
  stack_name:
    description: Name of the forwarder's stack.
    type: str
    default: mail-forwarder
  wait_timeout:
    description:
      - How many seconds the mail may take for the whole way. Most take a few.
      - Where it takes longer than that, it is taken for lost at the hop that it has not passed.
    type: int
    default: 120
  send:
    description:
      - Whether a mail is sent. With V(false) the address is vended, and that is all.
    type: bool
    default: true
  must_arrive:
    description:
      - Whether the task fails where the mail does not arrive.
      - With V(false) it does not, nor where no mail can be sent, as because AWS denies it. RV(check) says so either
        way.
    type: bool
    default: true
notes:
  - The first domain is the one of the address that the forwarder sends from, or if that is none of its domains, the
    first in the order of the alphabet. It may have 48 characters at most, since an address of an account has 64.
  - Needs C(cloudformation:DescribeStacks) on the stack, C(dynamodb:GetItem) on the table of the map, C(dynamodb:Query)
    on the indexes of the table of deliveries and C(dynamodb:BatchGetItem) on it, and C(ses:SendEmail) and
    C(ses:SendRawEmail) on the identity of the domain. The first run needs what vending needs on the table of the map.
  - Where the mail does not arrive, C(s3:ListBucket) on the bucket and C(sqs:GetQueueAttributes) on the queue of notices
    tell where it was lost. No mail is opened.
  - Not verified on AWS is how long SES takes between hops, and that it mails what bounces to the address that is given
    for it where the mail is raw.
seealso:
  - module: account_factory.email.mail_forwarder_check
  - module: account_factory.email.deliveries_info
"""

EXAMPLES = r"""
- name: See whether mail to root users gets through
  account_factory.email.mail_forwarder_probe:
  register: probe

- name: Show how long it took
  ansible.builtin.debug:
    msg: "{{ probe.hops | items2dict(key_name='name', value_name='seconds') }}"

- name: See how far it gets, and fail nothing
  account_factory.email.mail_forwarder_probe:
    stack_name: accounts-forwarder
    wait_timeout: 30
    must_arrive: false
"""

RETURN = r"""
vended_address:
  description:
    - The record of the probe's address, as M(account_factory.email.vended_address) returns one.
    - Empty where no mail could be sent.
  returned: always
  type: dict
  sample:
    address: forwarder-probe@accounts.example.com
    owners: [success+mail-forwarder@simulator.amazonses.com]
hops:
  description:
    - The hops that the mail has passed, in order. Empty in check mode.
    - Those of the function are known in whole seconds.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: >-
        V(sent), SES took it; V(stored), in the bucket; V(notified), a notice of it came into the queue; V(taken) by the
        function; V(forwarded), SES took the copy for the simulator; V(delivered), SES told that this arrived.
      returned: always
      type: str
      sample: stored
    at:
      description: When it passed the hop, in UTC.
      returned: always
      type: str
      sample: "2026-11-21T09:30:01.123Z"
    seconds:
      description: Seconds since the hop before.
      returned: always
      type: float
      sample: 1.1
reached:
  description: The last hop that the mail has passed, or V(null) if there is none.
  returned: always
  type: str
  sample: delivered
failed_at:
  description: The first hop that it has not passed in O(wait_timeout) seconds, or V(null) if there is none.
  returned: always
  type: str
  sample: taken
verdicts:
  description:
    - What SES found of the mail when it came in, each in SES's words, as V(PASS), V(FAIL) or V(GRAY).
    - V(null) where SES said nothing, or the forwarder has not taken the mail.
  returned: always
  type: dict
  contains:
    spf:
      description: Whether the server that sent it may send for its envelope sender's domain.
      returned: always
      type: str
      sample: PASS
    dkim:
      description: Whether its signature is good.
      returned: always
      type: str
      sample: PASS
    dmarc:
      description: Whether one of the two is that of the domain in its From.
      returned: always
      type: str
      sample: PASS
check:
  description:
    - What that comes to, as a check in the form of RV(account_factory.email.mail_forwarder_check#module:checks[]).
    - Its C(status) is V(fail) where the mail did not arrive, V(warn) where SES found something of its sender,
      V(skipped) where no mail was sent.
  returned: always
  type: dict
  sample:
    id: probe
    topic: mail
    status: ok
    what: A mail to forwarder-probe@accounts.example.com went the whole way in 4.2 s.
    why: ""
    remedy: ""
    evidence: {failed_at: null}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._clients import new_client
from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.api import get_domains
from ansible_collections.account_factory.email.plugins.module_utils._map.engine import Work
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import make_stamp, named_table
from ansible_collections.account_factory.email.plugins.module_utils._module import (
    FAILURES,
    Outcome,
    ProgressFile,
    run_module,
)
from ansible_collections.account_factory.email.plugins.module_utils._probe.following import Follower
from ansible_collections.account_factory.email.plugins.module_utils._probe.judging import check_of, judge, not_sent
from ansible_collections.account_factory.email.plugins.module_utils._probe.model import WAIT_TIMEOUT, Traces, probe_of
from ansible_collections.account_factory.email.plugins.module_utils._probe.vending import ensure_vended
from ansible_collections.account_factory.email.plugins.module_utils._sides import FORWARDER, client_maker, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._stack import STACK_SPEC, read_stack


def work(module: AnsibleAWSModule) -> Outcome:
    if module.params["wait_timeout"] < 1:
        raise InputError("wait_timeout: must be at least 1 second")
    try:
        return probe(module)
    except FAILURES as error:
        if module.params["must_arrive"]:
            raise
        return Outcome(None, None, result(Traces(), check_of(not_sent(str(error))), is_sent=False))


def probe(module: AnsibleAWSModule) -> Outcome:
    """Vend the address if need be, send a mail there, and follow it."""
    make, timeout = client_maker(module, FORWARDER), module.params["wait_timeout"]
    stack = read_stack(new_client(make, "cloudformation"), module.params["stack_name"])
    table = named_table(stack.map_table, make)
    mail = probe_of(stack, get_domains(table))
    before, after = ensure_vended(table, mail, Work(lambda: make_stamp(module), module.check_mode))
    vended = before.to_dict() if before else None, after.to_dict()
    if module.check_mode or not module.params["send"]:
        said = not_sent(f"{'In check mode n' if module.check_mode else 'N'}o mail is sent to {mail.address}.")
        return Outcome(*vended, result(Traces(), check_of(said), is_sent=False))
    traces = Follower(make, stack, mail, ProgressFile(module.params["progress_file"])).run(timeout)
    check = check_of(judge(mail, traces, timeout))
    has_to = traces.failed_at is not None and module.params["must_arrive"]
    failure = " ".join((check["what"], check["why"], check["remedy"])) if has_to else None
    return Outcome(*vended, result(traces, check), failure)


def result(traces: Traces, check: dict[str, Any], *, is_sent: bool = True) -> dict[str, Any]:
    hops = [hop.to_dict() for hop in traces.hops]
    return {
        "hops": hops,
        "reached": hops[-1]["name"] if hops else None,
        "failed_at": traces.failed_at if is_sent else None,
        "verdicts": traces.verdicts,
        "check": check,
    }


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            **STACK_SPEC,
            **side_spec(FORWARDER),
            "wait_timeout": {"type": "int", "default": WAIT_TIMEOUT},
            "send": {"type": "bool", "default": True},
            "must_arrive": {"type": "bool", "default": True},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_address", lambda: work(module))


if __name__ == "__main__":
    main()
