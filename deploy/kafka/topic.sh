#!/bin/sh
# The topic of all case events, where it is not there yet: partitions for ever, retention without end (erasure works by
# key, and a view may be made again from the first event). KAFKA: bootstrap servers; REPLICAS: copies of each partition.
# The services make it themselves where they may; here it is for clusters on which they may not. COMMAND_CONFIG: a file
# with the settings of this client (security.protocol and so on), where the brokers want TLS or SASL.
set -eu
exec /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$KAFKA" --create --if-not-exists \
  ${COMMAND_CONFIG:+--command-config "$COMMAND_CONFIG"} \
  --topic "${TOPIC:-case-events}" --partitions 12 --replication-factor "${REPLICAS:-3}" \
  --config retention.ms=-1 --config retention.bytes=-1 --config cleanup.policy=delete \
  --config max.message.bytes=4194304
