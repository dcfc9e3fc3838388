-- The log of one service and what its consumers keep. {schema} is the service's name.
-- The log is the outbox: an event exists once its transaction committed, and nothing is published that is not in it.

CREATE TABLE {schema}.log (
    position   bigint      PRIMARY KEY,
    stream     text        NOT NULL,
    version    integer     NOT NULL,
    id         uuid        NOT NULL UNIQUE,
    type       text        NOT NULL,
    tenant     text,
    tx_id      xid8        NOT NULL DEFAULT pg_current_xact_id(),  -- so that ordering by transaction stays a reader's change
    envelope   bytea       NOT NULL,
    UNIQUE (stream, version)
);

-- One row. Its row lock, taken last and held until commit, makes position the order of commit and leaves no holes.
CREATE TABLE {schema}.head (
    one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
    position   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO {schema}.head DEFAULT VALUES;

CREATE TABLE {schema}.checkpoint (
    consumer   text        NOT NULL,
    source     text        NOT NULL,
    partition  integer     NOT NULL,
    position   bigint      NOT NULL,
    PRIMARY KEY (consumer, source, partition)
) WITH (fillfactor = 50);

-- Where a consumer reads on in the Kafka topic: never ahead of its checkpoints, behind is harmless.
CREATE TABLE {schema}.kafka_offset (
    consumer   text        NOT NULL,
    partition  integer     NOT NULL,
    next       bigint      NOT NULL,
    PRIMARY KEY (consumer, partition)
) WITH (fillfactor = 50);

-- One row: up to which position the log is published, and the last position per partition of the topic.
CREATE TABLE {schema}.relay (
    one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
    position   bigint      NOT NULL DEFAULT 0,
    last       bigint[]    NOT NULL DEFAULT '{}'
) WITH (fillfactor = 10);
INSERT INTO {schema}.relay DEFAULT VALUES;

CREATE TABLE {schema}.parked (
    consumer   text        NOT NULL,
    source     text        NOT NULL,
    position   bigint      NOT NULL,
    partition  integer     NOT NULL,
    subject    text        NOT NULL,
    type       text        NOT NULL,
    envelope   bytea       NOT NULL,
    reason     text        NOT NULL,
    parked_op  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, source, position)
);
CREATE INDEX ON {schema}.parked (consumer, source, subject);

-- What an operator left out for good, and why: never applied, and no fold anew has it either.
CREATE TABLE {schema}.skipped (
    consumer   text        NOT NULL,
    source     text        NOT NULL,
    position   bigint      NOT NULL,
    subject    text        NOT NULL,
    type       text        NOT NULL,
    reason     text        NOT NULL,      -- why it was parked
    reden      text        NOT NULL,      -- why it is left out, in the operator's words: no personal data
    door       text        NOT NULL,
    skipped_op timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, source, position)
);

CREATE TABLE {schema}.idempotentie (
    client     text        NOT NULL,
    bewerking  text        NOT NULL,
    sleutel    text        NOT NULL,
    vingerafdruk bytea     NOT NULL,
    status     integer     NOT NULL,
    antwoord   jsonb       NOT NULL,
    locatie    text,
    gemaakt_op timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client, bewerking, sleutel)
);
CREATE INDEX ON {schema}.idempotentie (gemaakt_op);

-- Logboek Dataverwerkingen: one line per person whose data were read, written before the data leave.
CREATE TABLE {schema}.logboek (
    trace_id   text        NOT NULL,
    verwerking text        NOT NULL,
    betrokkene uuid        NOT NULL,
    door       text        NOT NULL,
    begin_op   timestamptz NOT NULL,
    eind_op    timestamptz NOT NULL DEFAULT clock_timestamp()
);
