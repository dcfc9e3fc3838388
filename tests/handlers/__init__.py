"""The seeded simulation of the bus with the real handlers of the six services on a real PostgreSQL (docs/faults.md)."""
