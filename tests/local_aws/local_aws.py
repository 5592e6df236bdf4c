# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""LocalAws: the emulator, the gateway and the SMTP side together, started and stopped as one."""

from __future__ import annotations

import logging
import secrets
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3

from tests.local_aws.account import AccountManagement
from tests.local_aws.backend import Backend
from tests.local_aws.emulator import Emulator
from tests.local_aws.event_publisher import EventPublisher
from tests.local_aws.gateway import Gateway, Service
from tests.local_aws.identity_center import IdentityCenter
from tests.local_aws.ip_filters import IpFilters
from tests.local_aws.mailboxes import Mailboxes
from tests.local_aws.name_server import name_server
from tests.local_aws.organizations import Organizations
from tests.local_aws.outbox import Outbox
from tests.local_aws.own_mail import OwnMail
from tests.local_aws.receipt_rules import ReceiptRules
from tests.local_aws.received_mail import VERDICTS_HEADER
from tests.local_aws.reset_mail import reset_mail
from tests.local_aws.root_access import RootAccess, action_of
from tests.local_aws.sending import Sending
from tests.local_aws.service_quotas import list_quotas
from tests.local_aws.ses_account import SesAccount
from tests.local_aws.ses_delivery import SesDelivery
from tests.local_aws.ses_identities import SesIdentities, Verifications
from tests.local_aws.ses_receiving import SesReceiving
from tests.local_aws.ses_sending import SesSending
from tests.local_aws.smtp import SmtpServer
from tests.local_aws.suppression import SuppressionList
from tests.local_aws.wire import AwsError, Request, Response, access_key_of, json_error

# The account id of AWS's own examples.
ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"
# The emulator takes this for the account's root. Ansible shows access keys as they are, so it may be a plain word.
ACCESS_KEY = "test"
# As long as those of AWS, in hexadecimal digits.
_SECRET_KEY_BYTES = 20
_SMTP_SECONDS = 120

log = logging.getLogger(__name__)


@contextmanager
def _naming_port(purpose: str, port: int) -> Iterator[None]:
    """Say which port could not be had, and what for: the system's own words leave that out."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"port {port} cannot be used for {purpose}: {error.strerror}") from error


def _of_organization(organizations: Organizations, backend: Backend) -> Service:
    """Return the organization's service, which refuses callers in member accounts as AWS does."""
    account_of = cache(backend.account_of)

    def handle(request: Request) -> Response | None:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if not organizations.admits(account_of(access_key_of(request)), operation):
            return json_error(
                AwsError("AccessDeniedException", "You don't have permissions to access this resource.", 400)
            )
        return organizations.handle(request)

    return handle


