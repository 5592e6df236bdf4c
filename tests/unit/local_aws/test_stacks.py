# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where CloudFormation on local AWS would be more forgiving than on AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import WaiterError

from tests.local_aws import LocalAws
from tests.map_table import TABLE, create_table

TEMPLATE = {"Resources": {"Map": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "map", **TABLE}}}}


def test_a_stack_does_not_put_an_empty_table_over_one_that_exists(tmp_path: Path) -> None:
    with LocalAws(tmp_path) as aws:
        dynamodb, cloudformation = aws.client("dynamodb"), aws.client("cloudformation")
        create_table(dynamodb)
        dynamodb.put_item(TableName="map", Item={"pk": {"S": "kept"}})
        cloudformation.create_stack(StackName="second", TemplateBody=json.dumps(TEMPLATE))
        with pytest.raises(WaiterError):
            cloudformation.get_waiter("stack_create_complete").wait(StackName="second", WaiterConfig={"Delay": 1})
        assert dynamodb.scan(TableName="map")["Items"] == [{"pk": {"S": "kept"}}]
