# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in the emulator as on AWS: kept, protected, and restored to a point in time.

Runs in the emulator's process (see emulator_process.py); the emulator's own modules are handed in.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

TABLE, GLOBAL_TABLE = "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"
# What a replica of a GlobalTable says for itself, which of a Table the table does (AWS CloudFormation Template
# Reference, AWS::DynamoDB::GlobalTable ReplicaSpecification).
_OF_REPLICA = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "TableClass", "Tags")
# Settings of several regions or of provisioned capacity, which no template here has.
_OF_OTHERS = ("MultiRegionConsistency", "GlobalTableWitnesses", "GlobalTableSourceArn", "StreamSpecification")
# On AWS a restore takes minutes. This is long enough to be waited for.
_RESTORE_SECONDS = 0.5


def as_table(props: dict[str, Any], region: str) -> dict[str, Any]:
    """Return the properties of a GlobalTable with one replica, in ``region``, as those of a Table.

    AWS takes a GlobalTable in a stack only with a replica in the stack's region; others the emulator does not have.
    """
    replicas = props.get("Replicas") or []
    if [replica.get("Region") for replica in replicas] != [region]:
        raise ValueError(f"{GLOBAL_TABLE}: local AWS has one region: Replicas has to be one replica in {region}")
    if refused := [name for name in _OF_OTHERS if name in props]:
        raise ValueError(f"{GLOBAL_TABLE}: not understood here: {', '.join(refused)}")
    own = {name: replicas[0][name] for name in _OF_REPLICA if name in replicas[0]}
    if "SSESpecification" in replicas[0]:  # its key alone
        own["SSESpecification"] = {**props.get("SSESpecification", {}), **replicas[0]["SSESpecification"]}
    return {**{name: value for name, value in props.items() if name != "Replicas"}, **own}


def provision(provisioners: Any, dynamodb: Any, region_of_request: Any) -> None:
    """Let CloudFormation make tables as they are described, and neither replace nor delete what it must not.

    The emulator puts an empty table over one that is there, deletes a protected one, leaves point-in-time recovery out,
    and all that a replica says.
    """
    handlers = provisioners._RESOURCE_HANDLERS[TABLE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def recover(name: str, props: dict[str, Any]) -> None:
        specification = props.get("PointInTimeRecoverySpecification") or {}
        dynamodb._pitr_settings[name] = _is_true(specification.get("PointInTimeRecoveryEnabled"))

    def create_unless_there(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        if props.get("TableName") in dynamodb._tables:
            raise ValueError(f"{props['TableName']} already exists")
        made = create(logical_id, props, stack_name)
        recover(made[0], props)
        return made

    def update_in_place(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
    ) -> Any:
        kept = update(physical_id, old, new, stack_name, logical_id)
        recover(kept[0], new)
        if old.get("Tags") != new.get("Tags"):
            dynamodb._tags[dynamodb._tables[kept[0]]["TableArn"]] = list(new.get("Tags") or [])
        return kept

    def delete_unless_protected(physical_id: str, props: dict[str, Any]) -> None:
        if (dynamodb._tables.get(physical_id) or {}).get("DeletionProtectionEnabled"):
            raise ValueError(f"{physical_id} is protected against deletion")
        dynamodb._pitr_settings.pop(physical_id, None)
        delete(physical_id, props)

    handlers |= {"create": create_unless_there, "update": update_in_place, "delete": delete_unless_protected}
    provisioners._RESOURCE_HANDLERS[GLOBAL_TABLE] = {
        "create": lambda logical_id, props, stack_name: create_unless_there(
            logical_id, as_table(props, region_of_request()), stack_name
        ),
        "update": lambda physical_id, old, new, stack_name: update_in_place(
            physical_id, as_table(old, region_of_request()), as_table(new, region_of_request()), stack_name
        ),
        "delete": delete_unless_protected,
    }


def restore_to_point_in_time(dynamodb: Any, error: Any) -> None:
    """Let RestoreTableToPointInTime refuse and take its time as AWS does.

    Amazon DynamoDB API Reference, RestoreTableToPointInTime: it needs point-in-time recovery, one of a time and the
    latest; the new table is CREATING at first. Which table it comes from is told. That the emulator restores what there
    is now, whatever the time, is left.
    """
    original = dynamodb._restore_table_to_point_in_time

    def restore(data: dict[str, Any]) -> Any:
        source = data.get("SourceTableName") or str(data.get("SourceTableArn")).rpartition("/")[2]
        if source in dynamodb._tables and not dynamodb._pitr_settings.get(source):
            text = f"Point in time recovery is not enabled for table '{source}'"
            return error("PointInTimeRecoveryUnavailableException", text, 400)
        if bool(data.get("UseLatestRestorableTime")) == ("RestoreDateTime" in data):
            return error("ValidationException", "Give RestoreDateTime or UseLatestRestorableTime", 400)
        if float(data.get("RestoreDateTime", 0)) > time.time():
            return error("InvalidRestoreTimeException", "RestoreDateTime is later than the latest restorable time", 400)
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        table = dynamodb._tables[data["TargetTableName"]]
        table["TableStatus"] = "CREATING"
        table["RestoreSummary"] = {
            "SourceTableArn": dynamodb._tables[source]["TableArn"],
            "RestoreDateTime": int(time.time()),
            "RestoreInProgress": False,
        }
        timer = threading.Timer(_RESTORE_SECONDS, table.update, [{"TableStatus": "ACTIVE"}])
        timer.daemon = True
        timer.start()
        answer = json.loads(body)
        answer["TableDescription"]["TableStatus"] = "CREATING"
        return status, headers, json.dumps(answer).encode("utf-8")

    dynamodb._restore_table_to_point_in_time = restore
    describe = dynamodb._table_description

    def description(name: str, *more: Any) -> Any:
        found = describe(name, *more)
        summary = (dynamodb._tables.get(name) or {}).get("RestoreSummary")
        return {**found, "RestoreSummary": summary} if summary else found

    dynamodb._table_description = description


def _is_true(value: Any) -> bool:
    """Return a boolean of a template, which may be text."""
    return value is True or value == "true"
