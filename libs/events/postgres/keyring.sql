-- The keyring. Kept apart from every log: a backup of the logs is unreadable without it.

CREATE TABLE keyring.sleutel (
    subject       uuid        PRIMARY KEY,
    soort         text        NOT NULL,
    sleutel       bytea,                      -- wrapped; NULL once destroyed
    gemaakt_op    timestamptz NOT NULL DEFAULT clock_timestamp(),
    vernietigd_op timestamptz
);

CREATE TABLE keyring.koppeling (
    subject uuid NOT NULL,
    ouder   uuid NOT NULL,
    PRIMARY KEY (subject, ouder)
);
CREATE INDEX ON keyring.koppeling (ouder);
