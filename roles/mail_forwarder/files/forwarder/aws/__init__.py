# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the forwarder calls: one module for each thing in AWS that it reads, writes or sends through."""
