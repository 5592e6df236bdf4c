# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as nodes of an AWX workflow: what is typed into a survey is what is stored, on each ansible-core."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._map import api
from tests.integration.awx import ANSIBLE_CORES, AnsibleCore, environment_of, extra_variables, run_job
from tests.integration.maps import DOMAIN, check_map, read_items
from tests.local_aws import LocalAws

# A survey sends every question; those that nobody answers are empty.
ADDRESS_SURVEY = {
    "account_factory_account_name": "",
    "account_factory_local_part": "",
    "account_factory_request_id": "",
    "account_factory_owners": "jane@example.org\njoe@example.org\n",
    "account_factory_account_type": "yes",
    "account_factory_tags": "cost-center=0042\nteam=1.10",
    "account_factory_account_id": "",
    "account_factory_forwarding": "",
    "account_factory_on_change": "",
}
ACCOUNT_SURVEY = {
    **{name: answer for name, answer in ADDRESS_SURVEY.items() if not name.endswith(("_account_id", "_forwarding"))},
    "account_factory_accounts": "",
    "account_factory_purge_tags": "",
    "account_factory_role_name": "",
    "account_factory_wait_timeout": "60",
    "account_factory_parent": "",
    "account_factory_type_parents": "",
    "account_factory_create_parents": "",
}
CLOSE_SURVEY = {
    "account_factory_address": "",
    "account_factory_close_confirm": "",
    "account_factory_accounts": "",
    "account_factory_close_parent": "",
    "account_factory_wait_timeout": "60",
}
TAGS = {"cost-center": "0042", "team": "1.10"}


class Workflow:
    """Nodes that run one after another; each is given what the ones before it hand on."""

    def __init__(self, aws: LocalAws, table: str, directory: Path, core: AnsibleCore) -> None:
        self.table = api.Table(aws.client("dynamodb"), table)
        self.organizations = aws.client("organizations")
        self._credentials, self._directory = aws.environment, directory
        self._core, self._ansible = core, environment_of(core)
        self.prefix = f"t{uuid4().hex[:8]}"
        self.artifacts: dict[str, Any] = {}
        self._nodes = 0

    def run(
        self, playbook: str, survey: Mapping[str, str], template: Mapping[str, str] | None = None, **answers: str
    ) -> None:
        """Run a node; ``answers`` are those to its survey that are not its defaults, without account_factory_."""
        self._nodes += 1
        job = run_job(
            self._directory / f"{self._nodes}-{playbook}",
            self._ansible,
            playbook,
            credentials=self._credentials,
            template={
                "account_factory_name_prefix": self.prefix,
                "account_factory_domain": DOMAIN,
                "account_email_table": self.table.name,
                **(template or {}),
            },
            survey={**survey, **{f"account_factory_{name}": answer for name, answer in answers.items()}},
            artifacts=self.artifacts,
        )
        assert f"[core {self._core.release}]" in job.stdout
        self.artifacts.update(job.artifacts)

    def address(self, number: int) -> str:
        return f"{self.prefix}-00{number}@{DOMAIN}"

    def check_typed(self, *request_ids: str) -> dict[str, dict[str, Any]]:
        """Return the records as the table holds them, by request id; each holds what was typed and an address."""
        check_map(self.table)
        items = read_items(self.table)
        records = {item["request_id"]: item for key, item in items.items() if key.startswith("ADDRESS#")}
        assert {request_id: record["address"] for request_id, record in records.items()} == {
            request_id: self.address(number) for number, request_id in enumerate(request_ids, 1)
        }
        for record in records.values():
            typed = record["owners"], record["account_type"], record["tags"]
            assert typed == (["jane@example.org", "joe@example.org"], "yes", TAGS)
        return records

    def account(self, account_id: str) -> tuple[str, str, dict[str, str]]:
        """Return the email, the state and the tags of an account."""
        account = self.organizations.describe_account(AccountId=account_id)["Account"]
        tags = self.organizations.list_tags_for_resource(ResourceId=account_id)["Tags"]
        return account["Email"], account["State"], {tag["Key"]: tag["Value"] for tag in tags}

    def is_open(self, account_id: str) -> bool:
        return self.account(account_id)[1] == "ACTIVE"


@pytest.fixture(params=[pytest.param(core, id=core.release) for core in ANSIBLE_CORES])
def workflow(request: pytest.FixtureRequest, local_aws: LocalAws, map_table: str, tmp_path: Path) -> Workflow:
    return Workflow(local_aws, map_table, tmp_path, request.param)


def test_a_workflow(workflow: Workflow, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    _vend_two_addresses(workflow)
    # Ids are drawn, and one that YAML takes for an octal number is too rare to wait for.
    octal, decimal = f"0{uuid4().int % 8**11:011o}", f"9{uuid4().int % 10**11:011}"
    with monkeypatch.context() as patch:
        patch.setattr(local_aws.organizations, "_new_account_id", iter([octal, decimal]).__next__)
        for request_id in ("0x1F", "1e3"):
            workflow.run("create_account", ACCOUNT_SURVEY, request_id=request_id)
    records = workflow.check_typed("0017", "15", "0x1F", "1e3")
    first, second = records["0x1F"], records["1e3"]
    assert workflow.account(octal) == (first["address"], "ACTIVE", TAGS)
    assert workflow.account(decimal) == (second["address"], "ACTIVE", TAGS)
    workflow.run("close_account", CLOSE_SURVEY, address=first["address"], close_confirm=octal)
    assert [workflow.is_open(account_id) for account_id in (octal, decimal)] == [False, True]
    # What the second of the nodes that create accounts handed on.
    workflow.run("close_account", {}, {"account_factory_accounts": "{{ account_factory_created }}"})
    assert not workflow.is_open(decimal)
    assert workflow.check_typed("0017", "15", "0x1F", "1e3") == records


def _vend_two_addresses(workflow: Workflow) -> None:
    for number, request_id in enumerate(("0017", "15"), 1):
        workflow.run("vend_address", ADDRESS_SURVEY, request_id=request_id)
        vended = {
            "address": workflow.address(number),
            "account_name": f"{workflow.prefix}-00{number}",
            "request_id": request_id,
        }
        assert workflow.artifacts == {"account_factory_vended": vended}


def test_extra_variables_are_written_as_awx_does() -> None:
    """See safe_dump in awx/main/utils/safe_yaml.py."""
    given = {"domain": "{{ env }}", "tags": "a=1\nb=2", "empty": "", "handed_on": [{"id": "0042"}], "job_id": 17}
    assert extra_variables(given, {"domain": "{{ env }}", "tags": "of the template"}) == (
        "domain: '{{ env }}'\n"
        "!unsafe 'tags': !unsafe 'a=1\n\n  b=2'\n"
        "!unsafe 'empty': !unsafe ''\n"
        "!unsafe 'handed_on':\n- !unsafe 'id': !unsafe '0042'\n"
        "!unsafe 'job_id': 17\n"
    )


def test_a_release_without_a_python_is_skipped() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"ansible-core 9\.0 needs Python 3\.98 to 3\.99; none is on PATH"):
        environment_of(AnsibleCore("9.0", range(98, 100)))
