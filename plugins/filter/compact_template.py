# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: compact_template
short_description: Write a CloudFormation template in as few bytes as possible
version_added: 0.1.0
description:
  - Takes a CloudFormation template in YAML and returns the same template as YAML in flow style, without comments,
    indentation and the descriptions of its parameters.
  - CloudFormation takes a template of 51,200 bytes at most in a call, and all of these count.
author:
  - The account_factory.email authors (@account-factory)
options:
  _input:
    description: The template, in YAML, with functions in the short form (C(!Ref)) or the full one.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Deploy a stack
  amazon.aws.cloudformation:
    stack_name: example
    template_body: "{{ lookup('ansible.builtin.template', 'stack.yml.j2') | account_factory.email.compact_template }}"
"""

RETURN = r"""
_value:
  description: The template, a line for each of its sections.
  type: str
  sample: "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}"
"""

from collections.abc import Callable, Iterator
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError


class _Dumper(yaml.SafeDumper):
    """Writes flow collections without the space after a comma, which no reader of YAML needs there."""

    def write_indicator(self, indicator: str, *args: Any, **options: Any) -> None:
        super().write_indicator(indicator, *args, **options)
        self.whitespace = self.whitespace or indicator == ","


def compact_template(template: str) -> str:
    """Return a CloudFormation template in YAML as YAML that takes fewer bytes."""
    try:
        # Composed only: nothing is made of it, and CloudFormation's tags (!Ref) stay as they are.
        root = yaml.compose(str(template), Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise AnsibleFilterError(f"compact_template: the template is not YAML: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise AnsibleFilterError("compact_template: the template is not a mapping")
    for name, section in root.value:
        if name.value == "Parameters":
            _drop_descriptions(section)
        for node in _within(section):
            node.flow_style = True
    # The sections stay lines: Ansible takes a text that begins with a brace for a dictionary.
    root.flow_style = False
    return str(yaml.serialize(root, Dumper=_Dumper, width=float("inf"), allow_unicode=True))


def _drop_descriptions(parameters: yaml.MappingNode) -> None:
    for _name, parameter in parameters.value:
        parameter.value = [member for member in parameter.value if member[0].value != "Description"]


def _within(node: yaml.Node) -> Iterator[yaml.CollectionNode]:
    """Yield the mappings and sequences of a node, itself first."""
    if not isinstance(node, yaml.CollectionNode):
        return
    yield node
    for child in node.value:
        for one in child if isinstance(child, tuple) else (child,):
            yield from _within(one)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"compact_template": compact_template}
