# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the modules' tests quick: botocore reads each of its data files once, not once a client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader


@pytest.fixture(scope="session", autouse=True)
def _botocore_data_is_read_once() -> Iterator[None]:
    """Share what was read: each run of a module makes a session of its own, and botocore remembers within one only.

    The clients of a session share it as well, so what botocore fills in there it may fill in again.
    """
    read: dict[str, Any] = {}
    original = Loader.load_data_with_path

    def load_data_with_path(self: Loader, name: str) -> Any:
        if name not in read:
            read[name] = original(self, name)
        return read[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loader, "load_data_with_path", load_data_with_path)
        yield
