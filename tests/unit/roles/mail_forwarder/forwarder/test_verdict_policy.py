# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verdict means for a mail, alone and together with who it says it is from."""

from __future__ import annotations

import pytest

from ansible_collections.account_factory.email.plugins.module_utils._message import split_message
from ansible_collections.account_factory.email.plugins.module_utils._notice import Verdicts
from forwarder.core.authors import Authors, read_authors
from forwarder.core.outcomes import Reason
from forwarder.core.verdict_policy import QUARANTINE, TAG, Judgement, judge

STRANGER = "a@example.org"
AWS = "no-reply@signin.aws"
NOTHING = Judgement(None, ())
SPAM = "spam"
FORGED = "sender not verified"
UNSCANNED = "not scanned for viruses"


def said(*addresses: str) -> Authors:
    """Return the authors of a mail from these addresses, which SES reads as they are."""
    field = f"From: {', '.join(addresses)}\r\n" if addresses else ""
    return read_authors(split_message(field.encode() + b"\r\n"), addresses)


def verdicts(**changes: str | None) -> Verdicts:
    return Verdicts(**{**dict.fromkeys(("spam", "virus", "spf", "dkim", "dmarc"), "PASS"), **changes})


@pytest.mark.parametrize("check", ["spam", "spf", "dkim", "dmarc"])
@pytest.mark.parametrize("word", ["PASS", "GRAY", "PROCESSING_FAILED", "DISABLED", "NEW", None])
def test_nothing_but_a_failure_says_anything_of_a_stranger(check: str, word: str | None) -> None:
    assert judge(verdicts(**{check: word}), said(STRANGER), QUARANTINE, QUARANTINE) == NOTHING


@pytest.mark.parametrize("word", ["GRAY", "PROCESSING_FAILED", "DISABLED", None])
@pytest.mark.parametrize("author", [STRANGER, AWS])
def test_what_was_not_scanned_for_viruses_is_marked(author: str, word: str | None) -> None:
    assert judge(verdicts(virus=word), said(author), QUARANTINE, QUARANTINE) == Judgement(None, (UNSCANNED,))


@pytest.mark.parametrize("policy", [TAG, QUARANTINE])
@pytest.mark.parametrize("authors", [(), (STRANGER,), (AWS,)], ids=["nobody", "stranger", "AWS"])
def test_a_virus_is_always_quarantined(policy: str, authors: tuple[str, ...]) -> None:
    judged = judge(verdicts(virus="FAIL", spam="FAIL", dmarc="FAIL"), said(*authors), policy, policy)
    assert judged.quarantined_for == "virus"


@pytest.mark.parametrize(
    ("changes", "authors", "tagged", "quarantined"),
    [
        pytest.param({"spam": "FAIL"}, (STRANGER,), (None, (SPAM,)), (Reason.SPAM, (SPAM,)), id="spam"),
        pytest.param({"spam": "FAIL"}, (), (None, (SPAM,)), (Reason.SPAM, (SPAM,)), id="spam of nobody"),
        pytest.param({"dmarc": "FAIL"}, (STRANGER,), (None, (FORGED,)), (Reason.DMARC, (FORGED,)), id="dmarc"),
        pytest.param(
            {"dmarc": "FAIL", "spam": "FAIL"},
            (STRANGER,),
            (None, (SPAM, FORGED)),
            (Reason.DMARC, (SPAM, FORGED)),
            id="both",
        ),
        pytest.param({"spf": "FAIL", "dkim": "FAIL"}, (STRANGER,), (None, ()), (None, ()), id="dmarc decides"),
    ],
)
def test_a_failure_is_tagged_or_quarantined_as_configured(
    changes: dict[str, str],
    authors: tuple[str, ...],
    tagged: tuple[Reason | None, tuple[str, ...]],
    quarantined: tuple[Reason | None, tuple[str, ...]],
) -> None:
    assert judge(verdicts(**changes), said(*authors), TAG, TAG) == Judgement(*tagged)
    assert judge(verdicts(**changes), said(*authors), QUARANTINE, QUARANTINE) == Judgement(*quarantined)


@pytest.mark.parametrize(
    "author",
    [
        "no-reply@signin.aws",
        "No-Reply@SIGNIN.AWS",
        "no-reply@login.awsapps.com",
        "no-reply-aws@amazon.com",
        "password-reset-no-reply@verify.signin.aws",
        "no-reply@sns.amazonaws.com",
        "x@aws",
    ],
)
def test_aws_is_not_held_for_spam_and_nobody_else_passes_for_it(author: str) -> None:
    assert judge(verdicts(spam="FAIL"), said(author), QUARANTINE, QUARANTINE) == NOTHING
    assert judge(verdicts(dmarc="FAIL"), said(author), TAG, TAG) == Judgement(Reason.DMARC, (FORGED,))
    for word in ("GRAY", "PROCESSING_FAILED", None):
        assert judge(verdicts(dmarc=word), said(author), TAG, TAG) == Judgement(None, (FORGED,))
        assert judge(verdicts(dmarc=word, spam="FAIL"), said(author), QUARANTINE, TAG).quarantined_for == "spam"


@pytest.mark.parametrize("authors", [(AWS, STRANGER), (STRANGER, AWS), (AWS, AWS)])
def test_aws_has_one_author(authors: tuple[str, ...]) -> None:
    assert judge(verdicts(), said(*authors), TAG, TAG) == Judgement(None, (FORGED,))
    assert judge(verdicts(spam="FAIL"), said(*authors), QUARANTINE, TAG).quarantined_for == "spam"


def test_a_mail_without_a_from_claims_to_be_its_envelope_senders() -> None:
    assert judge(verdicts(dmarc="GRAY"), said(), TAG, TAG, AWS) == Judgement(None, (FORGED,))
    assert judge(verdicts(dmarc="FAIL"), said(), TAG, TAG, AWS) == Judgement(Reason.DMARC, (FORGED,))
    assert judge(verdicts(spam="FAIL"), said(), QUARANTINE, TAG, AWS).quarantined_for == "spam"
    assert judge(verdicts(dmarc="GRAY"), said(STRANGER), TAG, TAG, AWS) == NOTHING


@pytest.mark.parametrize("author", ["a@amazon.com.example.org", "a@notamazon.com", "a@claws", "a@aws.example.org"])
def test_what_only_looks_like_aws_is_a_stranger(author: str) -> None:
    assert judge(verdicts(spam="FAIL"), said(author), QUARANTINE, TAG).quarantined_for == "spam"
    assert judge(verdicts(dmarc="FAIL"), said(author), TAG, TAG) == Judgement(None, (FORGED,))
