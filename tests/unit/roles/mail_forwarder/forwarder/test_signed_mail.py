# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signature of S/MIME (RFC 8551) that holds for what was sent holds for what arrives; openssl signs and verifies."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import MAILS, VENDED, Deployed, ses_event

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="the openssl program is not installed")

# What careless software changes: white space at line ends, lines that begin with a dot or with From, 8-bit octets,
# control characters and blank lines at the end.
TEXT = (
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n"
    b"The recovery code is 482913. \r\n"
    b".\r\n"
    b"From now on it is valid for one day:\t\r\n"
    b"Gr\xc3\xbc\xc3\x9fe\x0c\r\n\r\n\r\n"
)
BINARY = (
    b'Content-Type: application/octet-stream; name="key.bin"\r\n'
    b"Content-Transfer-Encoding: binary\r\n\r\n"
    + bytes(octet for octet in range(256) if octet not in (10, 13))
    + b"\r\n"
)
# A mail program signs the inner header too; ours must not touch the From in it.
MESSAGE = b"Content-Type: message/rfc822\r\n\r\nFrom: Carol <carol@example.net>\r\nBcc: x@example.net\r\n\r\nHello.\r\n"


@dataclass(frozen=True)
class Signer:
    """Somebody with a certificate of their own making, in a folder that also takes what openssl reads."""

    folder: Path

    def make_key(self) -> None:
        key = "-newkey rsa:2048 -nodes -keyout key.pem -addext extendedKeyUsage=emailProtection -out certificate.pem"
        self._run("req", "-x509", *key.split(), "-subj", "/CN=Billing/emailAddress=billing@example.org")

    def sign(self, entity: bytes, *options: str) -> bytes:
        """Return a mail with a signed entity, as its sender's mail program hands it to SMTP."""
        (self.folder / "entity").write_bytes(entity)
        signing = "-sign -binary -md sha256 -signer certificate.pem -inkey key.pem -in entity -out signed.eml"
        header = ("-from", "Billing <billing@example.org>", "-to", VENDED, "-subject", "Signed, as it says")
        self._run("cms", *signing.split(), *header, *options)
        # openssl ends the lines that it writes itself with LF alone; SMTP ends each with CRLF (RFC 5321 2.3.8).
        return (self.folder / "signed.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def verify(self, mail: bytes, *options: str) -> bytes | None:
        """Return the entity that a mail's signature vouches for, None if it vouches for nothing."""
        (self.folder / "received.eml").write_bytes(mail)
        verifying = "-verify -binary -crlfeol -CAfile certificate.pem -in received.eml -out verified"
        verified = self._run("cms", *verifying.split(), *options, check=False)
        return (self.folder / "verified").read_bytes() if verified.returncode == 0 else None

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(OPENSSL), *arguments], cwd=self.folder, check=check, capture_output=True)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    made = Signer(tmp_path_factory.mktemp("signer"))
    made.make_key()
    return made


def forwarded(deployed: Deployed, mail: bytes) -> bytes:
    deployed.vend(VENDED, "ann@example.com")
    deployed.store(mail)
    assert deployed.handle(ses_event()) == {"batchItemFailures": []}
    (sent,) = deployed.ses.sent
    return bytes(sent["Content"]["Raw"]["Data"])


@pytest.mark.parametrize("options", [(), ("-nodetach",)], ids=["multipart/signed", "application/pkcs7-mime"])
@pytest.mark.parametrize("entity", [TEXT, BINARY, MESSAGE], ids=["text", "binary", "message"])
def test_the_signature_of_a_forwarded_mail_verifies(
    entity: bytes, options: tuple[str, ...], signer: Signer, deployed: Deployed
) -> None:
    mail = signer.sign(entity, *options)
    assert signer.verify(mail) == entity

    received = forwarded(deployed, mail)
    assert received.partition(b"\r\n")[0].startswith(b'From: "Billing (billing at example.org) via AWS accounts"')
    assert signer.verify(received) == entity


@pytest.mark.parametrize(
    "piece", [b"482913. ", b"\r\n.\r\n", b"\nFrom ", b"\t\r\n", "ü".encode(), b"\x0c", b"\r\n\r\n\r\n"]
)
def test_a_change_of_what_was_sent_is_noticed(piece: bytes, signer: Signer, deployed: Deployed) -> None:
    """What the test above looks for can be found."""
    received = forwarded(deployed, signer.sign(TEXT))
    assert received.count(piece) == 1
    for changed in (piece[:-1], piece + b"x", piece[:-1] + bytes([piece[-1] ^ 1])):
        assert signer.verify(received.replace(piece, changed)) is None


def test_the_signed_mail_of_the_corpus_is_one(signer: Signer, deployed: Deployed) -> None:
    """Nobody keeps its key; the certificate that it holds is enough."""
    mail = (MAILS / "bodies" / "smime-signed.eml").read_bytes()
    entity = signer.verify(forwarded(deployed, mail), "-noverify")
    assert entity is not None
    assert b"482913" in entity
    assert signer.verify(mail.replace(b"482913", b"482914"), "-noverify") is None
