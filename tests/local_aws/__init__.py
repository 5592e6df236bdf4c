# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Local AWS: the services that the collection uses, on loopback, without an AWS account and without Docker.

``ministack`` runs as a process of its own behind a gateway of ours that adds what it lacks: SES receiving by SMTP, an
outbox for what SES sends, SES's rules on the way out, and Organizations' asynchronous account creation.
"""

from __future__ import annotations

from tests.local_aws.local_aws import LocalAws
from tests.local_aws.outbox import Outbox, SentMail

__all__ = ["LocalAws", "Outbox", "SentMail"]
