# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.checks [STAGE …] [-- PYTEST OPTIONS]: run the checks, all by default, and say how each ended."""

from __future__ import annotations

import sys

from tests.checks.runner import main

sys.exit(main(sys.argv[1:]))
