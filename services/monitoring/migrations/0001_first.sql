-- Tables of monitoring. A table with a column `tenant` is under row-level security.
-- Every row is keyed by an id that the events carry, so that no order of arrival between logs matters.

-- View timeline ------------------------------------------------------------------------------------

-- One row per event. It belongs to the case its signal is linked to, where it names a linked signal; else to zaak_id.
-- A household that came by itself stands here as a signal, under the id of its aanmelding.
CREATE TABLE gebeurtenis (
    id            uuid        PRIMARY KEY,
    tenant        text        NOT NULL,
    zaak_id       uuid,
    signaal_id    uuid,
    melding_id    uuid,
    kenteken      uuid,                   -- besluitId, ontruimingId, or of a bailiff's step achterstandId
    vervangt      uuid,                   -- besluitId of the decision this one replaces
    rang          smallint    NOT NULL,   -- place of the source in the chain
    volgnummer    bigint      NOT NULL,   -- position in the log of the source
    type          text        NOT NULL,
    stand         text,                   -- step of a bailiff's file
    partner_key   text,
    op            timestamptz NOT NULL,
    vastgelegd_op timestamptz NOT NULL,
    omschrijving  text        NOT NULL,
    telt          boolean     NOT NULL    -- bears on the phase of its case
);
CREATE INDEX gebeurtenis_zaak ON gebeurtenis (zaak_id) WHERE zaak_id IS NOT NULL;
CREATE INDEX gebeurtenis_signaal ON gebeurtenis (signaal_id) WHERE signaal_id IS NOT NULL;
CREATE INDEX gebeurtenis_zaak_telt ON gebeurtenis (zaak_id) WHERE telt;
CREATE INDEX gebeurtenis_signaal_telt ON gebeurtenis (signaal_id) WHERE telt;

-- Where a signal belongs, by the last word of matching; a household that came by itself has no partner.
CREATE TABLE koppeling (
    signaal_id    uuid        PRIMARY KEY,
    tenant        text        NOT NULL,
    zaak_id       uuid,
    partner_key   text,
    status        text        NOT NULL,
    volgnummer    bigint      NOT NULL
);
CREATE INDEX koppeling_zaak ON koppeling (zaak_id) WHERE zaak_id IS NOT NULL;

CREATE TABLE zaak (
    zaak_id        uuid       PRIMARY KEY,
    tenant         text       NOT NULL,
    openingsdatum  date       NOT NULL,
    vorige_zaak_id uuid,
    fase           text       NOT NULL    -- follows from the rows of gebeurtenis
);
CREATE INDEX zaak_lijst ON zaak (tenant, openingsdatum DESC, zaak_id);

-- View partners ------------------------------------------------------------------------------------

-- Two halves, each by the last word of its source: what intake says of a signal, and where matching puts it.
CREATE TABLE signaal (
    signaal_id       uuid     PRIMARY KEY,
    tenant           text     NOT NULL,
    partner_key      text     NOT NULL,
    signaalpartner   text     NOT NULL,
    periode          text     NOT NULL,
    ingetrokken      boolean  NOT NULL,
    intake_nummer    bigint   NOT NULL,
    zaak_id          uuid,
    melding_id       uuid,
    status           text     NOT NULL,
    recidive         boolean  NOT NULL,
    matching_nummer  bigint   NOT NULL
);
CREATE INDEX signaal_zaak ON signaal (zaak_id) WHERE zaak_id IS NOT NULL;
CREATE INDEX signaal_periode ON signaal (periode);

-- The decision that holds for a signal, by the last word of routing.
CREATE TABLE besluit (
    signaal_id    uuid        PRIMARY KEY,
    tenant        text        NOT NULL,
    opgepakt      boolean     NOT NULL,
    regel         text        NOT NULL,
    organisatie   text,
    team          text,
    volgnummer    bigint      NOT NULL
);

-- Who has charge of a case, by the last word of outreach.
CREATE TABLE behandeling (
    zaak_id       uuid        PRIMARY KEY,
    tenant        text        NOT NULL,
    organisatie   text        NOT NULL,
    team          text,
    volgnummer    bigint      NOT NULL
);

-- What happened in a case or about a signal, as far as it is counted.
CREATE TABLE feit (
    id            uuid        PRIMARY KEY,
    tenant        text        NOT NULL,
    type          text        NOT NULL,
    zaak_id       uuid,
    signaal_id    uuid,
    melding_id    uuid,
    ontruiming_id uuid,
    bereikt       boolean     NOT NULL,
    stand         text,
    datum         date        NOT NULL
);
CREATE INDEX feit_zaak ON feit (zaak_id) WHERE zaak_id IS NOT NULL;
CREATE INDEX feit_signaal ON feit (signaal_id) WHERE signaal_id IS NOT NULL;
