# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback plugin that tells when each task of a play begins, and kills the play as one of them does.

``BOUNDARIES_FILE`` gets the play's process id, and a line with the time and the name for each task; the last of them is
the end of the play. As the task of the number ``BOUNDARIES_KILL_AT`` (from 1 on) begins, the play is dead.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_boundaries"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._write(str(os.getpid()))

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002 Ansible's signature
        self._boundary(task.get_name().strip())

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002 Ansible's signature
        self._boundary("the end")

    def _boundary(self, name: str) -> None:
        self._count += 1
        self._write(f"{time.time()} {name}")
        if self._count == int(os.environ.get("BOUNDARIES_KILL_AT", "0")):
            os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def _write(line: str) -> None:
        with open(os.environ["BOUNDARIES_FILE"], "a", encoding="utf-8") as file:
            file.write(line + "\n")
