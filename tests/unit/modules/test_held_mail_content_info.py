# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's real main() against moto: where a mail is found, what is told of it, and its errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from ansible_collections.account_factory.email.plugins.module_utils._held_mail import content
from ansible_collections.account_factory.email.plugins.modules import held_mail_content_info
from tests.aws_errors import aws_error, noted_calls, refuse
from tests.unit.conftest import RunModule

INFO = held_mail_content_info.main
BUCKET = "mail-forwarder-mail-123456789012-eu-west-1"
MAIL = (
    b"Received: from evil.example\r\n"
    b"From: =?utf-8?q?AWS=1B[2J?= <root@evil.example>\r\n"
    b"Subject: Pay https://evil.example/\xe2\x80\xaefdp.exe\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n"
    b"\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    b'--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename="bill.zip"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n--b--\r\n"
)


# The days for which each forwarder keeps mail.
DAYS = {"mail-forwarder": "90", "for-ever": "0"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a client of moto's S3, and answer for CloudFormation, which needs more here than moto alone."""
    with mock_aws():
        call = BaseClient._make_api_call
        monkeypatch.setattr(
            BaseClient,
            "_make_api_call",
            lambda self, name, parameters: (
                stack(parameters["StackName"]) if name == "DescribeStacks" else call(self, name, parameters)
            ),
        )
        client = boto3.client("s3", region_name="eu-west-1")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield client


def stack(name: str) -> dict[str, Any]:
    if name not in DAYS:
        raise aws_error("ValidationError", "DescribeStacks", message=f"Stack with id {name} does not exist")
    values = {"MailBucket": BUCKET, "MapTable": "map", "MailDays": DAYS[name]}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    return {"Stacks": [{"StackName": name, "Parameters": parameters, "Outputs": []}]}


def put(s3: Any, key: str, data: bytes = MAIL) -> None:
    s3.put_object(Bucket=BUCKET, Key=key, Body=data)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_quarantined_mail_is_shown(run_module: RunModule, s3: Any, check_mode: bool) -> None:
    put(s3, "quarantine/m1")
    put(s3, "quarantine/m1.json", b"{}")
    put(s3, "mail/m1", b"Subject: another\r\n\r\n")
    result = run_module(INFO, check_mode, message_id="m1")
    assert not result["changed"]
    assert result["held_mail_content"] == {
        "message_id": "m1",
        "kind": "quarantined",
        "key": "quarantine/m1",
        "size": len(MAIL),
        "is_readable": True,
        "problem": None,
        "header_fields": [
            {"name": "Received", "value": "from evil[.]example"},
            {"name": "From", "value": "AWS [2J <root@evil[.]example>"},
            {"name": "Subject", "value": "Pay https evil[.]example/ fdp[.]exe"},
            {"name": "Content-Type", "value": "multipart/mixed; boundary=b"},
        ],
        "header_fields_omitted": 0,
        "parts": [
            {"content_type": "multipart/mixed", "disposition": None, "filename": None, "size": None, "depth": 0},
            {"content_type": "text/plain", "disposition": None, "filename": None, "size": 5, "depth": 1},
            {
                "content_type": "application/zip",
                "disposition": "attachment",
                "filename": "bill[.]zip",
                "size": 4,
                "depth": 1,
            },
        ],
        "has_more_parts": False,
    }


def test_a_mail_that_is_not_quarantined_is_shown_where_ses_put_it(run_module: RunModule, s3: Any) -> None:
    put(s3, "quarantine/m1x")
    put(s3, "quarantine/m1.json", b"{}")
    put(s3, "mail/m1", b"Subject: a\r\n\r\n")
    found = run_module(INFO, message_id="m1")["held_mail_content"]
    assert (found["kind"], found["key"], found["header_fields"][0]["value"]) == ("received", "mail/m1", "a")


def test_a_mail_that_cannot_be_taken_apart_is_told_of(run_module: RunModule, s3: Any) -> None:
    put(s3, "mail/m1", b"\x00\xff" * 10)
    found = run_module(INFO, message_id="m1")["held_mail_content"]
    assert (found["size"], found["is_readable"], found["parts"]) == (20, False, [])
    assert "no header" in found["problem"]


def test_a_mail_that_is_too_large_is_not_read(run_module: RunModule, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, "mail/m1")
    monkeypatch.setattr(content, "SIZE_MAX", len(MAIL) - 1)
    noted = noted_calls(monkeypatch)
    found = run_module(INFO, message_id="m1")["held_mail_content"]
    assert (found["size"], found["is_readable"]) == (len(MAIL), False)
    assert "GetObject" not in noted


def test_a_mail_that_is_not_there_may_have_expired(
    run_module: RunModule, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "mail/m10")
    noted = noted_calls(monkeypatch)
    result = run_module(INFO, message_id="m1")
    assert noted == ["DescribeStacks", "ListObjectsV2", "ListObjectsV2"]
    assert "there is no mail m1 in the bucket: it came more than 90 days ago" in result["msg"]
    assert "it was deleted, or there was none" in run_module(INFO, message_id="m1", stack_name="for-ever")["msg"]


def test_a_mail_that_goes_between_two_calls_is_not_there(
    run_module: RunModule, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "quarantine/m1")
    noted = refuse(monkeypatch, "GetObject", "NoSuchKey")
    assert "there is no mail m1" in run_module(INFO, message_id="m1")["msg"]
    assert noted == ["DescribeStacks", "ListObjectsV2", "GetObject", "ListObjectsV2"]


@pytest.mark.parametrize(
    ("operation", "code", "says"),
    [
        pytest.param(
            "ListObjectsV2", "AccessDenied", "Failed to list s3://.*/quarantine/m1: .*s3:ListBucket on", id="list"
        ),
        pytest.param("GetObject", "AccessDenied", "Failed to read s3://.*/m1: .*s3:GetObject on quarantine", id="read"),
        pytest.param("ListObjectsV2", "NoSuchBucket", "The bucket was deleted", id="no bucket"),
        pytest.param("DescribeStacks", "AccessDenied", "Failed to look up the stack mail-forwarder", id="stack"),
    ],
)  # fmt: skip
def test_what_is_refused_is_never_said_not_to_be_there(
    run_module: RunModule, s3: Any, monkeypatch: pytest.MonkeyPatch, operation: str, code: str, says: str
) -> None:
    put(s3, "quarantine/m1")
    refuse(monkeypatch, operation, code)
    result = run_module(INFO, message_id="m1")
    assert result["failed"]
    assert re.search(says, result["msg"]), result["msg"]
    assert result["error"]["code"] == code


def test_what_passes_is_tried_again(run_module: RunModule, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, "quarantine/m1")
    refuse(monkeypatch, "GetObject", "SlowDown", times=2)
    assert run_module(INFO, message_id="m1")["held_mail_content"]["is_readable"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param({"message_id": "../mail/m1"}, "message_id: .* no slash", id="a path"),
        pytest.param({"message_id": ""}, "message_id: '' is not the id", id="nothing"),
        pytest.param({"message_id": "m1", "stack_name": "none"}, "stack_name: there is no forwarder none", id="stack"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_what_cannot_work_is_refused(run_module: RunModule, options: dict[str, Any], says: str) -> None:
    assert re.search(says, run_module(INFO, **options)["msg"])
