"""The log, its subscriptions and the keyring on PostgreSQL."""
