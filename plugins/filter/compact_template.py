# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: compact_template
short_description: Write a CloudFormation template in as few bytes as possible
version_added: 0.1.0
description:
  - Takes a CloudFormation template in YAML and returns the same template as JSON, without comments and white space.
  - CloudFormation takes a template of 51,200 bytes at most in a call, and comments and indentation count.
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
  description: The template, in JSON.
  type: str
  sample: '{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}'
"""

import json
from collections.abc import Callable
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

# AWS CloudFormation User Guide, intrinsic function reference: these are not "Fn::" and the name.
_PLAIN = frozenset({"Ref", "Condition"})


class _Loader(yaml.SafeLoader):
    """Reads the short form of functions as the full one."""


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise yaml.YAMLError(f"!{suffix} has nothing that it can be of")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in _PLAIN else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def compact_template(template: str) -> str:
    """Return a CloudFormation template in YAML as JSON without white space."""
    try:
        # The loader is safe: it is SafeLoader, and constructs dictionaries for the tags of CloudFormation.
        read = yaml.load(str(template), Loader=_Loader)
    except yaml.YAMLError as error:
        raise AnsibleFilterError(f"compact_template: the template is not YAML: {error}") from error
    return json.dumps(read, separators=(",", ":"))


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"compact_template": compact_template}
