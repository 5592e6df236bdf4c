# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""lambda_package through its real main(): on real folders and on distributions laid out as pip lays them out."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.account_factory.email.plugins.modules import lambda_package
from tests.unit.conftest import RunModule

SOURCE = {"handler.py": "def handle(): ...\n", "inner/data.json": "{}\n", "inner/__init__.py": ""}
INFO = "example_tool-1.0.dist-info"
DISTRIBUTION = {
    "example_tool/__init__.py": "",
    "example_tool/py.typed": "",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: example-tool\nVersion: 1.0\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/INSTALLER": "pip\n",
    f"{INFO}/REQUESTED": "",
    f"{INFO}/direct_url.json": '{"url": "file:///tmp/example_tool", "dir_info": {}}',
    f"{INFO}/entry_points.txt": "[console_scripts]\nexample = example_tool:main\n",
    f"{INFO}/licenses/LICENSE": "Do as you like.\n",
    "../bin/example": "#!/usr/bin/python\n",
    "example_tool/__pycache__/__init__.cpython-311.pyc": "compiled",
}
KEPT = {
    "example_tool/__init__.py",
    "example_tool/py.typed",
    f"{INFO}/METADATA",
    f"{INFO}/entry_points.txt",
    f"{INFO}/licenses/LICENSE",
}


def lay_out(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from, empty so far."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site: Path, files: Mapping[str, str]) -> None:
    """Install the distribution of these files as pip does, its record included."""
    record = "".join(f"{name},,\n" for name in [*files, f"{INFO}/RECORD"])
    lay_out(site, {**files, f"{INFO}/RECORD": record})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "source", SOURCE)


