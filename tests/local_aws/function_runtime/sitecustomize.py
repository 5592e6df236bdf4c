# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hides the development environment from a deployed function, which Python runs in it.

Python imports this at the start because the folder with this file, beside what Lambda's own runtime brings, is the
function's PYTHONPATH. What the code package lacks is then missing here as it would be in AWS.
"""

from __future__ import annotations

import sys

if sys.prefix != sys.base_prefix:
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(f"{sys.prefix}/")]
