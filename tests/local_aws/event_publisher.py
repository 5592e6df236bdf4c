# SPDX-FileCopyrightText: 2026 The account_factory.email authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes SES's events to the topics of a configuration set's event destinations, if they let SES in."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.local_aws.ses_events import EVENT_TYPES, Event

log = logging.getLogger(__name__)

SUBJECT = "Amazon SES Email Event Notification"
# What a topic gets first of all, and it is no JSON: reported by whoever reads events from a topic, such as
# ope-tech/laravel-ses#10. SES sends it when the event destination is made; here it comes before its first event.
VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."


class Destinations(Protocol):
    """Where events go, and whether they may."""

    account_id: str
    region: str

    def event_destinations(self, configuration_set: str) -> list[dict[str, Any]]: ...
    def may_publish(self, topic_arn: str, source_arn: str) -> bool: ...
    def publish_text(self, topic_arn: str, subject: str, text: str) -> None: ...


@dataclass
class EventPublisher:
    """Publishes each event once to each destination that asks for its type, the events of a message in a thread.

    ``published`` and ``dropped`` are what was done: (topic, event). Events that a topic's policy denies are lost
    (Amazon SES Developer Guide, "Set up an Amazon SNS event destination for event publishing": SES needs the
    permission).
    """

    destinations: Destinations
    published: list[tuple[str, Event]] = field(default_factory=list)
    dropped: list[tuple[str, Event]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _under_way: int = 0
    _validated: set[tuple[str, str, str]] = field(default_factory=set)

    def prepare(self, configuration_set: str, events: Sequence[Event]) -> Callable[[], None]:
        """Return what begins to publish, and returns at once; whoever settles waits for it from now on."""
        with self._changed:
            self._under_way += 1
        thread = threading.Thread(target=self._publish_all, args=(configuration_set, events), daemon=True)
        return thread.start

    def settle(self, timeout: float = 60) -> None:
        """Wait until all that is under way is published; TimeoutError after ``timeout`` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way == 0, timeout):
                raise TimeoutError(f"{self._under_way} messages have events that are not published yet")

    def _publish_all(self, configuration_set: str, events: Sequence[Event]) -> None:
        try:
            wanted = [one for one in self.destinations.event_destinations(configuration_set) if "SnsDestination" in one]
            for event in events:
                for destination in wanted:
                    if destination.get("Enabled") and event["eventType"] in _types(destination):
                        self._publish_one(configuration_set, destination, event)
        except Exception:
            log.exception("events of the configuration set %s are lost", configuration_set)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _publish_one(self, configuration_set: str, destination: dict[str, Any], event: Event) -> None:
        topic = destination["SnsDestination"]["TopicArn"]
        place = f"arn:aws:ses:{self.destinations.region}:{self.destinations.account_id}"
        if not self.destinations.may_publish(topic, f"{place}:configuration-set/{configuration_set}"):
            log.warning("%s of %s dropped: %s lets SES not in", event["eventType"], event["mail"]["messageId"], topic)
            self.dropped.append((topic, event))
            return
        if self._is_new(configuration_set, destination["Name"], topic):
            self.destinations.publish_text(topic, SUBJECT, VALIDATION)
        # Real records end with a line feed.
        self.destinations.publish_text(topic, SUBJECT, json.dumps(event) + "\n")
        self.published.append((topic, event))

    def _is_new(self, *destination: str) -> bool:
        key = (destination[0], destination[1], destination[2])
        with self._changed:
            new = key not in self._validated
            self._validated.add(key)
        return new


def _types(destination: dict[str, Any]) -> set[str]:
    """Return the types that a destination asks for, as they stand in events."""
    return {EVENT_TYPES[name] for name in destination.get("MatchingEventTypes", []) if name in EVENT_TYPES}
