# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of a package, and what may go into one."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._errors import InputError
from ansible_collections.account_factory.email.plugins.module_utils._lambda_package import model

FILES = {"b.py": model.File(b"b = 2\n"), "a/c.txt": model.File(b"c" * 500), "a/b.py": model.File(b"")}
BOOTSTRAP = {"bootstrap": model.File(b"#!/bin/sh\n", executable=True)}


@pytest.mark.parametrize("compression", [model.STORED, model.DEFLATED])
def test_bytes_depend_on_names_contents_and_executability_only(compression: str) -> None:
    data = model.build(FILES, compression)
    assert data == model.build(dict(reversed(FILES.items())), compression)
    assert data != model.build({**FILES, "a/b.py": model.File(b" ")}, compression)
    assert data != model.build({**FILES, "d.py": model.File(b"")}, compression)
    assert data != model.build({**FILES, "a/b.py": model.File(b"", executable=True)}, compression)
    assert model.contents(data) == FILES
    assert model.contents(model.build({**FILES, **BOOTSTRAP}, compression)) == {**FILES, **BOOTSTRAP}


def test_stored_package_is_these_very_bytes() -> None:
    """So that a change of Python's zip writer, which would update every function, does not go unseen."""
    digest = hashlib.sha256(model.build(FILES, model.STORED)).hexdigest()
    assert digest == "2dd964938f0d6676ab434c6d54f6f5c90c28d98f03737b8946a1a1ac85059f07"


def test_entries_are_sorted_dated_and_readable() -> None:
    with zipfile.ZipFile(io.BytesIO(model.build({**FILES, **BOOTSTRAP}, model.DEFLATED))) as archive:
        entries = archive.infolist()
    modes = {entry.filename: entry.external_attr >> 16 for entry in entries}
    assert list(modes.items()) == [
        ("a/b.py", 0o100644),
        ("a/c.txt", 0o100644),
        ("b.py", 0o100644),
        ("bootstrap", 0o100755),
    ]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}


def test_description_gives_both_forms_of_the_digest() -> None:
    package = model.describe("/x.zip", b"bytes", {"a": model.File(b"12"), "b": model.File(b"3")})
    digest = hashlib.sha256(b"bytes").digest()
    assert bytes.fromhex(package.sha256) == digest == base64.b64decode(package.code_sha256)
    assert (package.size, package.unzipped_size, package.file_count) == (5, 3, 2)


@pytest.mark.parametrize(
    ("limit", "compression", "says"),
    [
        ("UNZIPPED_MAX", model.DEFLATED, "the files have 506 bytes together; AWS Lambda takes 505 at most"),
        ("ZIPPED_MAX", model.STORED, "takes 505 at most (50 MB); leave some files out; compression=deflated"),
        ("ZIPPED_MAX", model.DEFLATED, None),
    ],
    ids=["unzipped", "zipped", "deflated-fits"],
)
def test_limits_of_lambda(monkeypatch: pytest.MonkeyPatch, limit: str, compression: str, says: str | None) -> None:
    monkeypatch.setattr(model, limit, 505)
    if says is None:
        assert len(model.build(FILES, compression)) <= 505
        return
    with pytest.raises(InputError) as refused:
        model.build(FILES, compression)
    assert says in str(refused.value)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 cut off", model.build(FILES, "deflated")[:-30]])
def test_what_is_no_zip_has_no_files(data: bytes) -> None:
    assert model.contents(data) == {}


def test_a_damaged_member_is_no_zip() -> None:
    data = bytearray(model.build({"a": model.File(b"x" * 1000)}, model.STORED))
    data[200] ^= 1
    assert model.contents(bytes(data)) == {}


def test_same_name_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"^two: 'a' comes from one already; exclude it from one of them$"):
        model.merge([("one", {"a": model.File(b"1")}), ("two", {"b": model.File(b""), "a": model.File(b"1")})])


@pytest.mark.parametrize(
    ("prefix", "folder"), [("", ""), (".", ""), ("a/b", "a/b"), ("a/b/", "a/b"), ("./a", "a")], ids=repr
)
def test_prefix(prefix: str, folder: str) -> None:
    assert model.check_prefix(prefix) == folder


@pytest.mark.parametrize("prefix", ["/a", "..", "a/../../b", "a\\b"])
def test_prefix_outside_the_package_is_refused(prefix: str) -> None:
    with pytest.raises(InputError, match="leaves the package"):
        model.check_prefix(prefix)


@pytest.mark.parametrize(
    ("include", "exclude", "chosen"),
    [
        ([], [], ["a/b.md", "a/b.py", "tests/c.py"]),
        (["*.py"], [], ["a/b.py", "tests/c.py"]),
        (["*.py"], ["tests"], ["a/b.py"]),
        ([], ["a/*"], ["tests/c.py"]),
        (["a/*.py"], [], ["a/b.py"]),
        ([], ["*"], []),
    ],
    ids=str,
)
def test_select(include: list[str], exclude: list[str], chosen: list[str]) -> None:
    assert model.select(["tests/c.py", "a/b.py", "a/b.md"], include, exclude) == chosen


def test_include_that_fits_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"the include pattern '\*\.pyx' fits no file"):
        model.select(["a.py"], ["*.py", "*.pyx"], [])


def test_diff_lists_the_files_that_differ() -> None:
    new = {**FILES, "b.py": model.File(b"b = 3\n"), "d": model.File(b"")}
    before, after = model.describe("x", b"1", FILES), model.describe("x", b"2", new)
    told = model.diff(before, FILES, after, new)
    assert list(told["before"]["files"]) == ["b.py"]
    assert list(told["after"]["files"]) == ["b.py", "d"]
    assert told["after"]["files"]["b.py"] == hashlib.sha256(b"b = 3\n").hexdigest()


def test_diff_says_which_file_became_executable() -> None:
    old = {**FILES, "bootstrap": model.File(BOOTSTRAP["bootstrap"].data)}
    before, after = model.describe("x", b"1", old), model.describe("x", b"2", BOOTSTRAP)
    told = model.diff(before, old, after, {**FILES, **BOOTSTRAP})
    digest = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert told["before"]["files"] == {"bootstrap": digest}
    assert told["after"]["files"] == {"bootstrap": f"{digest} (executable)"}


def test_diff_of_a_new_package_and_of_very_many_files_lists_none() -> None:
    many = {f"{number}.py": model.File(b"") for number in range(101)}
    after = model.describe("x", b"2", many)
    assert model.diff(None, {}, after, many) == {"before": {}, "after": after.to_dict()}
    assert "files" not in model.diff(model.describe("x", b"1", {}), {}, after, many)["after"]
