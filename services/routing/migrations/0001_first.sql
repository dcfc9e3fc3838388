-- Tables of routing. A table with a column `tenant` is under row-level security; one without is the loop's alone.

-- A signal as matching last linked it (`sequence` in its log) and first told of it (`volgorde`), with the decision in
-- force on it, and the day it was withdrawn because it was paid. Clear facts only.
CREATE TABLE signaal (
    signaal_id     uuid    PRIMARY KEY,
    sequence       bigint  NOT NULL DEFAULT 0,
    ingetrokken    boolean NOT NULL DEFAULT false,
    zaak_id        uuid,
    adres_id       uuid,
    achterstand_id uuid,
    koppeling      jsonb,
    genomen        jsonb,
    volgorde       bigint  NOT NULL DEFAULT 0,
    betaald        date
);
CREATE INDEX ON signaal (zaak_id);
CREATE INDEX ON signaal ((koppeling->>'gemeentecode'), (koppeling->>'periode'));
CREATE INDEX ON signaal (adres_id);
CREATE INDEX ON signaal (achterstand_id);

-- Which household a case belongs to, named after its first case.
CREATE TABLE zaak (
    zaak_id        uuid    PRIMARY KEY,
    huishouden_id  uuid    NOT NULL
);
CREATE INDEX ON zaak (huishouden_id);

-- What was done in a case, or told of a signal whose case was not known yet.
CREATE TABLE handeling (
    id             uuid    PRIMARY KEY,
    zaak_id        uuid,
    signaal_id     uuid,
    gegevens       jsonb   NOT NULL
);
CREATE INDEX ON handeling (zaak_id);
CREATE INDEX ON handeling (signaal_id);

-- Every decision with the facts it was taken on: with the document of its version it can be derived again.
CREATE TABLE besluit (
    besluit_id     uuid        PRIMARY KEY,
    volgnummer     bigint      GENERATED ALWAYS AS IDENTITY,
    tenant         text        NOT NULL,
    signaal_id     uuid        NOT NULL,
    zaak_id        uuid        NOT NULL,
    melding_id     uuid        NOT NULL,
    genomen_op     timestamptz NOT NULL,
    vervangt       uuid,
    feiten         jsonb       NOT NULL,
    besluit        jsonb       NOT NULL
);
CREATE INDEX ON besluit (zaak_id, volgnummer);

-- The versions a municipality published, and those that shipped. Policy is public: whoever may read routing reads all,
-- only the municipality itself adds. A document never changes: who has read its fingerprint need not read it again.
CREATE TABLE beleid (
    tenant         text        NOT NULL,
    versie         text        NOT NULL,
    volgnummer     bigint      GENERATED ALWAYS AS IDENTITY,
    geldig_vanaf   date        NOT NULL,
    gepubliceerd_op timestamptz NOT NULL,
    document       text        NOT NULL,
    vingerafdruk   text        NOT NULL,
    meegeleverd    boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, versie)
);
CREATE POLICY openbaar ON beleid FOR SELECT TO routing_api USING (true);
