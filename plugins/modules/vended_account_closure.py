#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vended_account_closure
short_description: Close AWS accounts that have vended addresses, and retire the addresses of those that are gone
version_added: 0.1.0
description:
  - Closes accounts of the organization that have vended addresses. An address stays as it is for as long as the
    organization lists its account, because AWS writes to a closed account for 90 days and more.
  - An address whose account is gone from the organization is retired. Run the same task again when AWS lists the
    account no longer, 90 days after it was closed.
  - What is closed has to be known twice, by its address and by its id, and the map and AWS have to agree. All entries
    are checked before anything is closed; where one is not sure, nothing is done.
  - An account that cannot be closed then is reported in RV(failures) and keeps no other from being closed.
options:
  accounts:
    description: The accounts, as other modules of this collection return them in C(accounts).
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The vended address that is the email of the account's root user.
        type: str
        required: true
      account_id:
        description: The id of the account, 12 digits in quotes.
        type: str
        required: true
      account_name:
        description: Not used. Accepted because lists of accounts have it.
        type: str
      request_id:
        description: Not used. Accepted because lists of accounts have it.
        type: str
  option_names:
    description:
      - What errors call the address and the id of an account, for a playbook that takes them from variables.
      - By default they are called by their place in O(accounts).
    type: dict
    default: {}
    suboptions:
      address:
        description: The name of the variable that has the address.
        type: str
      account_id:
        description: The name of the variable that has the id.
        type: str
  close_parent:
    description:
      - The root or organizational unit (OU) to move each account to before it is closed, by id (V(r-...) or V(ou-...))
        or by path, as V(Closed); V(/) is the root. A closed account cannot be moved.
      - If not given, an account is closed where it is.
    type: str
  wait_timeout:
    description:
      - How many seconds to wait at most for each closure.
      - If it takes longer, that entry fails. AWS goes on with the closure, and running the task again waits on.
    type: int
    default: 900
attributes:
  idempotent:
    support: full
notes:
  - A closed account is V(SUSPENDED) for 90 days, in which AWS Support can reopen it, and then gone. Its email address
    can never be used for another account.
  - An account that left the organization without being closed looks like one that is gone. Do not name one here.
  - AWS closes three accounts of an organization at a time. The module waits for its turn for some minutes.
  - Needs on the table C(dynamodb:BatchGetItem), and to retire an address C(dynamodb:PutItem).
  - Needs C(organizations:ListAccounts), C(organizations:DescribeAccount) and C(organizations:CloseAccount), and with
    O(close_parent) C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent),
    C(organizations:ListParents), C(organizations:DescribeOrganizationalUnit) and C(organizations:MoveAccount).
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - account_factory.email._attributes
  - account_factory.email._map
  - account_factory.email._sides.forwarder
  - account_factory.email._sides.organization
  - account_factory.email._vended_account.progress
seealso:
  - module: account_factory.email.organizations_account
  - module: account_factory.email.vended_address
author:
  - The account_factory.email authors (@account-factory)
"""

EXAMPLES = r"""
- name: Close an account, or retire its address once it is gone
  account_factory.email.vended_account_closure:
    table: mail-forwarder-map
    accounts:
      - address: analytics-001@accounts.example.com
        account_id: "123456789012"

- name: Move two accounts to an OU for closed ones and close them there
  account_factory.email.vended_account_closure:
    table: mail-forwarder-map
    close_parent: Closed
    accounts:
      - {address: analytics-002@accounts.example.com, account_id: "210987654321"}
      - {address: analytics-003@accounts.example.com, account_id: "321098765432"}
"""

RETURN = r"""
vended_account_closure:
  description:
    - What became of each entry, or in check mode would, in the order of O(accounts), as
      M(account_factory.email.vended_address) returns it, and with it the C(account) in AWS, V(null) where the
      organization has it no more. An empty dictionary for an entry that failed.
  returned: when the entries were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_id: "123456789012"
      account_name: analytics-001
      status: active
      account:
        id: "123456789012"
        email: analytics-001@accounts.example.com
        state: SUSPENDED
accounts:
  description: The address, the id, the name and the request of every account in RV(vended_account_closure).
  returned: when the entries were tried
  type: list
  elements: dict
  sample:
    - address: analytics-001@accounts.example.com
      account_id: "123456789012"
      account_name: analytics-001
      request_id: TICKET-4711
closed:
  description: The addresses of the accounts that were closed.
  returned: when the entries were tried
  type: list
  elements: str
  sample: [analytics-001@accounts.example.com]
retired:
  description: The addresses that were retired.
  returned: when the entries were tried
  type: list
  elements: str
  sample: []
