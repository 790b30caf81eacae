"""librdkafka: `produce.py <brokers> <topic> <count> <codec>...` writes `count` records with each codec."""

import sys

from confluent_kafka import Producer

brokers, topic, count, *codecs = sys.argv[1:]
for codec in codecs:
    producer = Producer({"bootstrap.servers": brokers, "compression.type": codec, "linger.ms": 20, "queue.buffering.max.messages": 1000000})
    failures = []
    for n in range(int(count)):
        # Every hundredth is a tombstone.
        value = None if n % 100 == 99 else '{"token":"rd-%s-%d","noise":"%s"}' % (codec, n, "ab" * (n % 50))
        producer.produce(topic, key="k%d" % n, value=value, partition=0, on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    if producer.flush(60) > 0 or failures:
        sys.exit("not delivered: %s" % failures[:1])
