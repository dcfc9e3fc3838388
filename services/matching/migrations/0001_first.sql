-- Tables of matching. A table with a column `tenant` is under row-level security.

-- One row per signal. Until it is answered it belongs to the regional desk, afterwards to the municipality of the
-- BRP address. `feiten` are the clear facts; `persoon` is sealed under the person's key.
CREATE TABLE signaal (
    signaal_id     uuid        PRIMARY KEY,
    tenant         text        NOT NULL,
    volgorde       bigint      NOT NULL,              -- position of the first event in intake's log
    achterstand_id uuid        NOT NULL,
    periode        text        NOT NULL,
    bedrag         numeric(9,2),
    vorig_bedrag   numeric(9,2),                      -- amount of the previous report of the same arrears
    feiten         jsonb       NOT NULL,
    status         text        NOT NULL,
    reden          text        NOT NULL DEFAULT '',
    kandidaten     integer     NOT NULL DEFAULT 0,
    bewijs         jsonb       NOT NULL DEFAULT '[]',
    zaak_id        uuid,
    melding_id     uuid,
    persoon_id     uuid,
    adres_id       uuid,
    leeftijd       integer,
    minderjarigen  boolean     NOT NULL DEFAULT false,
    huishouden     text,                              -- null: the BRP can't tell
    persoon        text,
    ingetrokken    boolean     NOT NULL DEFAULT false,
    besluit        boolean     NOT NULL DEFAULT false,  -- an official decided
    afgedaan       boolean     NOT NULL DEFAULT false,  -- fall-out that nobody looks at, by agreement
    bij_match      boolean     NOT NULL DEFAULT false,  -- unless it turns out to be a match
    bekend_shv     boolean,                             -- known at schuldhulpverlening; null: nobody was asked
    gesloten_in    uuid,                              -- the melding in which it got its result
    escalatie      boolean     NOT NULL DEFAULT false   -- a bailiff or an eviction waits for this link
);
CREATE INDEX ON signaal (adres_id, periode) WHERE adres_id IS NOT NULL;
CREATE INDEX ON signaal (persoon_id) WHERE persoon_id IS NOT NULL;
CREATE INDEX ON signaal (zaak_id) WHERE zaak_id IS NOT NULL;
CREATE INDEX ON signaal (melding_id) WHERE melding_id IS NOT NULL;
CREATE INDEX ON signaal (achterstand_id, periode);
CREATE INDEX ON signaal (tenant, afgedaan, escalatie DESC, ingetrokken, volgorde) WHERE status = 'Uitval' AND NOT besluit;

CREATE TABLE zaak (
    zaak_id        uuid        PRIMARY KEY,
    tenant         text        NOT NULL,
    volgorde       bigint      GENERATED ALWAYS AS IDENTITY,
    adres_id       uuid        NOT NULL,
    loopt          boolean     NOT NULL DEFAULT true,
    ontruimd       boolean     NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX ON zaak (adres_id) WHERE loopt;
CREATE INDEX ON zaak (adres_id);

-- Keyed blind indexes to random ids: the only way back to a person or an address. They go with an erasure.
CREATE TABLE persoon (
    sleutel        bytea       PRIMARY KEY,
    persoon_id     uuid        NOT NULL UNIQUE
);
CREATE TABLE adres (
    sleutel        bytea       PRIMARY KEY,
    adres_id       uuid        NOT NULL UNIQUE
);
CREATE TABLE vingerafdruk (
    signaal_id     uuid        PRIMARY KEY,
    client         bytea       NOT NULL,
    opgave         uuid        NOT NULL              -- the address as it was written down
);
CREATE INDEX ON vingerafdruk (opgave);

-- Escalations of a signal that has no case yet.
CREATE TABLE wachtend (
    signaal_id     uuid        PRIMARY KEY,
    uitgevoerd     boolean     NOT NULL DEFAULT false
);

GRANT SELECT, INSERT ON persoon, adres TO matching_api;
GRANT SELECT ON vingerafdruk, wachtend TO matching_api;
