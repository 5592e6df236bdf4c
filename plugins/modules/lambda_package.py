#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_package
short_description: Make a reproducible code package for AWS Lambda
version_added: 0.1.0
description:
  - Makes a zip from source folders and from pure-Python distributions that are installed already.
  - The same files make the same bytes, whoever makes them, where and when, so that an unchanged source means an
    unchanged function. Names are sorted, times are fixed, compiled code is left out, and of the description of a
    distribution only what does not tell how it was installed is kept, with the licences.
  - A file of O(sources) that its owner may execute, such as the C(bootstrap) of a custom runtime, has mode 0755 in the
    package. Every other file has mode 0644. Nothing else of a file's mode counts.
  - Works on the host that runs the module and needs no AWS credentials and no network.
author:
  - "The account_factory.email authors (@account-factory)"
extends_documentation_fragment:
  - account_factory.email._attributes
attributes:
  action_group:
    support: none
    details:
      - This module does not call AWS and has no options for it, such as C(region), which the group sets.
    membership: []
options:
  dest:
    description:
      - Path of the zip. Its folder must exist.
      - It may lie inside one of the O(sources). The package itself, and a symbolic link to it, are never packed.
    type: path
    required: true
  sources:
    description:
      - Folders whose files go into the package.
      - The same name from two places is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The folder. Its own name is no part of the names in the package.
        type: path
        required: true
      prefix:
        description: Folder inside the package that the files go to, by default its root.
        type: str
        default: ""
      include:
        description:
          - Shell patterns of the files to take, by default all.
          - A pattern with a slash is compared with the file's path relative to O(sources[].path), one without with each
            part of that path. C(*) also stands for slashes.
          - A pattern that fits no file is an error.
        type: list
        elements: str
        default: []
      exclude:
        description: Shell patterns of the files to leave out, as in O(sources[].include).
        type: list
        elements: str
        default: []
  distributions:
    description:
      - Names of Python distributions whose files go into the root of the package, as they are installed for the Python
        that runs the module.
      - What they depend on is not added by itself. Name it too, unless the Lambda runtime has it.
      - They must be pure Python. Their files are not executable in the package, however they were installed.
    type: list
    elements: str
    default: []
  compression:
    description:
      - V(stored) does not compress, so the bytes are the same on every machine.
      - V(deflated) makes a smaller package, whose bytes also depend on the compression library that Python was built
        with, so two machines may disagree.
    type: str
    choices: [stored, deflated]
    default: stored
notes:
  - This module is not in the action group C(account_factory.email.all), because the group is there for the options of
    AWS. With C(region) or C(profile) set for the group in C(module_defaults), a task of this module would fail on an
    option that it does not have.
seealso:
  - name: Lambda quotas
    description: What AWS Lambda accepts as a package. More is refused before anything is written.
    link: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

EXAMPLES = r"""
- name: Make the package of a function that uses one library
  account_factory.email.lambda_package:
    dest: /tmp/function.zip
    sources:
      - path: "{{ playbook_dir }}/files/function"
        exclude: [tests, "*.md"]
      - path: "{{ playbook_dir }}/shared"
        prefix: company/shared
        include: ["*.py"]
    distributions: [aws-lambda-powertools, jmespath, typing-extensions]
  register: result

- name: Upload it under the name of its content
  amazon.aws.s3_object:
    bucket: example-code
    object: "function-{{ result.package.sha256 }}.zip"
    src: "{{ result.package.path }}"
    mode: put
    overwrite: never
"""

RETURN = r"""
package:
  description: The package, in check mode as it would be.
  returned: success
  type: dict
  contains:
    path:
      description: Where it lies.
      returned: success
      type: str
      sample: /tmp/function.zip
    sha256:
      description: SHA-256 of its bytes, in hexadecimal.
      returned: success
      type: str
      sample: 64f0ef26d4cd5ea4d6d3c4f3a9f8b1fbb8f9f8a4f3b0d0fd1b8c8b4bd5a2b9a7
    code_sha256:
      description: The same in base64, as AWS Lambda gives it in C(CodeSha256).
      returned: success
      type: str
      sample: ZPDvJtTNXqTW08Tzqfix+7j5+KTzsND9G4yLS9Wiuac=
    size:
      description: Bytes of the zip.
      returned: success
      type: int
      sample: 1834012
    unzipped_size:
      description: Bytes of the files in it.
      returned: success
      type: int
      sample: 1790431
    file_count:
      description: Number of files in it.
      returned: success
      type: int
      sample: 312
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._lambda_package import files, model


def make(module: AnsibleModule) -> dict[str, Any]:
    """Make the package where it differs from what is there; return the module's result."""
    params = module.params
    dest = Path(params["dest"])
    if not params["sources"] and not params["distributions"]:
        raise InputError("sources, distributions: give one at least; a package without files is no function")
    if dest.is_dir() or not dest.parent.is_dir():
        raise InputError(f"dest: {str(dest)!r} must be the path of a file in a folder that exists")
    parts = [(f"sources ({source['path']})", files.of_source(source, dest)) for source in params["sources"]]
    parts += [(f"distributions ({name})", files.of_distribution(name)) for name in params["distributions"]]
    new = model.merge(parts)
    data = model.build(new, params["compression"])
    current = dest.read_bytes() if dest.exists() else None
    old = {} if current is None else model.contents(current)
    before = None if current is None else model.describe(str(dest), current, old)
    after = model.describe(str(dest), data, new)
    if data != current and not module.check_mode:
        write(module, dest, data)
    return {
        "changed": data != current,
        "package": after.to_dict(),
        **({"diff": model.diff(before, old, after, new)} if module._diff else {}),
    }


def write(module: AnsibleModule, dest: Path, data: bytes) -> None:
    """Put the bytes in place at once: whoever reads dest meanwhile sees the old package or the new one, whole."""
    draft = Path(module.tmpdir, "package.zip")
    draft.write_bytes(data)
    # Its folder has to be named: atomic_move cannot write to a bare name where it has to copy.
    module.atomic_move(str(draft), str(dest.absolute()))


def main() -> None:
    patterns = {"type": "list", "elements": "str", "default": []}
    source = {
        "path": {"type": "path", "required": True},
        "prefix": {"type": "str", "default": ""},
        "include": patterns,
        "exclude": patterns,
    }
    module = AnsibleModule(
        argument_spec={
            "dest": {"type": "path", "required": True},
            "sources": {"type": "list", "elements": "dict", "options": source, "default": []},
            "distributions": {"type": "list", "elements": "str", "default": []},
            "compression": {"type": "str", "choices": [model.STORED, model.DEFLATED], "default": model.STORED},
        },
        supports_check_mode=True,
    )
    try:
        result = make(module)
    except InputError as error:
        return module.fail_json(msg=str(error))
    except OSError as error:
        return module.fail_json(msg=f"Failed to make the package {module.params['dest']}: {error}")
    return module.exit_json(**result)


if __name__ == "__main__":
    main()