failures:
  description: The entries that could not be done, and why. The task fails where there is one.
  returned: when the entries were tried
  type: list
  elements: dict
  contains:
    index:
      description: The entry's place in O(accounts), from 0 on.
      returned: always
      type: int
      sample: 3
    label:
      description: What to call the entry - its account and its address.
      returned: always
      type: str
      sample: 123456789012 (analytics-001@accounts.example.com)
    address:
      description: The address that the entry names.
      returned: always
      type: str
      sample: analytics-001@accounts.example.com
    account_id:
      description: The account that the entry names.
      returned: always
      type: str
      sample: "123456789012"
    msg:
      description: Why it could not be done, and what to do about it.
      returned: always
      type: str
      sample: "Failed to close account 123456789012: An error occurred (CLOSE_ACCOUNT_QUOTA_EXCEEDED)"
"""

from collections.abc import Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._map.finding import accounts_of
from ansible_collections.account_factory.email.plugins.module_utils._map.tables import (
    TABLE_SPEC,
    make_stamp,
    module_table,
)
from ansible_collections.account_factory.email.plugins.module_utils._module import Outcome, failure, run_module, summary
from ansible_collections.account_factory.email.plugins.module_utils._organizations.options import connected
from ansible_collections.account_factory.email.plugins.module_utils._organizations.paths import wanted_parent
from ansible_collections.account_factory.email.plugins.module_utils._sides import ORGANIZATION, side_spec
from ansible_collections.account_factory.email.plugins.module_utils._text import ACCOUNT_ID_TYPE, TEXT_TYPE
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.closing import (
    Done,
    How,
    ensure_closed,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.closures import (
    Closure,
    read_closures,
)
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.jobs import BothSides
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.options import WAIT_TIMEOUT
from ansible_collections.account_factory.email.plugins.module_utils._vended_account.progress import Progress


def work(module: AnsibleAWSModule) -> Outcome:
    params = module.params
    if params["wait_timeout"] < 1:
        raise InputError("wait_timeout: must be at least 1 second")
    closures = read_closures(params["accounts"], params["option_names"])
    parent = None if params["close_parent"] is None else wanted_parent(params["close_parent"], "close_parent")
    table = module_table(module)
    how = How(parent, params["wait_timeout"], module.check_mode)
    progress = Progress(params["progress_file"], len({closure.address for closure in closures}))
    with connected(module) as connection:
        sides = BothSides(table, lambda: make_stamp(module), connection)
        return outcome(closures, ensure_closed(sides, closures, how, progress))


def outcome(closures: Sequence[Closure], done: Done) -> Outcome:
    """Return what became of the entries: before and after by address, only of those that changed."""
    changed = {address: came for address, came in done.outcomes.items() if came.changed}
    failures = [
        _failure(index, closure, done.failures[closure.address])
        for index, closure in enumerate(closures)
        if closure.address in done.failures
    ]
    named = [f"accounts[{each['index']}]: {each['msg']}" for each in failures]
    came = [done.outcomes.get(closure.address) for closure in closures]
    return Outcome(
        before={address: each.before for address, each in changed.items()},
        after={address: each.after for address, each in changed.items()},
        extra={
            "vended_account_closure": [each.after if each else {} for each in came],
            "accounts": accounts_of(each.after for each in came if each),
            "closed": [address for address, each in changed.items() if not each.is_gone],
            "retired": [address for address, each in changed.items() if each.is_gone],
            "failures": failures,
        },
        failure=summary(named, len(closures), "entries could not be done") if failures else None,
    )


def _failure(index: int, closure: Closure, error: Exception) -> dict[str, Any]:
    return {
        "index": index,
        "label": f"{closure.account_id} ({closure.address})",
        "address": closure.address,
        "account_id": closure.account_id,
        "msg": failure(error)["msg"],
    }


def main() -> None:
    entry = {
        "address": {"type": "str", "required": True},
        "account_id": {"type": ACCOUNT_ID_TYPE, "required": True},
        "account_name": {"type": "str"},
        "request_id": {"type": "str"},
    }
    names = {"address": {"type": "str"}, "account_id": {"type": "str"}}
    module = AnsibleAWSModule(
        argument_spec={
            **TABLE_SPEC,
            **side_spec(ORGANIZATION),
            "accounts": {"type": "list", "elements": "dict", "required": True, "options": entry},
            "option_names": {"type": "dict", "default": {}, "options": names},
            "close_parent": {"type": TEXT_TYPE},
            "wait_timeout": {"type": "int", "default": WAIT_TIMEOUT},
            "progress_file": {"type": "path"},
        },
        supports_check_mode=True,
    )
    run_module(module, "vended_account_closure", lambda: work(module))


if __name__ == "__main__":
    main()
