# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of KMS that customers manage: what the emulator leaves out about data that one encrypts.

CloudFormation gives buckets and tables the key of their template. Whoever uses such data is asked for permission to use
the key: S3, SQS and DynamoDB use such a key in the name of whoever calls them (Amazon S3 User Guide, "Using server-side
encryption with AWS KMS keys"; Amazon SQS Developer Guide, "Configuring AWS KMS permissions"; Amazon DynamoDB Developer
Guide, "Encryption at rest: how it works"). Run in the emulator's process.
"""

from __future__ import annotations

from typing import Any

_DECRYPT, _GENERATE = "kms:Decrypt", "kms:GenerateDataKey"
# What of a service needs which actions on the key; every action on the items of a table needs its table key decrypted.
_ACTIONS = {
    "s3:GetObject": (_DECRYPT,),
    "s3:GetObjectVersion": (_DECRYPT,),
    "s3:PutObject": (_GENERATE,),
    "sqs:ReceiveMessage": (_DECRYPT,),
    "sqs:SendMessage": (_DECRYPT, _GENERATE),
    **{
        f"dynamodb:{name}": (_DECRYPT,)
        for name in (
            *("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem"),
            *("Query", "Scan", "UpdateItem"),
        )
    },
}


def ask_for_keys(enforcing: Any) -> None:
    """Let ``enforcing.enforce`` ask for the key of what is used, once the use itself is allowed."""
    original = enforcing.enforce

    def enforce(
        access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **more: Any
    ) -> Any:
        refusal = original(access_key_id, iam_action, service, region, resource_arn=resource_arn, **more)
        key = None if refusal or iam_action not in _ACTIONS else key_of(resource_arn)
        if key is None:
            return refusal
        context = {"kms:ViaService": f"{iam_action.split(':')[0]}.{region}.amazonaws.com"}
        for action in _ACTIONS[iam_action]:
            refusal = original(access_key_id, action, "kms", region, resource_arn=key, service_context=context)
            if refusal:
                return refusal
        return None

    enforcing.enforce = enforce


def take_keys_from_templates(handlers: dict[str, Any]) -> None:
    """Let CloudFormation encrypt buckets and tables as their template says; the emulator ignores that."""
    for kind, encrypt in _ENCRYPT.items():
        handlers[kind].update(_encrypting(encrypt, handlers[kind]["create"], handlers[kind]["update"]))


def _encrypting(encrypt: Any, create: Any, update: Any) -> dict[str, Any]:
    def make(logical_id: str, props: dict[str, Any], *more: Any) -> Any:
        made = create(logical_id, props, *more)
        encrypt(made[0], props)
        return made

    def change(physical_id: str, old: dict[str, Any], new: dict[str, Any], *more: Any) -> Any:
        changed = update(physical_id, old, new, *more)
        encrypt(physical_id, new)
        return changed

    return {"create": make, "update": change}


def _encrypt_bucket(name: str, props: dict[str, Any]) -> None:
    from ministack.services import s3

    rules = (props.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or [{}]
    default = rules[0].get("ServerSideEncryptionByDefault") or {"SSEAlgorithm": "AES256"}
    values = "".join(f"<{tag}>{value}</{tag}>" for tag, value in default.items())
    s3._bucket_encryption[name] = (
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        f"{values}</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
    )


def _encrypt_table(name: str, props: dict[str, Any]) -> None:
    from ministack.services import dynamodb

    # That of a GlobalTable is its replica's.
    of_replicas = [one["SSESpecification"] for one in props.get("Replicas") or [] if "SSESpecification" in one]
    asked = {**(props.get("SSESpecification") or {}), **(of_replicas[0] if of_replicas else {})}
    if key := asked.get("KMSMasterKeyId"):
        description = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    else:
        description = dynamodb._sse_description_from_spec({"Enabled": bool(asked.get("SSEEnabled"))})
    dynamodb._tables[name]["SSEDescription"] = description


_ENCRYPT = {
    "AWS::S3::Bucket": _encrypt_bucket,
    "AWS::DynamoDB::Table": _encrypt_table,
    "AWS::DynamoDB::GlobalTable": _encrypt_table,
}


def key_of(resource_arn: str) -> str | None:
    """Return the ARN of the customer's key that encrypts an object, a queue or a table; None if it is AWS's."""
    service, name = resource_arn.split(":")[2], resource_arn.split(":", 5)[-1]
    key = {"s3": _of_object, "sqs": _of_queue, "dynamodb": _of_table}[service](name, resource_arn)
    return None if key is None or ":alias/aws/" in key or key.startswith("alias/aws/") else key


def _of_object(name: str, _arn: str) -> str | None:
    """Return the key of an object, or of its bucket's default for one that is not there yet."""
    from ministack.services import s3

    bucket, _slash, key = name.partition("/")
    found = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key)
    headers = s3._stored_sse_headers(found) if found else s3._bucket_default_sse_headers(bucket)
    return headers.get("x-amz-server-side-encryption-aws-kms-key-id")


def _of_queue(_name: str, arn: str) -> str | None:
    from ministack.services import sqs

    queues = (queue["attributes"] for queue in sqs._queues.values())
    return next((one.get("KmsMasterKeyId") for one in queues if one.get("QueueArn") == arn), None)


def _of_table(name: str, _arn: str) -> str | None:
    from ministack.services import dynamodb

    table = dynamodb._tables.get(name.split("/")[1]) or {}
    return (table.get("SSEDescription") or {}).get("KMSMasterKeyArn")
