# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail forwarder: an AWS Lambda function that sends each mail for a vended address on to the address's owners."""
