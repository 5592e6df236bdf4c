# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which topics get an event, and which do not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.local_aws.event_publisher import VALIDATION, EventPublisher

SET_ARN = "arn:aws:ses:eu-west-1:1:configuration-set/forwarder"


@dataclass
class _Destinations:
    account_id: str = "1"
    region: str = "eu-west-1"
    texts: list[tuple[str, str]] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def event_destinations(self, configuration_set: str) -> list[dict[str, Any]]:
        assert configuration_set == "forwarder"
        return [
            _to("bounces", "BOUNCE", "DELIVERY_DELAY"),
            _to("denied", "BOUNCE"),
            {**_to("off", "BOUNCE"), "Enabled": False},
            {"Name": "metrics", "Enabled": True, "MatchingEventTypes": ["BOUNCE"], "CloudWatchDestination": {}},
        ]

    def may_publish(self, topic_arn: str, source_arn: str) -> bool:
        self.asked.add((topic_arn, source_arn))
        return topic_arn != "denied"

    def publish_text(self, topic_arn: str, subject: str, text: str) -> None:
        assert subject == "Amazon SES Email Event Notification"
        self.texts.append((topic_arn, text))


def _to(topic: str, *types: str) -> dict[str, Any]:
    return {
        "Name": topic,
        "Enabled": True,
        "MatchingEventTypes": [*types],
        "SnsDestination": {"TopicArn": topic},
    }


def test_events_go_to_the_topics_that_ask_for_them_and_let_ses_in() -> None:
    destinations = _Destinations()
    publisher = EventPublisher(destinations)
    events = [
        {"eventType": kind, "mail": {"messageId": "m"}} for kind in ("Send", "Bounce", "DeliveryDelay", "Delivery")
    ]
    publisher.prepare("forwarder", events)()
    publisher.settle()
    # A topic first gets what is no event at all.
    assert destinations.texts[0] == ("bounces", VALIDATION)
    assert [(topic, json.loads(text)["eventType"]) for topic, text in destinations.texts[1:]] == [
        ("bounces", "Bounce"),
        ("bounces", "DeliveryDelay"),
    ]
    assert [(topic, event["eventType"]) for topic, event in publisher.dropped] == [("denied", "Bounce")]
    assert destinations.asked == {("bounces", SET_ARN), ("denied", SET_ARN)}
    publisher.prepare("forwarder", events[1:2])()
    publisher.settle()
    assert [text for _unused, text in destinations.texts].count(VALIDATION) == 1
