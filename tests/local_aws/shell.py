# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a developer's shell or home sets for AWS or Ansible reaches local AWS or what runs on it."""

from __future__ import annotations

import os
from collections.abc import Mapping

_PREFIXES = ("AWS_", "ANSIBLE_", "ACCOUNT_EMAIL_")
_NO_FILES = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without settings of AWS, Ansible and this collection, and with no AWS files to read."""
    return {**{name: value for name, value in environment.items() if not name.startswith(_PREFIXES)}, **_NO_FILES}


def forget_settings() -> None:
    """Take the settings out of this process's own environment."""
    kept = without_settings(os.environ)
    os.environ.clear()
    os.environ.update(kept)
