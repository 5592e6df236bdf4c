# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A domain of one's own on local AWS: a hosted zone of Route 53, and DNS that answers from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.local_aws.local_aws import LocalAws


@dataclass(frozen=True)
class HostedZone:
    """A hosted zone, by its id, and the DNS server that knows it, as host:port."""

    id: str
    nameserver: str

    def variables(self) -> dict[str, object]:
        """Return what the playbook deploy is told, for it to set the domain up."""
        return {
            "mail_forwarder_manage_identity": True,
            "mail_forwarder_hosted_zone_id": self.id,
            "mail_forwarder_nameservers": [self.nameserver],
        }


@contextmanager
def hosted_zone(aws: LocalAws, domain: str) -> Iterator[HostedZone]:
    """Have a hosted zone, with nothing in it yet, and DNS for a while."""
    zone = aws.client("route53").create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]
    with aws.name_server() as nameserver:
        yield HostedZone(zone["Id"].rpartition("/")[2], nameserver)
