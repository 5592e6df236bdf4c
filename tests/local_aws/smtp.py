# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inbound SMTP side of SES, on loopback: port 25 of the domain's MX, as it were."""

from __future__ import annotations

import asyncio
import logging
import socket
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
    """Accepts mail for what the active receipt rules match; answers 250 only when all their actions are done."""

    def __init__(self, receiving: SesReceiving, port: int = 0) -> None:
        # Bound here and handed over, so that the port is known and cannot be taken in between.
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._controller = _Controller(_Handler(receiving), self._socket)

    def start(self) -> None:
        """Begin to listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening and free the port."""
        if self._controller.loop.is_running():
            self._controller.stop()
        self._socket.close()


class _Smtp(SMTP):
    # Mail with overlong lines does arrive at SES, and what becomes of it is worth trying.
    line_length_limit = MAX_MESSAGE_BYTES


class _Controller(Controller):
    def __init__(self, handler: object, listening: socket.socket) -> None:
        host, port = listening.getsockname()
        super().__init__(
            handler,
            hostname=host,
            port=port,
            ready_timeout=30,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=False,
        )
        self._listening = listening

    def factory(self) -> SMTP:
        return _Smtp(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


class _Handler:
    """aiosmtpd's hooks. The work blocks, so it runs in threads."""

    def __init__(self, receiving: SesReceiving) -> None:
        self._receiving = receiving

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name and signature
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
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
            peer=str(session.peer[0]) if session.peer else "127.0.0.1",
            # aiosmtpd spells the null sender as it came.
            sender="" if envelope.mail_from in (None, "<>") else str(envelope.mail_from),
            recipients=tuple(dict.fromkeys(envelope.rcpt_tos)),
        )
        assert isinstance(envelope.content, bytes)
        try:
            message_id = await _in_thread(self._receiving.receive, arrived, envelope.content)
        except Exception:
            log.exception("a receipt rule's action failed for a mail to %s", ", ".join(arrived.recipients))
            return "451 4.3.0 A receipt rule's action failed; see the log of local AWS"
        return f"250 OK {message_id}"


async def _in_thread(function: Any, *arguments: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, partial(function, *arguments))
