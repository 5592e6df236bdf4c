# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same template in fewer bytes: functions and text as they were."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from cfnlint.decode import decode_str

from ansible_collections.account_factory.email.plugins.filter.compact_template import compact_template
from tests.unit.roles.mail_forwarder.test_stack import parsed, rendered


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("a: 1  # why\n# more\n\nb: [x, true]", "a: 1\nb: [x,true]\n", id="comments and blanks"),
        pytest.param("a:\n  b: !Ref B\n  c:\n    - d", "a: {b: !Ref 'B',c: [d]}\n", id="flow style"),
        pytest.param("a:\n  b: !Sub ${B}-c\n  c: !GetAtt B.C", "a: {b: !Sub '${B}-c',c: !GetAtt 'B.C'}\n", id="tags"),
        pytest.param(
            "a:\n  b: !If\n    - C\n    - !Ref D\n    - !Sub [x, {y: !Ref E}]",
            "a: {b: !If [C,!Ref 'D',!Sub [x,{y: !Ref 'E'}]]}\n",
            id="nested",
        ),
        pytest.param(
            "a: |-\n  # text\n  b  c\nd: '2012-10-17'", "a: |-\n  # text\n  b  c\nd: '2012-10-17'\n", id="text"
        ),
        pytest.param(
            "Parameters:\n  A:\n    Description: x\n    Type: String\nResources: {A: {Description: y}}",
            "Parameters: {A: {Type: String}}\nResources: {A: {Description: y}}\n",
            id="descriptions of parameters",
        ),
    ],
)
def test_it_is_the_same_template(template: str, expected: str) -> None:
    assert compact_template(template) == expected


@pytest.mark.parametrize("map_goes", [False, True])
def test_cloudformation_reads_the_stack_as_it_is_written(map_goes: bool) -> None:
    compact, errors = decode_str(compact_template(rendered(map_goes)))
    expected = parsed(map_goes)
    for parameter in expected["Parameters"].values():
        del parameter["Description"]
    assert not errors
    assert compact == expected


@pytest.mark.parametrize(
    ("template", "says"), [("a: [", "is not YAML"), ("[a]", "is not a mapping"), ("", "is not a mapping")]
)
def test_what_is_no_template_is_refused(template: str, says: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"compact_template: the template {says}"):
        compact_template(template)
