# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of each header field of a forwarded mail, by its name in lower case."""

from __future__ import annotations

ORIGINAL = b"X-Original-"
# What stands in a header and is no field is kept as the value of this one.
ORIGINAL_LINE = ORIGINAL + b"Line"
# And what stands more than once, though it may not, but for the first.
REPEATED = ORIGINAL + b"Repeated-"

# SES acts on X-SES-* (Amazon SES API Reference, SendRawEmail). A signature that covers From no longer verifies, so it
# would only make the mail look forged. Receipt requests and Errors-To would answer to the sender on the owner's
# behalf. BIMI-* would show the sender's logo. X-Forwarder-* are ours to write.
REMOVED_PREFIXES = (b"x-ses-", b"arc-", b"bimi-", b"x-forwarder-")
REMOVED = frozenset(
    {
        b"bcc",
        b"dkim-signature",
        b"disposition-notification-options",
        b"disposition-notification-to",
        b"domainkey-signature",
        b"errors-to",
        b"generate-delivery-report",
        b"read-receipt-to",
        b"resent-bcc",
        b"return-receipt-requested",
        b"return-receipt-to",
        b"x-confirm-reading-to",
        b"x-google-dkim-signature",
    }
)

# Kept for people under X-Original-*, where no software acts on them: SES wants From, Sender and Return-Path to be
# verified and may count the addresses of To and Cc; Delivered-To can make the owner's server see a loop; and results of
# authentication that came with a mail may be forged (RFC 8601 section 5).
RENAMED_PREFIXES = (b"resent-",)
RENAMED = frozenset(
    {
        b"apparently-to",
        b"authentication-results",
        b"cc",
        b"delivered-to",
        b"from",
        b"received-spf",
        b"reply-to",
        b"return-path",
        b"sender",
        b"to",
    }
)
# SES writes its own over these (Amazon SES Developer Guide, "Amazon SES header fields"): the original is kept beside.
COPIED = frozenset({b"date", b"message-id"})
# A sender's own copy of a field that we write would be taken for ours.
OURS = frozenset(ORIGINAL.lower() + name for name in RENAMED | COPIED | {b"line"})

# Amazon SES Developer Guide, "Amazon SES header fields": those that may stand only once. The first one does.
ONCE = frozenset(
    {
        b"accept-language",
        b"acceptlanguage",
        b"archived-at",
        b"auto-submitted",
        b"bounces-to",
        b"comments",
        b"content-alternative",
        b"content-base",
        b"content-class",
        b"content-description",
        b"content-disposition",
        b"content-duration",
        b"content-id",
        b"content-language",
        b"content-length",
        b"content-location",
        b"content-md5",
        b"content-transfer-encoding",
        b"content-type",
        b"date",
        b"delivered-to",
        b"disposition-notification-options",
        b"disposition-notification-to",
        b"dkim-signature",
        b"domainkey-signature",
        b"errors-to",
        b"from",
        b"importance",
        b"in-reply-to",
        b"keywords",
        b"list-archive",
        b"list-help",
        b"list-id",
        b"list-owner",
        b"list-post",
        b"list-subscribe",
        b"list-unsubscribe",
        b"list-unsubscribe-post",
        b"message-context",
        b"message-id",
        b"mime-version",
        b"organization",
        b"original-from",
        b"original-message-id",
        b"original-recipient",
        b"original-subject",
        b"precedence",
        b"priority",
        b"references",
        b"reply-to",
        b"return-path",
        b"return-receipt-to",
        b"sender",
        b"sensitivity",
        b"solicitation",
        b"subject",
        b"thread-index",
        b"thread-topic",
        b"user-agent",
        b"vbr-info",
    }
)

# Fields whose value has a grammar, with comments in parentheses (RFC 5322 3.6), beside those that are renamed.
_STRUCTURED = frozenset(
    {
        b"auto-submitted",
        b"date",
        b"in-reply-to",
        b"list-id",
        b"message-id",
        b"mime-version",
        b"received",
        b"references",
    }
)


def is_removed(key: bytes) -> bool:
    """Return whether a field, by its name in lower case, does not leave in any form."""
    return key in REMOVED or key in OURS or key.startswith((*REMOVED_PREFIXES, REPEATED.lower()))


def is_structured(key: bytes) -> bool:
    """Return whether a field, by its name in lower case as it is sent, has a grammar and is no plain text."""
    name = key.removeprefix(REPEATED.lower()).removeprefix(ORIGINAL.lower())
    return name in _STRUCTURED or name.startswith(RENAMED_PREFIXES) or (name in RENAMED and name != key)