@pytest.fixture
def _umask_given_back() -> Iterator[None]:
    """Whatever the test sets."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def names(package: str) -> set[str]:
    with zipfile.ZipFile(package) as archive:
        return set(archive.namelist())


def packed_modes(package: str) -> dict[str, int]:
    with zipfile.ZipFile(package) as archive:
        return {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}


def test_life_of_a_package(run_module: RunModule, tmp_path: Path, source: Path) -> None:
    options: dict[str, Any] = {"dest": str(tmp_path / "x.zip"), "sources": [{"path": str(source), "prefix": "p"}]}

    def run(check_mode: bool = False) -> dict[str, Any]:
        return run_module(lambda_package.main, check_mode, **options)

    planned = run(check_mode=True)
    assert not (tmp_path / "x.zip").exists()
    made = run()
    assert planned == made
    assert made["changed"]
    assert made["diff"]["before"] == {}
    assert made["diff"]["after"] == made["package"]
    assert names(options["dest"]) == {f"p/{name}" for name in SOURCE}
    data = (tmp_path / "x.zip").read_bytes()
    assert made["package"] | {"path": "", "code_sha256": ""} == {
        "path": "",
        "sha256": hashlib.sha256(data).hexdigest(),
        "code_sha256": "",
        "size": len(data),
        "unzipped_size": sum(map(len, SOURCE.values())),
        "file_count": 3,
    }

    times = (tmp_path / "x.zip").stat()
    for again in (run(check_mode=True), run()):
        assert not again["changed"]
        assert again["package"] == made["package"]
        assert again["diff"]["before"] == again["diff"]["after"]
    assert (tmp_path / "x.zip").stat().st_mtime_ns == times.st_mtime_ns
    assert (tmp_path / "x.zip").stat().st_ino == times.st_ino

    (source / "handler.py").write_text("def handle(): return 1\n")
    planned = run(check_mode=True)
    assert (tmp_path / "x.zip").read_bytes() == data
    changed = run()
    assert planned == changed
    assert changed["changed"]
    assert list(changed["diff"]["before"]["files"]) == ["p/handler.py"] == list(changed["diff"]["after"]["files"])


@pytest.mark.usefixtures("_umask_given_back")
def test_same_bytes_from_another_folder_umask_and_time(run_module: RunModule, tmp_path: Path, site: Path) -> None:
    install(site, DISTRIBUTION)
    made = []
    for number, mask in enumerate((0o022, 0o077)):
        os.umask(mask)
        files = {**SOURCE, "bootstrap": "#!/bin/sh\n"}
        root = lay_out(tmp_path / f"copy{number}", dict(sorted(files.items(), reverse=bool(number))))
        lay_out(root, {f"__pycache__/handler.cpython-3{number}.pyc": "compiled", "old.pyc": str(number)})
        for path in [*root.rglob("*.py"), *site.rglob("*.py")]:
            os.utime(path, (number * 10**9, number * 10**9))
        (root / "handler.py").chmod(0o655 if number else 0o600)
        (root / "bootstrap").chmod(0o755 if number else 0o700)
        dest = tmp_path / f"{number}.zip"
        run_module(lambda_package.main, dest=str(dest), sources=[{"path": str(root)}], distributions=["Example_Tool"])
        made.append(dest.read_bytes())
    assert made[0] == made[1]


@pytest.mark.usefixtures("_umask_given_back")
@pytest.mark.parametrize(
    ("mode", "packed"),
    [
        pytest.param(0o755, 0o755, id="everyone"),
        pytest.param(0o700, 0o755, id="owner-only"),
        pytest.param(0o500, 0o755, id="read-only"),
        pytest.param(0o644, 0o644, id="nobody"),
        pytest.param(0o600, 0o644, id="private"),
        pytest.param(0o655, 0o644, id="all-but-its-owner"),
    ],
)
def test_what_its_owner_may_execute_stays_executable(
    run_module: RunModule, tmp_path: Path, source: Path, mode: int, packed: int
) -> None:
    """As Lambda wants of the ``bootstrap`` of a custom runtime."""
    os.umask(0o077)
    (source / "start").write_text("#!/bin/sh\n")
    (source / "start").chmod(mode)
    (source / "bootstrap").symlink_to("start")
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), sources=[{"path": str(source)}])
    modes = packed_modes(result["package"]["path"])
    assert modes == {**dict.fromkeys(SOURCE, 0o100644), **dict.fromkeys(("start", "bootstrap"), 0o100000 | packed)}


def test_a_distribution_does_not_depend_on_who_installed_it(run_module: RunModule, tmp_path: Path, site: Path) -> None:
    install(site, DISTRIBUTION)
    (site / "example_tool" / "__init__.py").chmod(0o755)
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), distributions=["example-tool"])
    assert set(packed_modes(result["package"]["path"]).values()) == {0o100644}


def test_becoming_executable_is_a_change(run_module: RunModule, tmp_path: Path, source: Path) -> None:
    options: dict[str, Any] = {"dest": str(tmp_path / "x.zip"), "sources": [{"path": str(source)}]}
    run_module(lambda_package.main, **options)
    (source / "handler.py").chmod(0o755)
    planned, changed = run_module(lambda_package.main, True, **options), run_module(lambda_package.main, **options)
    assert planned == changed
    assert changed["changed"]
    assert changed["diff"]["after"]["files"]["handler.py"].endswith(" (executable)")
    assert not run_module(lambda_package.main, **options)["changed"]


@pytest.mark.parametrize(
    "dest",
    [
        pytest.param("{source}/x.zip", id="in-its-root"),
        pytest.param("{source}/inner/x.zip", id="in-a-folder"),
        pytest.param("x.zip", id="relative"),
        pytest.param("inner/../x.zip", id="relative-with-dots"),
        pytest.param("{tmp}/link/x.zip", id="through-a-link-to-the-source"),
        pytest.param("{source}/link.zip", id="a-link-itself"),
        pytest.param("{tmp}/linked-to.zip", id="outside-with-a-link-inside"),
    ],
)
def test_a_package_inside_its_source_does_not_pack_itself(
    run_module: RunModule, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, dest: str
) -> None:
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "old.zip").write_text("an earlier one, elsewhere")
    (tmp_path / "linked-to.zip").write_text("an earlier one")
    (source / "link.zip").symlink_to(tmp_path / "old.zip")
    (source / "other.zip").symlink_to(tmp_path / "linked-to.zip")
    monkeypatch.chdir(source)
    path = dest.format(source=source, tmp=tmp_path)
    options: dict[str, Any] = {"dest": path, "sources": [{"path": str(source)}]}
    planned, made = run_module(lambda_package.main, True, **options), run_module(lambda_package.main, **options)
    assert planned == made
    assert made["changed"]
    left_out = {"{source}/link.zip": "link.zip", "{tmp}/linked-to.zip": "other.zip"}.get(dest, "x.zip")
    assert names(path) == {*SOURCE, "link.zip", "other.zip"} - {left_out}
    for check_mode in (True, False):
        again = run_module(lambda_package.main, check_mode, **options)
        assert not again["changed"]
        assert again["package"] == made["package"]


def test_a_source_given_by_a_link_does_not_pack_its_package(
    run_module: RunModule, tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(source)
    monkeypatch.chdir(tmp_path)
    options: dict[str, Any] = {"dest": str(source / "x.zip"), "sources": [{"path": "link"}]}
    assert run_module(lambda_package.main, **options)["changed"]
    assert not run_module(lambda_package.main, **options)["changed"]
    assert names(options["dest"]) == set(SOURCE)


def test_what_a_killed_run_left_behind_is_not_packed(run_module: RunModule, source: Path) -> None:
    (source / ".ansible_tmpb2qk1x.zip").write_text("half of it")
    result = run_module(lambda_package.main, dest=str(source / "x.zip"), sources=[{"path": str(source)}])
    assert names(result["package"]["path"]) == set(SOURCE)


def test_distribution_keeps_its_code_description_and_licences(
    run_module: RunModule, tmp_path: Path, site: Path
) -> None:
    install(site, DISTRIBUTION)
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), distributions=["example-tool"])
    assert names(result["package"]["path"]) == KEPT


def test_what_the_forwarder_bundles_is_pure_python(run_module: RunModule, tmp_path: Path) -> None:
    bundled = ["aws-lambda-powertools", "jmespath", "typing-extensions"]
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), distributions=bundled)
    held = names(result["package"]["path"])
    assert {"aws_lambda_powertools/__init__.py", "jmespath/parser.py", "typing_extensions.py"} <= held
    assert not [name for name in held if name.endswith((".pyc", "RECORD", "INSTALLER"))]


def test_include_exclude_and_links(run_module: RunModule, tmp_path: Path, source: Path) -> None:
    (source / "linked.py").symlink_to(source / "handler.py")
    chosen = {"path": str(source), "include": ["*.py"], "exclude": ["inner"]}
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), sources=[chosen])
    assert names(result["package"]["path"]) == {"handler.py", "linked.py"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({f"{INFO}/WHEEL": "Root-Is-Purelib: false\n"}, "its wheel was built for one platform"),
        ({"example_tool/_speed.cpython-311-x86_64-linux-gnu.so": ""}, "it has 'example_tool/_speed.cpython-311"),
        ({f"{INFO}/direct_url.json": '{"dir_info": {"editable": true}}'}, "give their folder in sources instead"),
    ],
    ids=["platform-wheel", "machine-code", "editable"],
)
def test_distribution_that_would_not_run_there(
    run_module: RunModule, tmp_path: Path, site: Path, changes: dict[str, str], says: str
) -> None:
    install(site, {**DISTRIBUTION, **changes})
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), distributions=["example-tool"])
    assert result["failed"]
    assert "'example-tool'" in result["msg"]
    assert says in result["msg"]
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("lost", ["example_tool/__init__.py", f"{INFO}/RECORD"])
def test_broken_installation(run_module: RunModule, tmp_path: Path, site: Path, lost: str) -> None:
    install(site, DISTRIBUTION)
    (site / lost).unlink()
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), distributions=["example-tool"])
    assert result["failed"]
    assert result["msg"].endswith("pip install --force-reinstall example-tool")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give one at least"),
        ({"dest": "{tmp}/missing/x.zip", "sources": [{"path": "{tmp}/source"}]}, "in a folder that exists"),
        ({"dest": "{tmp}/source", "sources": [{"path": "{tmp}/source"}]}, "must be the path of a file"),
        ({"sources": [{"path": "{tmp}/nowhere"}]}, "nowhere' is not a folder"),
        ({"sources": [{"path": "{tmp}/empty"}]}, "nothing is left of"),
        ({"sources": [{"path": "{tmp}/source", "include": ["handle.py"]}]}, "'handle.py' fits no file"),
        ({"sources": [{"path": "{tmp}/source", "prefix": "../x"}]}, "leaves the package"),
        ({"sources": [{"path": "{tmp}/source"}, {"path": "{tmp}/source"}]}, "comes from sources ({tmp}/source)"),
        ({"sources": [{"path": "{tmp}/links"}]}, "is a symbolic link to a folder"),
        ({"distributions": ["no-such-tool"]}, "install it there: pip install no-such-tool"),
        ({"distributions": [""]}, "'' is not installed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_input_that_cannot_work(
    run_module: RunModule, tmp_path: Path, source: Path, options: dict[str, Any], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "folder").symlink_to(source)

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return [filled(item) for item in value] if isinstance(value, list) else value.replace("{tmp}", str(tmp_path))

    given = {"dest": str(tmp_path / "x.zip"), **filled(options)}
    for check_mode in (True, False):
        result = run_module(lambda_package.main, check_mode, **given)
        assert result["failed"]
        assert filled(says) in result["msg"]
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("target", ["nowhere.py", "link.py"], ids=["dangling", "loop"])
def test_file_that_cannot_be_read(run_module: RunModule, tmp_path: Path, source: Path, target: str) -> None:
    (source / "link.py").symlink_to(source / target)
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), sources=[{"path": str(source)}])
    assert result["failed"]
    assert result["msg"].startswith(f"Failed to make the package {tmp_path}/x.zip: ")


def test_replaces_what_is_no_package(run_module: RunModule, tmp_path: Path, source: Path) -> None:
    (tmp_path / "x.zip").write_text("something else")
    result = run_module(lambda_package.main, dest=str(tmp_path / "x.zip"), sources=[{"path": str(source)}])
    assert result["changed"]
    assert result["diff"]["before"]["file_count"] == 0
    assert names(str(tmp_path / "x.zip")) == set(SOURCE)
