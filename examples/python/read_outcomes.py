"""Tells what became of every verification, a line of JSON for each, until it is stopped (Ctrl-C or SIGTERM)."""

import json
import os
import signal
import sys

from confluent_kafka import Consumer, KafkaError, KafkaException

from inbox import Inbox, conclusion_of, reason_of


def attributes_of(message):
    """The CloudEvents attributes in the headers, by their own names."""
    headers = message.headers() or []
    return {name[3:]: value.decode() for name, value in headers if name.startswith("ce_") and value is not None}


def conclude(message, inbox):
    attributes = attributes_of(message)
    outcome = json.loads(message.value())
    taken = inbox.take(attributes["source"], attributes["id"], outcome)
    if taken in ("FIRST", "REVISED"):
        line = {
            "verificationId": outcome["verificationId"],
            "revision": outcome["revision"],
            "conclusion": conclusion_of(outcome["outcome"]),
            "outcome": outcome["outcome"],
            "reason": reason_of(outcome["reasons"]),
            "advice": outcome["retryAdvice"],
        }
        print(json.dumps(line), flush=True)


def main():
    stopping = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.append(True))
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ.get("VF_KAFKA_BROKERS", "127.0.0.1:29092"),
            "group.id": os.environ.get("OUTCOMES_GROUP_ID", "outcomes-in-python"),
            # What was decided while this group was not there yet counts as well.
            "auto.offset.reset": "earliest",
            # An offset is stored, and then committed, only after its outcome has been taken.
            "enable.auto.offset.store": False,
        }
    )
    consumer.subscribe([os.environ.get("VF_KAFKA_OUTCOME_TOPIC", "faceid.verification.outcome.v1")])
    inbox = Inbox()
    try:
        while not stopping:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                if message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART or message.error().retriable():
                    print(message.error(), file=sys.stderr)
                    continue
                raise KafkaException(message.error())
            # A tombstone erases an outcome; there is nothing to conclude from it.
            if message.value() is not None:
                conclude(message, inbox)
            consumer.store_offsets(message)
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
