# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the work takes beside a peer or a floor in the same run; nothing here passes or fails."""
