# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_adoption: account_primary_email beside a bucket that is full of mail.

With the forwarder's table of deliveries a verification email is looked up, without it the bucket is listed. The
forwarder is deployed on local AWS. S3 takes longer for a list of a thousand objects, of which 100,000 need a hundred.
"""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.benchmarks.bare import DOMAIN
from tests.benchmarks.bench_map import OWNERS, Bench
from tests.local_aws import LocalAws
from tests.local_aws.playbook import run_playbook
from tests.local_aws.shell import without_settings
from tests.local_aws.wire import Request, Response

SIZES = (0, 100_000)
ROUNDS = 3
BUCKET = "mail-forwarder-mail-111122223333-eu-west-1"
DEPLOYED = {"mail_forwarder_domain": DOMAIN, "mail_forwarder_admin_address": "cloud-team@example.com"}


class Lists:
    """Counts the requests that list a bucket."""

    def __init__(self, aws: LocalAws) -> None:
        self.count = 0
        gateway: Any = aws._gateway
        gateway.services["s3"] = self._count

    def _count(self, request: Request) -> Response | None:
        self.count += "list-type=2" in request.query
        return None


def fill(aws: LocalAws, size: int) -> None:
    s3 = aws.client("s3")

    def put(_number: int) -> None:
        s3.put_object(Bucket=BUCKET, Key=f"mail/{uuid4().hex}", Body=b"From: a@example.net\r\n\r\n")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(size)))


def adopt(aws: LocalAws, bench: Bench, **options: Any) -> float:
    """Give a new account a vended address; return the seconds of the task."""
    organizations = aws.client("organizations")
    asked = organizations.create_account(Email=f"{uuid4().hex[:8]}@old.example.com", AccountName="legacy")
    request = asked["CreateAccountStatus"]["Id"]
    account = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
    name = f"a{uuid4().hex[:8]}"
    bench.module("vended_address", table="mail-forwarder-map", account_name=name, domain=DOMAIN, owners=OWNERS)
    email = f"{name}@{DOMAIN}"
    return bench.module(
        "account_primary_email", account_id=account["AccountId"], email=email, mail_bucket=BUCKET, **options
    )


def measure(aws: LocalAws, bench: Bench, lists: Lists, **options: Any) -> tuple[float, float]:
    """Return the seconds of an adoption, and the requests with which it lists the bucket: the least of the rounds."""
    seconds, requests = [], []
    for _round in range(ROUNDS):
        before = lists.count
        seconds.append(adopt(aws, bench, **options))
        requests.append(lists.count - before)
    return min(seconds), min(requests)


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-adoption-") as folder,
        LocalAws(Path(folder, "aws"), account_creation_seconds=0) as aws,
    ):
        aws.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        run_playbook("deploy", DEPLOYED, aws.environment, Path(folder, "deploy.log"))
        bench = Bench({**without_settings(os.environ), **aws.environment}, Path(folder))
        lists = Lists(aws)
        print(f"bench: whole processes on local AWS, the least of {ROUNDS}", flush=True)
        for size in SIZES:
            fill(aws, size)
            ours, ours_lists = measure(aws, bench, lists, delivery_table="mail-forwarder-deliveries")
            other, other_lists = measure(aws, bench, lists)
            print(
                f"bench: adopt beside {size:>7,} messages {ours:8.2f} s {ours_lists:5.0f} lists"
                f"   without the table {other:8.2f} s {other_lists:5.0f} lists   ratio {ours / other:6.3g}",
                flush=True,
            )


if __name__ == "__main__":
    main()
