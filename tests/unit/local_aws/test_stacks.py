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


def in_one_region(**of_replica: Any) -> dict[str, Any]:
    """Return the template of a GlobalTable with one replica."""
    replica = {"Region": {"Ref": "AWS::Region"}, **of_replica}
    properties = {"TableName": "map", **TABLE, "Replicas": [replica]}
    return {"Resources": {"Map": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}}


@pytest.mark.parametrize("template", [TEMPLATE, in_one_region()], ids=["Table", "GlobalTable"])
def test_a_stack_does_not_put_an_empty_table_over_one_that_exists(tmp_path: Path, template: dict[str, Any]) -> None:
    with LocalAws(tmp_path) as aws:
        dynamodb, cloudformation = aws.client("dynamodb"), aws.client("cloudformation")
        create_table(dynamodb)
        dynamodb.put_item(TableName="map", Item={"pk": {"S": "kept"}})
        cloudformation.create_stack(StackName="second", TemplateBody=json.dumps(template))
        with pytest.raises(WaiterError):
            cloudformation.get_waiter("stack_create_complete").wait(StackName="second", WaiterConfig={"Delay": 1})
        assert dynamodb.scan(TableName="map")["Items"] == [{"pk": {"S": "kept"}}]


def test_what_a_replica_says_holds_for_its_table(tmp_path: Path) -> None:
    """AWS CloudFormation Template Reference, AWS::DynamoDB::GlobalTable ReplicaSpecification."""
    tags = [{"Key": "team", "Value": "cloud"}]
    recovered = {"PointInTimeRecoveryEnabled": True}
    with LocalAws(tmp_path) as aws:
        dynamodb, cloudformation = aws.client("dynamodb"), aws.client("cloudformation")

        def looked_at() -> tuple[bool, str, list[dict[str, str]]]:
            table = dynamodb.describe_table(TableName="map")["Table"]
            backups = dynamodb.describe_continuous_backups(TableName="map")["ContinuousBackupsDescription"]
            return (
                table["DeletionProtectionEnabled"],
                backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
                dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"],
            )

        protected = in_one_region(DeletionProtectionEnabled=True, PointInTimeRecoverySpecification=recovered, Tags=tags)
        cloudformation.create_stack(StackName="mine", TemplateBody=json.dumps(protected))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        assert looked_at() == (True, "ENABLED", tags)
        dynamodb.put_item(TableName="map", Item={"pk": {"S": "kept"}})
        with pytest.raises(dynamodb.exceptions.ClientError, match="eletion protection"):
            dynamodb.delete_table(TableName="map")
        cloudformation.delete_stack(StackName="mine")
        with pytest.raises(WaiterError):
            cloudformation.get_waiter("stack_delete_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        assert dynamodb.scan(TableName="map")["Items"] == [{"pk": {"S": "kept"}}]


def test_a_replica_is_changed_in_place(tmp_path: Path) -> None:
    tags = [{"Key": "team", "Value": "cloud"}]
    with LocalAws(tmp_path) as aws:
        dynamodb, cloudformation = aws.client("dynamodb"), aws.client("cloudformation")
        made = in_one_region(DeletionProtectionEnabled=False)
        cloudformation.create_stack(StackName="mine", TemplateBody=json.dumps(made))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        dynamodb.put_item(TableName="map", Item={"pk": {"S": "kept"}})
        changed = in_one_region(
            DeletionProtectionEnabled=True,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            Tags=tags,
        )
        cloudformation.update_stack(StackName="mine", TemplateBody=json.dumps(changed))
        cloudformation.get_waiter("stack_update_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        table = dynamodb.describe_table(TableName="map")["Table"]
        assert table["DeletionProtectionEnabled"]
        assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == tags
        assert dynamodb.scan(TableName="map")["Items"] == [{"pk": {"S": "kept"}}]


def test_a_table_is_restored_to_a_point_in_time_only_where_that_is_enabled(tmp_path: Path) -> None:
    """Amazon DynamoDB API Reference, RestoreTableToPointInTime."""
    with LocalAws(tmp_path) as aws:
        dynamodb = aws.client("dynamodb")
        create_table(dynamodb)
        dynamodb.put_item(TableName="map", Item={"pk": {"S": "kept"}})
        names = {"SourceTableName": "map", "TargetTableName": "restored"}
        with pytest.raises(dynamodb.exceptions.PointInTimeRecoveryUnavailableException):
            dynamodb.restore_table_to_point_in_time(**names, UseLatestRestorableTime=True)
        dynamodb.update_continuous_backups(
            TableName="map", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        with pytest.raises(dynamodb.exceptions.ClientError, match="UseLatestRestorableTime"):
            dynamodb.restore_table_to_point_in_time(**names)
        restored = dynamodb.restore_table_to_point_in_time(**names, UseLatestRestorableTime=True)
        assert restored["TableDescription"]["TableStatus"] == "CREATING"
        dynamodb.get_waiter("table_exists").wait(TableName="restored", WaiterConfig={"Delay": 1})
        assert dynamodb.scan(TableName="restored")["Items"] == [{"pk": {"S": "kept"}}]


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("", "none", id="an empty list"),
        pytest.param("a", "some", id="a list of one"),
        pytest.param("a,b", "some", id="a list of two"),
    ],
)
def test_a_condition_joins_a_list_among_the_parameters(tmp_path: Path, given: str, said: str) -> None:
    """AWS CloudFormation User Guide, "Condition functions"."""
    empty = {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Names"}]}, ""]}
    template = {
        "Parameters": {"Names": {"Type": "CommaDelimitedList"}},
        "Conditions": {"Named": {"Fn::Not": [empty]}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Said": {"Value": {"Fn::If": ["Named", "some", "none"]}}},
    }
    with LocalAws(tmp_path) as aws:
        cloudformation = aws.client("cloudformation")
        parameters = [{"ParameterKey": "Names", "ParameterValue": given}]
        cloudformation.create_stack(StackName="mine", TemplateBody=json.dumps(template), Parameters=parameters)
        cloudformation.get_waiter("stack_create_complete").wait(StackName="mine", WaiterConfig={"Delay": 1})
        (output,) = cloudformation.describe_stacks(StackName="mine")["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == said
