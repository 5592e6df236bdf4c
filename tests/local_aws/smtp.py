# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inbound SMTP side of SES, on loopback: port 25 of the domain's MX, as it were."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.local_aws import received_mail
from tests.local_aws.ses_receiving import SesReceiving

log = logging.getLogger(__name__)

# Amazon SES Developer Guide, "Service quotas in Amazon SES": the largest mail that receiving takes, headers included.
MAX_MESSAGE_BYTES = 40 * 1024 * 1024


class SmtpServer:
    """Accepts mail for what the active receipt rules match; answers 250 when all their actions were tried once.

    An action that fails is no reason to refuse the mail: SES accepted it, and tries again (ses_receiving.py).
    """

    def __init__(
        self, receiving: SesReceiving, port: int = 0, refuses: Callable[[str], bool] = lambda _client: False
    ) -> None:
        """``refuses`` says whether mail from an IP address is refused, whoever it is for."""
        # Bound here and handed over, so that the port is known and cannot be taken in between.
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._controller = _Controller(_Handler(receiving, refuses), self._socket)

    def start(self) -> None:
        """Begin to listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening and free the port."""
        if self._controller.loop.is_running():
            self._controller.stop()
        self._socket.close()


# A path with its angle brackets: a source route, which is ignored, and the mailbox (RFC 5321 section 4.1.2).
_PATH = re.compile(r"""\s*<(?:@[^:"<>]*:)?(?P<mailbox>(?:"(?:[^"\\]|\\.)*"|[^"<>])*)>(?P<parameters>.*)""", re.DOTALL)
# The dots that SMTP adds can double a mail, and count as little as the final one.
_MAX_TRANSFERRED_BYTES = 2 * MAX_MESSAGE_BYTES


class _Smtp(SMTP):
    # Mail with overlong lines does arrive at SES, and what becomes of it is worth trying.
    line_length_limit = _MAX_TRANSFERRED_BYTES

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Return mailbox and parameters; the mailbox as it was written, the null sender as <>.

        aiosmtpd reads it as that of a header field, so it decodes encoded words, drops quotes and comments, and refuses
        what a header may not hold.
        """
        if path := _PATH.fullmatch(arg):
            return path["mailbox"].strip() or "<>", path["parameters"]
        address, parameters = super()._getaddr(arg)
        return address, parameters

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 aiosmtpd's name
        """Take what is sent for one mail; the handler refuses it if the mail itself is too large."""
        # EHLO announces this limit, and SIZE is held against it.
        announced, self.data_size_limit = self.data_size_limit, _MAX_TRANSFERRED_BYTES
        try:
            await super().smtp_DATA(arg)
        finally:
            self.data_size_limit = announced


class _Controller(Controller):
    def __init__(self, handler: object, listening: socket.socket) -> None:
        host, port = listening.getsockname()
        super().__init__(
            handler,
            hostname=host,
            port=port,
            ready_timeout=30,
            data_size_limit=MAX_MESSAGE_BYTES,
            # Not announced, for SES does not support it; but who sends 8-bit octets all the same is served.
            enable_SMTPUTF8=True,
        )
        self._listening = listening

    def factory(self) -> SMTP:
        return _Smtp(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


class _Handler:
    """aiosmtpd's hooks. The work blocks, so it runs in threads."""

    def __init__(self, receiving: SesReceiving, refuses: Callable[[str], bool]) -> None:
        self._receiving = receiving
        self._refuses = refuses

    async def handle_EHLO(  # noqa: N802 aiosmtpd's name and signature
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in responses if line[4:] != "SMTPUTF8"]

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name and signature
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        # With which command and text SES refuses is not documented.
        if self._refuses(_client(session)):
            return "550 5.7.1 Requested action not taken: the client's address is blocked"
        if not address.isascii():
            return "553 5.6.7 Addresses are 7-bit"
        try:
            accepted = await _in_thread(self._receiving.accepts, address)
        except Exception:
            log.exception("cannot tell whether %s is to be accepted", address)
            return "451 4.3.0 Local AWS could not look at the receipt rules; see its log"
        if not accepted:
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 as above
        arrived = received_mail.Envelope(
            helo=session.host_name or "localhost",
            peer=_client(session),
            # aiosmtpd spells the null sender as it came.
            sender="" if envelope.mail_from in (None, "<>") else str(envelope.mail_from),
            recipients=tuple(dict.fromkeys(envelope.rcpt_tos)),
        )
        assert isinstance(envelope.content, bytes)
        if len(envelope.content) > MAX_MESSAGE_BYTES:
            return "552 5.3.4 Message too large"
        try:
            message_id = await _in_thread(self._receiving.receive, arrived, envelope.content)
        except Exception:
            log.exception("a mail to %s could not be received", ", ".join(arrived.recipients))
            return "451 4.3.0 Local AWS could not look at the mail; see its log"
        return f"250 OK {message_id}"


def _client(session: Session) -> str:
    return str(session.peer[0]) if session.peer else "127.0.0.1"


async def _in_thread(function: Any, *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, partial(function, *arguments))
