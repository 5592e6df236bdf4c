# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where CloudFormation on local AWS would be more forgiving than on AWS, or knows less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def test_a_stack_has_saved_queries(tmp_path: Path) -> None:
    """Ref is the id that AWS gives, an update replaces all but the id (AWS CloudFormation User Guide,
    AWS::Logs::QueryDefinition), and the query goes with the stack."""

    def template(query: str) -> str:
        properties = {"Name": "mine/by-id", "QueryString": query, "LogGroupNames": ["/one"]}
        resources = {"Saved": {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}}
        return json.dumps({"Resources": resources, "Outputs": {"Id": {"Value": {"Ref": "Saved"}}}})

    with LocalAws(tmp_path) as aws:
        logs, cloudformation = aws.client("logs"), aws.client("cloudformation")

        def saved(prefix: str = "mine/") -> list[dict[str, Any]]:
            found = logs.describe_query_definitions(queryDefinitionNamePrefix=prefix)["queryDefinitions"]
            return [{name: value for name, value in one.items() if name != "lastModified"} for one in found]

        cloudformation.create_stack(StackName="mine", TemplateBody=template("fields @message"))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        (output,) = cloudformation.describe_stacks(StackName="mine")["Stacks"][0]["Outputs"]
        one = {"queryDefinitionId": output["OutputValue"], "name": "mine/by-id", "logGroupNames": ["/one"]}
        assert saved() == [{**one, "queryString": "fields @message"}]
        cloudformation.update_stack(StackName="mine", TemplateBody=template("fields @timestamp"))
        cloudformation.get_waiter("stack_update_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        assert saved() == [{**one, "queryString": "fields @timestamp"}]
        assert saved("yours/") == []
        cloudformation.delete_stack(StackName="mine")
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        assert saved() == []
