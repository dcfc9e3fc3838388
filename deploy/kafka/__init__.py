"""Apache Kafka from its own jars, for a developer, the tests and the benchmarks: a real broker without Docker."""
