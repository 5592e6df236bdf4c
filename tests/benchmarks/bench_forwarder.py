# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m tests.benchmarks.bench_forwarder: what forwarding a mail costs, beside a peer and beside the floor.

Each measurement is a fresh process that has what the function has: its code package, and Lambda's libraries. S3, SES
and DynamoDB are one other process on the loopback interface: making, signing and writing requests counts, TLS does not.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.benchmarks import package, received
from tests.benchmarks.import_times import Import, package_of, read_import_times
from tests.forwarder_environment import environment
from tests.local_aws.shell import without_settings

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("forwarding.py")
KB, MB = 1024, 1024 * 1024
SMALL = received.name(received.PLAIN, 10 * KB)
SIZES = {"10 KB": 10 * KB, "1 MB": MB, "10 MB": 10 * MB, "38 MB": 38 * MB}
# What else a large mail can come to, and the outcome that shows that it did.
OTHER_FORMS = {
    "28 MB, a long line: attached": (received.LONG_LINE, 28 * MB, "sent-attached"),
    "28 MB, copy refused: attached": (received.REFUSED, 28 * MB, "sent-attached"),
    "38 MB, copy refused: a letter": (received.REFUSED, 38 * MB, "kept"),
    "39.99 MB, a letter": (received.PLAIN, 40 * MB - 1, "kept"),
}
# The most that a header can cost, each measured beside a plain mail of its size.
WORST_HEADERS = {
    "39.99 MB in one folded field": (received.ENDLESS_FIELD, 40 * MB - 1),
    "39.99 MB of fields, no blank line": (received.NO_BLANK_LINE, 40 * MB - 1),
    "100,000 fields, 4 MB": (received.MANY_FIELDS, 4 * MB),
    "62 From of 16 KB, two owners": (received.MANY_FROMS, 62 * 16 * KB + 4 * KB),
    "Message-ID of 1 MB, 8-bit": (received.MESSAGE_ID, MB + 4 * KB),
    "Subject in punycode, 900 KB": (received.PUNYCODE, 904_000),
}
# The ways of forwarding.py and how their columns are headed; the first one is the forwarder's.
WAYS = {"ours": "ours", "email_package": "email package", "bare_calls": "bare calls", "base64_only": "base64 only"}
# How many processes measure each size in each way, taken in turns, and the CPU seconds that each may take for it.
ROUNDS = 2
SECONDS = 0.4
COLD_STARTS = 5
# What forwarding.py times of its start.
START = ("python", "imports", "clients", "first mail")
SHOWN = 10
SETTINGS = {
    **environment(region=received.REGION, mail_bucket=received.BUCKET),
    "POWERTOOLS_SERVICE_NAME": "mail-forwarder",
}


@dataclass(frozen=True)
class Cost:
    """What a process said of itself (see forwarding.py); ``outcomes`` are those of the forwarder's audit lines."""

    cpu_seconds: list[float]
    start_cpu_seconds: list[float]
    start_seconds: float
    peak_octets: int
    outcomes: set[str]
    imports: list[Import]


@dataclass(frozen=True)
class Bench:
    """What the processes run in: their environment, and the folder of the code package, which is on their path."""

    environment: Mapping[str, str]
    package: Path
    seconds: float = SECONDS

    def forward(self, way: str, message_id: str | None = None, options: tuple[str, ...] = ()) -> Cost:
        """Return what it costs a new process to start with a small mail, and then to forward the one given."""
        events = [json.dumps(received.event(one)) for one in (SMALL, message_id) if one]
        command = [sys.executable, "-P", *options, str(PROGRAM), way, str(self.seconds), *events]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"bench: {way} failed with {message_id}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        *log, said = (json.loads(line) for line in done.stdout.splitlines())
        outcomes = {line["action"] for line in log if "action" in line and line["ses_message_id"] == message_id}
        return Cost(**said, outcomes=outcomes, imports=read_import_times(done.stderr))

    def forward_ours(self, message_id: str, outcome: str) -> Cost:
        """Do the same with the forwarder, and see that the mail came to what is measured."""
        cost = self.forward("ours", message_id)
        if cost.outcomes != {outcome}:
            raise SystemExit(f"bench: {message_id} came to {cost.outcomes}, not to {outcome}")
        return cost

    def forward_to_any_end(self, message_id: str) -> Cost:
        """Do the same with a mail of which only has to be known that it did not fail."""
        cost = self.forward("ours", message_id)
        if not cost.outcomes or "failed" in cost.outcomes:
            raise SystemExit(f"bench: {message_id} came to {cost.outcomes or 'nothing'}")
        return cost


@contextmanager
def bench() -> Iterator[Bench]:
    """Give the place to measure in; the process that answers for AWS ends with it."""
    answering_command = [sys.executable, "-m", "tests.benchmarks.answering"]
    with (
        tempfile.TemporaryDirectory(prefix="bench-forwarder-") as folder,
        subprocess.Popen(answering_command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as answering,
    ):
        assert answering.stdout
        code, runtime = package.unpack(Path(folder))
        environment = {
            **without_settings(os.environ),
            **SETTINGS,
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local"),
            **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), received.REGION),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{int(answering.stdout.readline())}",
            "PYTHONPATH": f"{code}{os.pathsep}{runtime}",
            # In Lambda the package's folder is read-only: what is not compiled in it is compiled in each cold start.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        yield Bench(environment, code)


def say(what: str, *cells: str) -> None:
    print(f"bench: {what:<34}" + "".join(f"{cell:>15}" for cell in cells), flush=True)


