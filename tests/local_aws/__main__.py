# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps local AWS running with the mail forwarder deployed, for trying one's own playbooks; run by ``make local``.

Writes DIRECTORY/env with shell exports once everything is ready, and removes it when it stops. Ends with status 0 after
Ctrl-C or SIGTERM, or when the make that runs it is interrupted or killed; with 1 and the reason if something failed.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.local_aws import LocalAws
from tests.local_aws.domain import hosted_zone
from tests.local_aws.make_watch import stop_with_make
from tests.local_aws.playbook import run_playbook
from tests.local_aws.shell import forget_settings

DOMAIN = "accounts.example.com"
ADMIN, ON_CALL = "account-admins@example.org", "on-call@example.org"
# The role's default for mail_forwarder_stack_name, which the names of what it deploys derive from.
STACK = "mail-forwarder"


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StoppedError(Exception):
    """Local AWS cannot go on; the text says why."""


def main() -> int:
    """Run until told to stop; return the exit status."""
    options = _options()
    for number in _SIGNALS:
        signal.signal(number, _stop)
    stop_with_make()
    forget_settings()
    try:
        _run(options)
    except KeyboardInterrupt:
        print("\nlocal: stopped", flush=True)
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it was, the last line has to say so
        print(f"local: FAILED: {error or type(error).__name__}\nWhat was logged is in {options.directory}", flush=True)
        return 1
    return 0


def _stop(_number: int, _frame: object) -> None:
    """Begin to stop; whoever is impatient and asks again does not disturb the cleaning up."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.local_aws", description="Keep local AWS running with the mail forwarder deployed."
    )
    parser.add_argument(
        "--http-port", type=int, default=0, metavar="PORT", help="port of the AWS endpoint; default: a free one"
    )
    parser.add_argument(
        "--smtp-port", type=int, default=0, metavar="PORT", help="port of inbound SMTP; default: a free one"
    )
    parser.add_argument("--domain", default=DOMAIN, help="domain of the vended addresses; default: %(default)s")
    parser.add_argument(
        "--directory", type=Path, default=Path(".local"), help="folder for env, outbox and logs; default: %(default)s"
    )
    parser.add_argument("--no-deploy", action="store_true", help="start local AWS only, without the mail forwarder")
    parser.add_argument("--enforce-iam", action="store_true", help="verify signatures and enforce IAM policies")
    options = parser.parse_args()
    options.directory = options.directory.resolve()
    return options


def _run(options: argparse.Namespace) -> None:
    folder = options.directory / "aws"
    environment_file = options.directory / "env"
    with ExitStack() as stack:
        stack.enter_context(_alone_in(options.directory))
        # What an earlier run left there: none of its state is read again.
        environment_file.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        _say(f"starting local AWS in {folder}")
        aws = stack.enter_context(
            LocalAws(folder, enforce_iam=options.enforce_iam, http_port=options.http_port, smtp_port=options.smtp_port)
        )
        zone = stack.enter_context(hosted_zone(aws, options.domain))
        environment = {
            **aws.environment,
            "LOCAL_DOMAIN": options.domain,
            "LOCAL_HOSTED_ZONE": zone.id,
            "LOCAL_NAMESERVER": zone.nameserver,
        }
        if options.no_deploy:
            # As if the owner of the domain had proven it to SES.
            aws.client("sesv2").create_email_identity(EmailIdentity=options.domain)
        else:
            variables = {**zone.variables(), "mail_forwarder_domain": options.domain}
            environment.update(_deploy(aws, variables, options.directory))
        stack.enter_context(_written(environment_file, environment))
        _explain(environment_file, environment)
        _wait_while_it_runs(aws)


def _wait_while_it_runs(aws: LocalAws) -> None:
    while aws.is_running():
        time.sleep(0.5)
    raise StoppedError(f"the emulator ended by itself; the end of its log:\n{aws.log_tail()}")


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Refuse to start where local AWS already runs. The lock ends with the process, however that ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoppedError(
                f"local AWS already runs in {directory}: stop it, or give another --directory"
            ) from error
        yield


def _deploy(aws: LocalAws, variables: Mapping[str, object], directory: Path) -> dict[str, str]:
    """Deploy the forwarder as any user would, and return what it adds to the environment."""
    domain = variables["mail_forwarder_domain"]
    _say(f"deploying the mail forwarder for {domain}: ansible-playbook account_factory.email.deploy")
    recap = run_playbook(
        "deploy",
        {**variables, "mail_forwarder_admin_address": ADMIN, "mail_forwarder_alarm_address": ON_CALL},
        aws.environment,
        directory / "aws" / "ansible.log",
        on_task=lambda task: print(f"  - {task}", flush=True),
    )
    _say(f"deployed: ok={recap.ok} changed={recap.changed}")
    sqs = aws.client("sqs")
    return {
        "ACCOUNT_EMAIL_TABLE": f"{STACK}-map",
        "LOCAL_QUEUE_URL": sqs.get_queue_url(QueueName=f"{STACK}-received")["QueueUrl"],
        "LOCAL_DLQ_URL": sqs.get_queue_url(QueueName=f"{STACK}-dead-letters")["QueueUrl"],
    }


@contextmanager
def _written(path: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Keep the exports in a file for as long as they are true; it appears whole."""
    temporary = path.with_name(f".{path.name}.part")
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    temporary.write_text("".join(lines), encoding="utf-8")
    os.replace(temporary, path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _explain(environment_file: Path, environment: Mapping[str, str]) -> None:
    host, _unused, port = environment["LOCAL_SMTP"].partition(":")
    domain = environment["LOCAL_DOMAIN"]
    lines = [
        "local AWS is ready. In another terminal:",
        "",
        f"  . {shlex.quote(str(environment_file))}",
        f"  . {shlex.quote(str(Path(sys.executable).parent / 'activate'))}",
        "",
    ]
    if "ACCOUNT_EMAIL_TABLE" in environment:
        lines += [
            "Vend an address:",
            "  ansible localhost -m account_factory.email.vended_address \\",
            f"    -a 'name_prefix=team domain={domain} request_id=TICKET-1 owners=you@example.org'",
            "Mail it (a header X-Local-Verdicts asks for verdicts, such as spam=FAIL dmarc=FAIL;reject):",
            f"  curl smtp://{host}:{port} --mail-from someone@example.net --mail-rcpt ADDRESS --upload-file MAIL.eml",
            "Ask whether all is well, and who owns what:",
            "  ansible-playbook account_factory.email.doctor -e mail_forwarder_nameservers=$LOCAL_NAMESERVER",
            "  ansible-playbook account_factory.email.drift",
        ]
    lines += [
        f"What left through SES: {environment['LOCAL_OUTBOX']}",
        f"Logs: {environment_file.parent / 'aws'}",
        "",
        "Ctrl-C stops it.",
    ]
    print("\n".join(lines), flush=True)


def _say(text: str) -> None:
    print(f"local: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
