-- Tables of outreach. A table with a column `tenant` is under row-level security.
-- Nothing readable here is personal: what is sealed in an event is sealed here.

-- One signal as four services told of it; `_nr` is the place of each part in the log of who said it, the highest wins.
CREATE TABLE signaal (
    signaal_id      uuid PRIMARY KEY,
    aangeleverd     jsonb,
    aangeleverd_nr  bigint,
    ingetrokken     jsonb,
    ingetrokken_nr  bigint,
    gekoppeld       jsonb,
    gekoppeld_nr    bigint,
    besluit         jsonb,
    besluit_nr      bigint,
    zaak_id         uuid GENERATED ALWAYS AS ((gekoppeld->>'zaakId')::uuid) STORED,
    tenant          text GENERATED ALWAYS AS (gekoppeld->>'gemeentecode') STORED
);
CREATE INDEX ON signaal (zaak_id);

-- Events about a case, or about a signal whose case is not known yet; only the loop reads them.
CREATE TABLE feit (
    event_id        uuid PRIMARY KEY,
    bron            text NOT NULL,
    nr              bigint NOT NULL,
    soort           text NOT NULL,
    zaak_id         uuid,
    signaal_id      uuid,
    gegevens        jsonb NOT NULL
);
CREATE INDEX ON feit (zaak_id);
CREATE INDEX ON feit (signaal_id) WHERE zaak_id IS NULL;

-- What the facts add up to, made again for every case that a batch touches.
CREATE TABLE zaak (
    zaak_id         uuid PRIMARY KEY,
    tenant          text NOT NULL,
    stand           jsonb NOT NULL,
    contact         jsonb NOT NULL
);

CREATE TABLE werkvoorraad (
    zaak_id         uuid NOT NULL,
    melding_id      uuid NOT NULL,
    tenant          text NOT NULL,
    dreiging        integer NOT NULL,
    ontruimingsdatum date,
    uiterlijke_datum date,
    prioriteit      integer,
    rij             jsonb NOT NULL,
    plan            jsonb,
    gepland_voor    date,
    PRIMARY KEY (zaak_id, melding_id)
);
CREATE INDEX ON werkvoorraad (gepland_voor, zaak_id, melding_id) WHERE plan IS NOT NULL;
CREATE INDEX ON werkvoorraad (tenant, dreiging, ontruimingsdatum, uiterlijke_datum, prioriteit, melding_id);

-- Households that came by themselves, until their case is known.
CREATE TABLE aanmelding (
    aanmelding_id   uuid PRIMARY KEY,
    tenant          text NOT NULL,
    zaak_id         uuid,
    datum           date NOT NULL
);
