"""Every crash point of the code, by the part of the campaign that passes it (docs/faults.md)."""

import re
from pathlib import Path

UP = frozenset({
    "command.after_commit", "command.before_append", "command.before_commit",
    "embedded.after_stop", "embedded.before_stop", "embedded.locked", "embedded.prepared", "embedded.started",
    "idempotency.after_store", "idempotency.before_store",
    "intake.after_batch", "intake.after_decisions", "intake.after_keys", "intake.after_verdicts", "intake.before_keys",
    "intake.single_after_keys", "intake.single_decided",
    "keyring.after_create", "keyring.after_link", "keyring.before_create", "keyring.before_link",
    "log.after_insert", "log.before_insert",
    "matching.after_brp", "matching.after_save", "matching.before_brp", "matching.before_emit",
    "migrate.after_commit", "migrate.after_password", "migrate.before_commit", "migrate.before_upgrade",
    "processor.after_apply", "processor.after_checkpoint", "processor.after_commit", "processor.after_move",
    "processor.after_prepare", "processor.before_prepare",
    "run.opened", "run.stopped", "run.stopping",
    "sessions.after_commit", "sessions.before_append", "sessions.before_commit", "sessions.registered",
    "subscription.after_read", "subscription.before_read",
    "wakeup.after_notify", "wakeup.before_notify", "wakeup.touched",
})  # fmt: skip
"""`drempel up`, from its first start to its stop."""

COMMANDS = frozenset({
    "keyring.after_erase", "keyring.before_erase",
    "rebuild.after_commit", "rebuild.before_commit", "rebuild.caught_up", "rebuild.folded",
    "rebuild.holding", "rebuild.replaced",
    "rebuild.secured", "rebuild.table_made",
})  # fmt: skip
"""`drempel rebuild` and `drempel keys erase`, beside it."""

FAILURE = frozenset({
    "parked.after_apply", "parked.after_commit", "parked.after_removal", "parked.before_removal",
    "processor.after_park", "processor.before_park", "processor.before_retry", "processor.taken_apart",
    "subscription.seek",
})  # fmt: skip
"""A consumer with poisoned events, an outside that is away and a second member (`tests.faults.member`)."""

KAFKA = frozenset({
    "kafka.after_poll", "kafka.after_save", "kafka.assigned", "kafka.before_save",
    "relay.after_ack", "relay.after_mark", "relay.after_read", "relay.after_send", "relay.leading",
})  # fmt: skip
"""The same consumer over a real Kafka, with its relay."""

ALL = UP | COMMANDS | FAILURE | KAFKA
ROOT = Path(__file__).parents[2]


def in_the_code() -> list[str]:
    """The names in libs, services and drempel, as often as they occur."""
    files = (file for folder in ("libs", "services", "drempel") for file in (ROOT / folder).rglob("*.py"))
    return [name for file in files for name in re.findall(r'crash_point\("([a-z_.]+)"\)', file.read_text())]