class LocalAws:
    """Local AWS in a folder of its own, which holds its logs and what left through SES. A context manager."""

    def __init__(
        self,
        directory: Path,
        *,
        enforce_iam: bool = False,
        http_port: int = 0,
        smtp_port: int = 0,
        account_creation_seconds: float = 0.5,
        decisions: Path | None = None,
        management_account: str = ACCOUNT_ID,
    ) -> None:
        """Take what to run; ``decisions`` is a file to which each decision of IAM is appended as a line of JSON.

        ``management_account`` is the organization's, where the mail is in another one.
        """
        if decisions and not enforce_iam:
            raise ValueError("decisions: IAM decides nothing unless it is enforced; give enforce_iam too")
        self.account_id = ACCOUNT_ID
        self.management_account = management_account
        self.region = REGION
        # Ansible masks a secret wherever its value occurs in a result, so it must be nothing that occurs by chance.
        self._secret_key = secrets.token_hex(_SECRET_KEY_BYTES)
        self._directory = directory.resolve()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._enforce_iam = enforce_iam
        self._http_port = http_port
        self._smtp_port = smtp_port
        self.organizations = Organizations(management_account, account_creation_seconds)
        # Who may read the identity store beside the accounts that administer the organization.
        self.identity_readers: set[str] = set()
        self.suppression = SuppressionList(self._in_sandbox)
        self.sending = Sending()
        self.ip_filters = IpFilters()
        self.verifications = Verifications()
        self.mailboxes = Mailboxes()
        self._decisions = decisions
        self._backend: Backend | None = None
        self._delivery: SesDelivery | None = None
        self._events: EventPublisher | None = None
        self._receiving: SesReceiving | None = None
        self._gateway: Gateway | None = None
        self._root_access: RootAccess | None = None
        self._emulator: Emulator | None = None
        self._smtp: SmtpServer | None = None
        self._running = ExitStack()
        self.own_mail: OwnMail | None = None
        self.outbox = Outbox(self._directory / "outbox")

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._log_to_file(starting)
            self._backend = backend = Backend(
                self.account_id, self.region, ACCESS_KEY, self._secret_key, verifications=self.verifications
            )
            rules = ReceiptRules(self.account_id, self.region, backend)
            with _naming_port("the AWS endpoint", self._http_port):
                self._gateway = Gateway(self._services(backend, rules), self._http_port)
            starting.callback(self._gateway.stop)
            self._emulator = emulator = Emulator(self._directory, self._emulator_settings())
            starting.callback(emulator.stop)
            # The emulator calls back through the gateway, so the gateway goes up first and down last.
            emulator.start()
            self._gateway.emulator_port = emulator.port
            self._gateway.start()
            backend.endpoint_url = f"http://127.0.0.1:{emulator.port}"
            with _naming_port("inbound SMTP", self._smtp_port):
                self._receiving = receiving = SesReceiving(rules, backend, self.outbox)
                self._smtp = SmtpServer(receiving, self._smtp_port, self.ip_filters.refuses)
                self.own_mail = OwnMail(receiving, self.verifications.of)
                self.delivery.inbound = self.own_mail
            starting.callback(self._smtp.stop)
            starting.callback(receiving.stop)
            receiving.start()
            self._smtp.start()
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running.close()

    def _log_to_file(self, starting: ExitStack) -> None:
        handler = logging.FileHandler(self._directory / "gateway.log")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s"))
        logger = logging.getLogger("tests.local_aws")
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        starting.callback(handler.close)
        starting.callback(logger.removeHandler, handler)

    def _emulator_settings(self) -> dict[str, str]:
        """Return ministack's settings: it believes it is at the gateway's address, so that all comes back there."""
        assert self._gateway is not None
        return {
            "AUTH": str(self._enforce_iam).lower(),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": self._secret_key,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "GATEWAY_PORT": str(self._gateway.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": self.account_id,
            "MINISTACK_REGION": self.region,
            "LAMBDA_EXECUTOR": "local",
            # These two would listen on ports of their own.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            **({"LOCAL_AWS_DECISIONS": str(self._decisions.resolve())} if self._decisions else {}),
        }

    def _services(self, backend: Backend, rules: ReceiptRules) -> dict[str, Service]:
        """Return who answers for which service; a request for a service that is not here goes to the emulator."""
        self._events = EventPublisher(backend)
        self._delivery = SesDelivery(self.outbox, self.mailboxes, self.suppression, self._events, self.sending)
        sending = SesSending(backend, self.sending, self._delivery)
        ses_account = SesAccount(self.sending, backend.ses_account)
        identities = SesIdentities(
            self.verifications, backend.identities, backend.identity, create=backend.create_identity
        )
        organizations = self.organizations
        account = AccountManagement(organizations, self.management_account, self._mail_from_aws, backend.account_of)
        self.identity_center = IdentityCenter(
            self.region, self.management_account, self._reads_identities, backend.account_of
        )
        self._root_access = RootAccess(
            organizations.is_administrator, organizations.state_of, backend.account_of, organizations.id
        )
        # Where IAM is not enforced, whoever calls is taken for an administrator, and most call as the root user.
        self._root_access.refuses_root = self._enforce_iam

        def ses(request: Request) -> Response | None:
            of_v2 = (self.suppression.handle, ses_account.handle, identities.handle, sending.handle_v2)
            of_v1 = (rules.handle, self.ip_filters.handle, sending.handle_v1, identities.handle_v1)
            answers = (answer(request) for answer in (of_v2 if request.path.startswith("/v2/") else of_v1))
            return next((answer for answer in answers if answer is not None), None)

        return {
            "account": self._authorized(account.handle, account.resources),
            "iam": self._iam,
            "organizations": self._authorized(_of_organization(organizations, backend), organizations.resources),
            "identitystore": self._authorized(self.identity_center.handle),
            "ses": self._authorized(ses),
            "sso": self._authorized(self.identity_center.handle_instances),
            # The emulator, which has no such service, could not authorise its calls.
            "servicequotas": partial(list_quotas, organizations),
            "sts": self._sts,
        }

    def _reads_identities(self, account_id: str) -> bool:
        return self.organizations.is_administrator(account_id) or account_id in self.identity_readers

    def _iam(self, request: Request) -> Response | None:
        if self.root_access.is_session(request):
            return self.root_access.handle_session(request)
        if "Organizations" not in action_of(request):
            return None
        return self._authorized(self.root_access.handle_features)(request)

    def _sts(self, request: Request) -> Response | None:
        if action_of(request) != "AssumeRoot":
            return None
        return self._authorized(self.root_access.handle_assume, self.root_access.resources)(request)

    def forgot_password(self, account_id: str) -> bool:
        """Choose "Forgot password?" for an account's root user; return whether AWS mails a link, as it then does."""
        if not self.root_access.may_reset_password(account_id):
            return False
        recipient = self.organizations.primary_email(account_id)
        sender, message = reset_mail(recipient, time.time())
        self._mail_from_aws(sender, recipient, message)
        return True

    def _in_sandbox(self) -> bool:
        return not self.client("sesv2").get_account()["ProductionAccessEnabled"]

    def _mail_from_aws(self, sender: str, recipient: str, data: bytes) -> None:
        """Send a mail of AWS's own as the outside world does, once whoever asked for it has an answer."""
        threading.Thread(
            target=self._deliver, args=(sender, recipient, data), name="mail from AWS", daemon=True
        ).start()

    def _deliver(self, sender: str, recipient: str, data: bytes) -> None:
        try:
            self.send_mail(sender, [recipient], data)
        except (OSError, smtplib.SMTPException) as error:
            # Nobody hears of it in AWS either.
            log.info("a mail of AWS's to %s is lost: %s", recipient, error)

    def _authorized(self, service: Service, resources: Callable[[Request], list[str]] = lambda _request: []) -> Service:
        """Return the service behind the emulator's authentication and authorisation, where IAM is enforced.

        A request has to be allowed on each of the ``resources`` that it names.
        """

        def answer(request: Request) -> Response | None:
            assert self._gateway is not None
            named: list[str | None] = [*resources(request)]
            for resource in named or [None]:
                if refusal := self._gateway.authorize(request, resource):
                    return refusal
            return service(request)

        return answer if self._enforce_iam else service

    @property
    def endpoint_url(self) -> str:
        """Return what AWS_ENDPOINT_URL is set to."""
        assert self._gateway is not None, "local AWS is not running"
        return f"http://127.0.0.1:{self._gateway.port}"

    @property
    def smtp(self) -> str:
        """Return host:port of the inbound SMTP side."""
        assert self._smtp is not None, "local AWS is not running"
        return f"127.0.0.1:{self._smtp.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that point a program at local AWS."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": self._secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "LOCAL_SMTP": self.smtp,
            "LOCAL_OUTBOX": str(self.outbox.directory),
        }

    @property
    def root_access(self) -> RootAccess:
        """Return who has root credentials, and who may take them."""
        assert self._root_access is not None, "local AWS is not running"
        return self._root_access

    @property
    def events(self) -> EventPublisher:
        """Return what publishes SES's events, with what it has published and what it had to drop."""
        assert self._events is not None, "local AWS is not running"
        return self._events

    @property
    def delivery(self) -> SesDelivery:
        """Return what delivers what SES accepted."""
        assert self._delivery is not None, "local AWS is not running"
        return self._delivery

    @property
    def receiving(self) -> SesReceiving:
        """Return SES's receiving side, in which time can be let pass."""
        assert self._receiving is not None, "local AWS is not running"
        return self._receiving

    def enter_sandbox(self, rate: float = 1, daily_quota: float = 200) -> None:
        """Put the account into the sandbox, with its limits (Developer Guide, "Request production access")."""
        assert self._backend is not None, "local AWS is not running"
        self._backend.set_production_access(False)
        self.sending.rate, self.sending.daily_quota = rate, daily_quota

    def verify_by_records(self, account_id: str = "") -> None:
        """Let SES verify a domain once Route 53 has its DKIM records, and no sooner; the account's, or another's."""
        assert self._backend is not None, "local AWS is not running"
        self._backend.dns_account = account_id
        self.verifications.cname = self._backend.cname

    @contextmanager
    def name_server(self) -> Iterator[str]:
        """Serve the public hosted zones of Route 53 by DNS for a while; yield host:port."""
        assert self._backend is not None, "local AWS is not running"
        with name_server(self._backend.dns_records) as address:
            yield address

    def leave_sandbox(self) -> None:
        """Give the account production access, without limits."""
        assert self._backend is not None, "local AWS is not running"
        self._backend.set_production_access(True)
        self.sending.rate, self.sending.daily_quota = Sending.rate, Sending.daily_quota

    @contextmanager
    def sandbox(self, rate: float = 1, daily_quota: float = 200) -> Iterator[None]:
        """Keep the account in the sandbox for a while."""
        self.enter_sandbox(rate, daily_quota)
        try:
            yield
        finally:
            self.leave_sandbox()

    def is_running(self) -> bool:
        """Tell whether the emulator still runs."""
        return self._emulator is not None and self._emulator.is_running()

    def log_tail(self) -> str:
        """Return the end of the emulator's log."""
        return self._emulator.log_tail() if self._emulator is not None else ""

    def client(self, service: str, account_id: str = ACCOUNT_ID, **options: Any) -> Any:
        """Return a boto3 client for a service of local AWS, the account's root unless credentials are given."""
        # The emulator takes an account's id for the access key of its root.
        key = ACCESS_KEY if account_id == self.account_id else account_id
        session = boto3.session.Session(key, self._secret_key, region_name=self.region)
        return session.client(service, endpoint_url=self.endpoint_url, **options)

    def send_mail(self, sender: str, recipients: list[str], data: bytes, verdicts: str | None = None) -> None:
        """Send a mail by SMTP as the outside world would; smtplib's errors for what SES refuses."""
        if verdicts is not None:
            data = f"{VERDICTS_HEADER}: {verdicts}\r\n".encode() + data
        host, _unused, port = self.smtp.partition(":")
        with smtplib.SMTP(host, int(port), timeout=_SMTP_SECONDS) as connection:
            refused = connection.sendmail(sender, recipients, data)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)
