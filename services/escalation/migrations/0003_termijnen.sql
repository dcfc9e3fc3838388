-- What was said of the clocks of a case. Without RLS nobody could tell a municipality's own clocks from another's.
CREATE TABLE termijn (
    termijn_id      uuid PRIMARY KEY,
    tenant          text NOT NULL,
    zaak_id         uuid NOT NULL,
    soort           text NOT NULL,
    bron            text NOT NULL,
    oorzaak         uuid NOT NULL,              -- melding, signal, eviction or fact it follows from
    begin           date NOT NULL,
    uiterlijk       date NOT NULL,
    loopt_af        boolean NOT NULL,           -- only has to run out
    gestopt         date,
    vervallen       boolean NOT NULL,
    verlopen        boolean NOT NULL            -- its breach was said
);
CREATE INDEX ON termijn (zaak_id);
CREATE INDEX ON termijn (uiterlijk, zaak_id) WHERE gestopt IS NULL AND NOT verlopen;

-- The last word of routing on a signal, where it set it aside at some time.
CREATE TABLE besluit (
    signaal_id      uuid PRIMARY KEY,
    opgepakt        boolean NOT NULL,
    volgnummer      bigint NOT NULL
);
