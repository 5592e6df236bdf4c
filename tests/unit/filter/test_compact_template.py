# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same template in fewer bytes: functions in the full form, text as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.account_factory.email.plugins.filter.compact_template import compact_template
from tests.unit.roles.mail_forwarder.test_stack import parsed, rendered


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("a: 1  # why\n# more\n\nb: [x, true]", {"a": 1, "b": ["x", True]}, id="comments and blanks"),
        pytest.param("a: !Ref B", {"a": {"Ref": "B"}}, id="Ref"),
        pytest.param("a: !Condition B", {"a": {"Condition": "B"}}, id="Condition"),
        pytest.param("a: !Sub ${B}-c", {"a": {"Fn::Sub": "${B}-c"}}, id="Sub"),
        pytest.param("a: !GetAtt B.C.D", {"a": {"Fn::GetAtt": ["B", "C.D"]}}, id="GetAtt"),
        pytest.param("a: !GetAtt [B, C]", {"a": {"Fn::GetAtt": ["B", "C"]}}, id="GetAtt of a list"),
        pytest.param(
            "a: !If [C, !Ref D, !Sub [x, {y: !Ref E}]]",
            {"a": {"Fn::If": ["C", {"Ref": "D"}, {"Fn::Sub": ["x", {"y": {"Ref": "E"}}]}]}},
            id="nested",
        ),
        pytest.param("a: |-\n  # text\n  b  c\nd: '2012-10-17'", {"a": "# text\nb  c", "d": "2012-10-17"}, id="text"),
    ],
)
def test_it_is_the_same_template(template: str, expected: dict[str, Any]) -> None:
    assert compact_template(template) == json.dumps(expected, separators=(",", ":"))


@pytest.mark.parametrize("map_goes", [False, True])
def test_cloudformation_reads_the_stack_as_it_is_written(map_goes: bool) -> None:
    assert json.loads(compact_template(rendered(map_goes))) == parsed(map_goes)


@pytest.mark.parametrize("template", ["a: [", "a: !!python/object/apply:os.getcwd []"])
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(AnsibleFilterError, match="compact_template: the template is not YAML"):
        compact_template(template)
