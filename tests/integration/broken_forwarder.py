# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the doctor break of a deployed forwarder, one thing each; every break returns what undoes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ansible_collections.account_factory.email.plugins.module_utils._dynamodb import to_attributes
from ansible_collections.account_factory.email.plugins.module_utils._failing_mailbox import (
    FailingMailbox,
    FailingReason,
)
from ansible_collections.account_factory.email.plugins.module_utils._map.api import Table
from ansible_collections.account_factory.email.plugins.module_utils._owner_group import (
    GROUP_PREFIX,
    OwnerGroup,
    Refusal,
)
from ansible_collections.account_factory.email.plugins.module_utils._root_access.notes import put_note, remove_note
from ansible_collections.account_factory.email.plugins.module_utils._root_recovery import Recovery
from ansible_collections.account_factory.email.plugins.module_utils._times import utc_text
from tests.integration.forwarding import BUCKET, DOMAIN, MAP, RECEIVED, STACK, Forwarding
from tests.local_aws.identity_center import STORE_ID
from tests.local_aws.ses_identities import PENDING, Verification

ADDRESS, OWNER, NEW_OWNER = f"payments-001@{DOMAIN}", "ann@example.org", "cat@example.org"
_SENDER = f"aws-accounts@{DOMAIN}"
Undo = Callable[[], object]
Break = Callable[[Forwarding], Undo]


def pause(forwarding: Forwarding) -> Undo:
    forwarding.aws.sending.enabled = False
    return lambda: setattr(forwarding.aws.sending, "enabled", True)


def name_another_sender(forwarding: Forwarding) -> Undo:
    sesv2, verifications = forwarding.client("sesv2"), forwarding.aws.verifications
    sesv2.create_email_identity(EmailIdentity=_SENDER)
    verifications.set(_SENDER, Verification(PENDING))

    def undo() -> None:
        verifications.set(_SENDER)
        forwarding.client("ses").delete_identity(Identity=_SENDER)

    return undo


def block(forwarding: Forwarding) -> Undo:
    ses = forwarding.client("ses")
    ses.create_receipt_filter(Filter={"Name": "spam", "IpFilter": {"Policy": "Block", "Cidr": "10.0.0.0/8"}})
    return lambda: ses.delete_receipt_filter(FilterName="spam")


def disable_key(forwarding: Forwarding) -> Undo:
    kms, key = forwarding.client("kms"), _own_key(forwarding)
    kms.disable_key(KeyId=key)
    return lambda: kms.enable_key(KeyId=key)


def delete_key(forwarding: Forwarding) -> Undo:
    kms, key = forwarding.client("kms"), _own_key(forwarding)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    return lambda: (kms.cancel_key_deletion(KeyId=key), kms.enable_key(KeyId=key))


def end_rotation(forwarding: Forwarding) -> Undo:
    kms, key = forwarding.client("kms"), _own_key(forwarding)
    kms.disable_key_rotation(KeyId=key)
    return lambda: kms.enable_key_rotation(KeyId=key)


def _own_key(forwarding: Forwarding) -> str:
    [stack] = forwarding.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    return str(outputs["KmsKeyArn"])


def stop(forwarding: Forwarding) -> Undo:
    functions = forwarding.client("lambda")
    functions.put_function_concurrency(FunctionName=STACK, ReservedConcurrentExecutions=0)
    return lambda: functions.delete_function_concurrency(FunctionName=STACK)


def cut_off(forwarding: Forwarding) -> Undo:
    functions = forwarding.client("lambda")
    [source] = functions.list_event_source_mappings(FunctionName=STACK)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    return lambda: functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def _without_ours(policy: str) -> str:
    """Return a policy without what the forwarder lives by."""
    document = json.loads(policy)
    kept = [one for one in document["Statement"] if not one["Sid"].startswith("Our")]
    return json.dumps({**document, "Statement": kept})


def shut_bucket(forwarding: Forwarding) -> Undo:
    s3 = forwarding.client("s3")
    before = s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=_without_ours(before))
    return lambda: s3.put_bucket_policy(Bucket=BUCKET, Policy=before)


def shut_topic(forwarding: Forwarding) -> Undo:
    sns = forwarding.client("sns")
    before = sns.get_topic_attributes(TopicArn=RECEIVED)["Attributes"]["Policy"]
    put = partial(sns.set_topic_attributes, TopicArn=RECEIVED, AttributeName="Policy")
    put(AttributeValue=_without_ours(before))
    return lambda: put(AttributeValue=before)


def _change_queue(forwarding: Forwarding, name: str, attribute: str, change: Callable[[str], str]) -> Undo:
    sqs = forwarding.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{STACK}-{name}")["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"][attribute]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={attribute: change(before)})
    return lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes={attribute: before})


def shut_queue(forwarding: Forwarding) -> Undo:
    return _change_queue(forwarding, "events", "Policy", _without_ours)


