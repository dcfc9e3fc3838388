"""The Kafka transport: a relay per service brings its log to the topic, a subscription per consumer brings it back.

Kafka carries, PostgreSQL remembers. What was published stands in the service's schema (`relay`), what was applied
in the consumer's (`checkpoint`), where to read on in the topic beside it (`kafka_offset`). The topic may be lost and
published again from the logs: positions are the source's, so nothing is done twice.
"""
