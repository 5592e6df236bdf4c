# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make .venv from requirements-dev.txt, unless it is there, whole and up to date.

Runs on the Python that .venv is to be made with, standard library only. The collection's own tree is linked into .venv
where Ansible and Python look for it, so that what is tested is what is edited.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(
        "setup: {} is Python {}.{}, but 3.11 or newer is needed. Name one: make PYTHON=python3.12 ...".format(
            sys.executable, *sys.version_info[:2]
        )
    )

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARKER = VENV / ".ready"
REQUIREMENTS = ROOT / "requirements-dev.txt"
LOCAL = ROOT / ".local"
LOG = LOCAL / "setup.log"
# To be counted up when what this script makes changes, so that every .venv is made anew.
LAYOUT = "1"


class SetupError(Exception):
    """Setting up failed; the message is for the user."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def wanted() -> dict[str, str]:
    """Return what a .venv has to be made of to be used as it is; a moved one has scripts that name the old place."""
    requirements = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    return {"layout": LAYOUT, "path": str(VENV), "requirements": requirements}


def why_not_ready(asked: argparse.Namespace) -> str | None:
    """Return why .venv has to be made, or None. What was not asked for by name may be as it is."""
    if not VENV.exists():
        return ""
    try:
        made = json.loads(MARKER.read_text())
    except (OSError, ValueError):
        return "it was not finished"
    if any(made.get(name) != value for name, value in wanted().items()):
        return "its requirements or its place have changed"
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        shown = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "its Python no longer runs"
    if shown != made.get("python"):
        return f"its Python has become {shown}"
    if asked.exactly and shown != this_python():
        return f"it holds Python {shown}"
    if asked.ansible_core and asked.ansible_core != made.get("ansible_core"):
        return f"it does not hold ansible-core {asked.ansible_core}"
    return None


def this_python() -> str:
    return "{}.{}".format(*sys.version_info[:2])


def make_venv(log: Path) -> None:
    """Make an empty .venv in the place of whatever is there."""
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    # Started from an activated .venv, sys.executable is in what was just removed.
    base = getattr(sys, "_base_executable", None) or sys.executable
    with log.open("w") as output:
        made = subprocess.run([base, "-m", "venv", VENV], stdout=output, stderr=subprocess.STDOUT, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(f"{base} could not make a virtual environment (Debian and Ubuntu: install python3-venv)")


def install(log: Path) -> None:
    """Install the requirements; what pip prints goes to the log, a few words of it to the screen."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    # Most of what the `ansible` package brings is never imported: not compiling it all saves a third of the time.
    command += ["--no-compile", "--root-user-action=ignore", "--requirement", str(REQUIREMENTS)]
    found = 0
    with log.open("a") as output:
        pip = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
        )
        for line in pip.stdout or ():
            output.write(line)
            if line.startswith("Collecting "):
                found += 1
                if found % 25 == 0:
                    say(f"{found} packages found")
            elif line.startswith("Installing collected packages"):
                say(f"installing {line.count(',') + 1} packages")
    if pip.wait():
        raise SetupError("pip could not install requirements-dev.txt")


def install_ansible_core(version: str, log: Path) -> None:
    """Replace ansible-core alone: the pinned ``ansible``, whose collections stay, would not have another one."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--root-user-action=ignore", "--no-deps", f"ansible-core=={version}"]
    with log.open("a") as output:
        installed = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, cwd=ROOT)
    if installed.returncode:
        raise SetupError(f"pip could not install ansible-core {version}")


def link_collection() -> None:
    """Let Python and Ansible find this tree as ansible_collections.account_factory.email."""
    collections = VENV / "collections"
    namespace = collections / "ansible_collections" / "account_factory"
    namespace.mkdir(parents=True)
    (namespace / "email").symlink_to(os.path.relpath(ROOT, namespace))
    script = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    shown = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True)
    Path(shown.stdout.strip(), "collection.pth").write_text(f"{collections}\n")


def what_matters(log: Path) -> list[str]:
    """Return pip's errors, or the end of the log where it names none."""
    lines = log.read_text().splitlines() if log.exists() else []
    errors = [line for line in lines if line.startswith("ERROR: ") and "Ignored the following versions" not in line]
    return errors or lines[-20:]


def set_up(asked: argparse.Namespace) -> None:
    started = time.monotonic()
    make_venv(LOG)
    install(LOG)
    if asked.ansible_core:
        install_ansible_core(asked.ansible_core, LOG)
    link_collection()
    made = {**wanted(), "python": this_python(), "ansible_core": asked.ansible_core}
    MARKER.write_text(json.dumps(made) + "\n")
    say(f"done in {time.monotonic() - started:.0f} s")


def asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--exactly", action="store_true", help="no other Python than the one that runs this will do")
    parser.add_argument("--ansible-core", default="", help="a version of ansible-core in the place of the pinned one")
    return parser.parse_args()


def main() -> int:
    asked = asked_for()
    LOCAL.mkdir(exist_ok=True)
    # Two makes started at once: the second waits and then finds the work done.
    with (LOCAL / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = why_not_ready(asked)
        if reason is None:
            return 0
        again = f" anew, as {reason}" if reason else ""
        core = f" and ansible-core {asked.ansible_core}" if asked.ansible_core else ""
        say(f"making .venv with Python {this_python()}{core}{again} (about a minute)")
        try:
            set_up(asked)
        except SetupError as error:
            print("".join(f"  {line}\n" for line in what_matters(LOG)), end="", file=sys.stderr)
            print(f"setup: FAILED: {error}. The whole log: {LOG.relative_to(ROOT)}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("setup: stopped; the next run begins it anew")
