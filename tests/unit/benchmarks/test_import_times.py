# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What python -X importtime writes becomes modules with their importers."""

from __future__ import annotations

from tests.benchmarks.import_times import Import, read_import_times

# As Python writes it: what was imported for a module stands before it, one step further in.
WRITTEN = """\
import time: self [us] | cumulative | imported package
import time:       120 |        120 | zipimport
import time:        40 |         40 |     boto3.compat
import time:       300 |        340 |   boto3
import time:        10 |         10 |   forwarder.core.mail
import time:        50 |        400 | forwarder.handler
{"level": "INFO"}
"""


def test_each_import_knows_its_importer() -> None:
    assert read_import_times(WRITTEN) == [
        Import("forwarder.handler", None, 50e-6, 400e-6),
        Import("forwarder.core.mail", "forwarder.handler", 10e-6, 10e-6),
        Import("boto3", "forwarder.handler", 300e-6, 340e-6),
        Import("boto3.compat", "boto3", 40e-6, 40e-6),
        Import("zipimport", None, 120e-6, 120e-6),
    ]


def test_pythons_own_modules_are_one_package() -> None:
    assert [one.package for one in read_import_times(WRITTEN)] == [
        "forwarder",
        "forwarder",
        "boto3",
        "boto3",
        "Python's own",
    ]