def measure_sizes(here: Bench) -> dict[str, dict[str, list[Cost]]]:
    """Print the CPU time of each size once it is measured; return what each process cost, by size and way."""
    titles = list(WAYS.values())
    say("CPU ms, user and system, the best", *titles, *(f"ours / {title.split()[0]}" for title in titles[1:]))
    costs: dict[str, dict[str, list[Cost]]] = {}
    for size, octets in SIZES.items():
        message_id = received.name(received.PLAIN, octets)
        ways = costs[size] = {way: [] for way in WAYS}
        for _unused in range(ROUNDS):
            for way, found in ways.items():
                is_ours = way == "ours"
                found.append(here.forward_ours(message_id, "sent") if is_ours else here.forward(way, message_id))
        say_cpu(size, ways)
    return costs


def say_cpu(size: str, ways: Mapping[str, list[Cost]]) -> None:
    ours, *others = (min(taken for cost in ways[way] for taken in cost.cpu_seconds) for way in WAYS)
    say(size, *(f"{seconds * 1000:.1f}" for seconds in (ours, *others)), *(f"{ours / one:.2f}" for one in others))


def say_memory(here: Bench, costs: Mapping[str, Mapping[str, list[Cost]]]) -> None:
    """Print the peaks by size and way, and those of our other forms, beside what the function is configured with."""
    defaults = yaml.safe_load((ROOT / "roles" / "mail_forwarder" / "defaults" / "main.yml").read_text())
    memory = int(defaults["mail_forwarder_memory"])

    def line(what: str, *peaks: int) -> None:
        of_others = [f"{peak / MB:.0f}" for peak in peaks[1:]] or [""] * (len(WAYS) - 1)
        ours = peaks[0] / MB
        say(what, f"{ours:.0f}", *of_others, f"{memory - ours:.0f}", f"{1 - ours / memory:.0%}")

    say("peak memory of the process, MB", *WAYS.values(), f"left of {memory}", "which is")
    line("ready, and 10 KB once", *(here.forward(way).peak_octets for way in WAYS))
    for size, ways in costs.items():
        line(size, *(max(cost.peak_octets for cost in ways[way]) for way in WAYS))
    for what, (kind, octets, outcome) in OTHER_FORMS.items():
        line(what, here.forward_ours(received.name(kind, octets), outcome).peak_octets)


def say_worst_headers(here: Bench) -> None:
    """Print what the worst headers cost, beside plain mails of the same size, and what becomes of them."""
    say(
        "worst headers: CPU ms, peak MB", "CPU", "plain mail", "CPU / plain", "peak", "plain mail", "peak / plain", "to"
    )
    for what, (kind, octets) in WORST_HEADERS.items():
        ours, plain = (here.forward_to_any_end(received.name(one, octets)) for one in (kind, received.PLAIN))
        cpu, plain_cpu = (min(cost.cpu_seconds) * 1000 for cost in (ours, plain))
        peak, plain_peak = (cost.peak_octets / MB for cost in (ours, plain))
        of_cpu = (f"{cpu:.1f}", f"{plain_cpu:.1f}", f"{cpu / plain_cpu:.2f}")
        of_memory = (f"{peak:.0f}", f"{plain_peak:.0f}", f"{peak / plain_peak:.2f}")
        say(what, *of_cpu, *of_memory, ", ".join(sorted(ours.outcomes)))


def say_cold_start(here: Bench) -> None:
    """Print what a new process takes up to the end of its first mail, and what its imports take of that."""
    imports = here.forward("ours", options=("-X", "importtime")).imports
    say("cold start, CPU ms, the best", *START, "together", "wall ms")
    say_best_start(here, "the package as it is")
    compileall.compile_dir(here.package, quiet=1)
    say_best_start(here, "the same, were it compiled")
    say_imports(imports)


def say_best_start(here: Bench, what: str) -> None:
    starts = [here.forward("ours") for _unused in range(COLD_STARTS)]
    best = min((start.start_cpu_seconds for start in starts), key=sum)
    wall = min(start.start_seconds for start in starts)
    say(what, *(f"{seconds * 1000:.0f}" for seconds in (*best, sum(best), wall)))


def say_imports(imports: list[Import]) -> None:
    """Print what imports take: by package, and by what the forwarder's own modules ask for."""
    say("imports by package, wall ms", "modules", "their own")
    packages: dict[str, list[float]] = {}
    for each in imports:
        packages.setdefault(each.package, []).append(each.own_seconds)
    for name, own in sorted(packages.items(), key=lambda item: -sum(item[1]))[:SHOWN]:
        say(name, str(len(own)), f"{sum(own) * 1000:.1f}")
    say("the forwarder's imports, wall ms", "and all theirs", "first in")
    asked = [one for one in imports if one.importer and package_of(one.importer) == "forwarder" != one.package]
    for each in sorted(asked, key=lambda one: -one.seconds)[:SHOWN]:
        name = each.name if len(each.name) < 34 else f"…{each.name[-32:]}"
        say(name, f"{each.seconds * 1000:.1f}", str(each.importer).partition(".")[2])


def main() -> None:
    print(
        "bench: forwarding one mail: ours; the email package's rewrite; bare S3 and SES calls; only read, base64, write"
    )
    with bench() as here:
        costs = measure_sizes(here)
        say_memory(here, costs)
        say_worst_headers(here)
        say_cold_start(here)


if __name__ == "__main__":
    main()
