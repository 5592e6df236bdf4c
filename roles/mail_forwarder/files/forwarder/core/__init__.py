# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the forwarder decides and writes: pure, without a call to AWS, a clock or a setting of its own."""
