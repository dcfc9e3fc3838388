-- Tables of intake. A table with a column `tenant` is under row-level security; the tenant is the partner.
-- Nothing here is personal: references are keyed hashes, what is readable is sealed.

CREATE TABLE signaal (
    signaal_id      uuid PRIMARY KEY,
    tenant          text NOT NULL,
    achterstand_id  uuid NOT NULL,
    signaalpartner  text NOT NULL,
    periode         text NOT NULL,
    correctie       integer NOT NULL DEFAULT 0,
    ingetrokken     boolean NOT NULL DEFAULT false,
    kenmerk         text NOT NULL,
    ontvangen_op    timestamptz NOT NULL
);

-- Keyed hashes of every content received, so that A, B, A again changes nothing.
CREATE TABLE vingerafdruk (
    signaal_id      uuid NOT NULL,
    tenant          text NOT NULL,
    vingerafdruk    bytea NOT NULL,
    PRIMARY KEY (signaal_id, vingerafdruk)
);

CREATE TABLE levering (
    levering_id     uuid PRIMARY KEY,
    tenant          text NOT NULL,
    status          text NOT NULL,
    aangenomen      integer NOT NULL DEFAULT 0,
    dubbel          integer NOT NULL DEFAULT 0,
    gecorrigeerd    integer NOT NULL DEFAULT 0,
    geweigerd       integer NOT NULL DEFAULT 0,
    begonnen_op     timestamptz NOT NULL
);

CREATE TABLE regel (
    levering_id     uuid NOT NULL,
    tenant          text NOT NULL,
    regel           integer NOT NULL,
    oordeel         text NOT NULL,
    signaal_id      uuid,
    veld            text,
    code            text,
    kenmerk         text,
    PRIMARY KEY (levering_id, regel)
);

-- What the partner may know of its signals (Bgs art. 17). Written by one loop, so `wijziging` is in the order of commit.
CREATE SEQUENCE wijziging;
CREATE TABLE terugkoppeling (
    signaal_id      uuid PRIMARY KEY,
    tenant          text,
    signaalpartner  text,
    zaak_id         uuid,
    melding_id      uuid,
    geen_inwoner    boolean NOT NULL DEFAULT false,
    route           text,
    hulp            boolean NOT NULL DEFAULT false,
    geen_contact    boolean NOT NULL DEFAULT false,
    wijziging       bigint NOT NULL DEFAULT 0,
    bijgewerkt_op   timestamptz NOT NULL
);
CREATE INDEX ON terugkoppeling (tenant, wijziging);
CREATE INDEX ON terugkoppeling (zaak_id);
CREATE INDEX ON terugkoppeling (melding_id);

-- Facts about a case or a melding; they may come before the signal is known to belong to it.
CREATE TABLE feit (
    onderwerp       uuid NOT NULL,
    soort           text NOT NULL,
    PRIMARY KEY (onderwerp, soort)
);
GRANT USAGE ON SEQUENCE wijziging TO intake_loop;