def give_up_soon(forwarding: Forwarding) -> Undo:
    return _change_queue(
        forwarding,
        "received",
        "RedrivePolicy",
        lambda before: json.dumps({**json.loads(before), "maxReceiveCount": 1}),
    )


def _subscription(forwarding: Forwarding) -> str:
    [found] = forwarding.client("sns").list_subscriptions_by_topic(TopicArn=RECEIVED)["Subscriptions"]
    return str(found["SubscriptionArn"])


def wrap(forwarding: Forwarding) -> Undo:
    sns, arn = forwarding.client("sns"), _subscription(forwarding)
    put = partial(sns.set_subscription_attributes, SubscriptionArn=arn, AttributeName="RawMessageDelivery")
    put(AttributeValue="false")
    return lambda: put(AttributeValue="true")


def unsubscribe(forwarding: Forwarding) -> Undo:
    sns, arn = forwarding.client("sns"), _subscription(forwarding)
    queue = {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:eu-west-1:111122223333:{STACK}-received"}
    dead = {"deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:111122223333:{STACK}-undelivered"}
    attributes = {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps(dead)}
    sns.unsubscribe(SubscriptionArn=arn)
    return lambda: sns.subscribe(TopicArn=RECEIVED, **queue, Attributes=attributes)


def hold_sending(forwarding: Forwarding) -> Undo:
    put = partial(forwarding.client("sesv2").put_configuration_set_sending_options, ConfigurationSetName=STACK)
    put(SendingEnabled=False)
    return lambda: put(SendingEnabled=True)


def tell_nothing(forwarding: Forwarding) -> Undo:
    sesv2 = forwarding.client("sesv2")
    named = {"ConfigurationSetName": STACK, "EventDestinationName": "events"}
    [one] = sesv2.get_configuration_set_event_destinations(ConfigurationSetName=STACK)["EventDestinations"]
    before = {name: value for name, value in one.items() if name != "Name"}
    sesv2.update_configuration_set_event_destination(**named, EventDestination={**before, "Enabled": False})
    return lambda: sesv2.update_configuration_set_event_destination(**named, EventDestination=before)


def _change_suppression(forwarding: Forwarding, **changes: Any) -> Undo:
    put = partial(forwarding.client("sesv2").put_configuration_set_suppression_options, ConfigurationSetName=STACK)
    off = {"ConditionThreshold": {"ConditionThresholdEnabled": "DISABLED"}}
    before: Mapping[str, Any] = {"SuppressedReasons": ["BOUNCE", "COMPLAINT"], "ValidationOptions": off}
    put(**{**before, **changes})
    return lambda: put(**before)


def send_to_the_suppressed(forwarding: Forwarding) -> Undo:
    return _change_suppression(forwarding, SuppressedReasons=[])


def validate(forwarding: Forwarding) -> Undo:
    on = {"ConditionThreshold": {"ConditionThresholdEnabled": "ENABLED"}}
    return _change_suppression(forwarding, ValidationOptions=on)


def fail_an_owner(forwarding: Forwarding) -> Undo:
    forwarding.mark(FailingMailbox.found(OWNER, FailingReason.BOUNCED, datetime.now(UTC)))

    def undo() -> None:
        forwarding.client("dynamodb").delete_item(TableName=MAP, Key={"pk": {"S": f"MAILBOX#{OWNER}"}})
        forwarding.vend(ADDRESS, [OWNER])

    return undo


def refuse_a_group(forwarding: Forwarding) -> Undo:
    store, directory = {"IdentityStoreId": STORE_ID}, forwarding.client("identitystore")
    name = {"FamilyName": "Doe", "GivenName": "Ann"}
    user = directory.create_user(**store, UserName="ann", DisplayName="ann", Name=name, Emails=[{"Value": OWNER}])
    group_id = str(directory.create_group(**store, DisplayName="Payments leads")["GroupId"])
    directory.create_group_membership(**store, GroupId=group_id, MemberId={"UserId": user["UserId"]})
    members = (OWNER, "bob@example.org", "eve@example.org")
    now = utc_text(datetime.now(UTC))
    group = OwnerGroup(group_id, "Payments leads", members, synced_at=now, refused=Refusal.SHRUNK, refused_at=now)
    forwarding.client("dynamodb").put_item(TableName=MAP, Item=to_attributes(group.to_item()))
    forwarding.vend(ADDRESS, [OWNER], owner_groups=[group_id])

    def undo() -> None:
        forwarding.vend(ADDRESS, [OWNER])
        forwarding.client("dynamodb").delete_item(TableName=MAP, Key={"pk": {"S": f"{GROUP_PREFIX}{group_id}"}})

    return undo


def leave_root_open(forwarding: Forwarding) -> Undo:
    aws, now = forwarding.aws, datetime.now(UTC)
    aws.organizations.grow(2)
    account_id = next(
        one["Id"] for one in aws.client("organizations").list_accounts()["Accounts"] if one["Id"] != aws.account_id
    )
    aws.root_access.user(account_id).password_created_at = now.timestamp()
    # Whoever mends it is the account's root user here, whom AWS lets do nothing of it.
    aws.root_access.refuses_root = False
    times = {"opened_at": utc_text(now - timedelta(hours=2)), "closes_at": utc_text(now - timedelta(hours=1))}
    note = Recovery(account_id, ADDRESS, opened_by="jane", reason="T-1", **times)
    assert put_note(Table(forwarding.client("dynamodb"), MAP), note, None)

    def undo() -> None:
        remove_note(Table(forwarding.client("dynamodb"), MAP), note)
        aws.root_access.refuses_root = True

    return undo


def suppress_an_owner(forwarding: Forwarding) -> Undo:
    suppressed = forwarding.aws.suppression
    suppressed.put(OWNER.capitalize(), "BOUNCE")

    def undo() -> None:
        if suppressed.reason(OWNER):
            suppressed.remove(OWNER.capitalize())

    return undo


def _vend(owners: list[str], forwarding: Forwarding) -> Undo:
    forwarding.vend(ADDRESS, owners)
    return lambda: forwarding.vend(ADDRESS, [OWNER])


def silence(forwarding: Forwarding) -> Undo:
    cloudwatch, names = forwarding.client("cloudwatch"), [f"{STACK}-dead-letters"]
    cloudwatch.disable_alarm_actions(AlarmNames=names)
    return lambda: cloudwatch.enable_alarm_actions(AlarmNames=names)


def tell_nobody(forwarding: Forwarding) -> Undo:
    sns, topic = forwarding.client("sns"), f"arn:aws:sns:eu-west-1:111122223333:{STACK}-alarms"
    [one] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    return lambda: sns.subscribe(TopicArn=topic, Protocol=one["Protocol"], Endpoint=one["Endpoint"])


def unprotect(forwarding: Forwarding) -> Undo:
    dynamodb = forwarding.client("dynamodb")
    dynamodb.update_table(TableName=MAP, DeletionProtectionEnabled=False)
    return lambda: dynamodb.update_table(TableName=MAP, DeletionProtectionEnabled=True)


def end_backups(forwarding: Forwarding) -> Undo:
    put = partial(forwarding.client("dynamodb").update_continuous_backups, TableName=f"{STACK}-deliveries")
    put(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False})
    return lambda: put(PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


# By what is done to the forwarder: the check that it turns, how, and how it is done. The remedy is a command.
BROKEN: dict[str, tuple[str, str, Break]] = {
    "sending is paused": ("sending", "fail", pause),
    "an identity of the sender alone": ("from_address", "fail", name_another_sender),
    "an IP address filter": ("ip_filters", "warn", block),
    "the key is disabled": ("own_key", "fail", disable_key),
    "the key is being deleted": ("own_key", "fail", delete_key),
    "the key is not rotated": ("own_key", "warn", end_rotation),
    "a function is stopped": ("function_states", "fail", stop),
    "a queue calls no function": ("event_sources", "fail", cut_off),
    "the bucket does not let SES in": ("bucket_policy", "fail", shut_bucket),
    "a topic does not let SES in": ("topic_policies", "fail", shut_topic),
    "a queue does not let its topic in": ("queue_policies", "fail", shut_queue),
    "a topic wraps what it hands over": ("subscriptions", "fail", wrap),
    "a topic has nobody to hand over to": ("subscriptions", "fail", unsubscribe),
    "a queue gives up too soon": ("queues", "fail", give_up_soon),
    "the configuration set sends nothing": ("configuration_set", "fail", hold_sending),
    "the configuration set tells nothing": ("configuration_set", "fail", tell_nothing),
    "mail to suppressed addresses is sent": ("suppression", "warn", send_to_the_suppressed),
    "SES validates addresses": ("validation", "fail", validate),
    "an owner fails": ("failing_owners", "fail", fail_an_owner),
    "an owner is suppressed": ("suppressed_owners", "fail", suppress_an_owner),
    "an owner in the domain": ("owners_in_domains", "fail", partial(_vend, [OWNER, f"other@{DOMAIN}"])),
    "an address without owners": ("unowned_addresses", "fail", partial(_vend, [])),
    "a group's change is not taken over": ("owner_groups", "warn", refuse_a_group),
    "a recovery is overdue": ("root_recoveries", "warn", leave_root_open),
    "an alarm is silenced": ("alarms", "warn", silence),
    "the alarms tell nobody": ("alarm_subscriptions", "warn", tell_nobody),
    "the map is not protected": ("map_protection", "warn", unprotect),
    "no backups of the deliveries": ("delivery_recovery", "warn", end_backups),
}
