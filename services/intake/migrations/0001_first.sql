-- Tables of intake. A table with a column `tenant` is under row-level security; the tenant is the partner.
-- Nothing here is personal: references are keyed hashes, what is readable is sealed.

-- One row per partner, kenmerk and period: the id follows from those three under a key.
CREATE TABLE signaal (
    signaal_id      uuid PRIMARY KEY,
    tenant          text NOT NULL,
    signaalpartner  text NOT NULL,
    periode         text NOT NULL,
    kenmerk         text NOT NULL,
    correcties      integer NOT NULL DEFAULT 0,
    reden           text,
    datum           date,
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
    begonnen_op     timestamptz NOT NULL,
    bijgewerkt_op   timestamptz NOT NULL
);

-- The kenmerk of a row with a signal is that of the signal, and goes with it when the signal is erased.
CREATE TABLE regel (
    levering_id     uuid NOT NULL,
    tenant          text NOT NULL,
    regel           integer NOT NULL,
    oordeel         text NOT NULL,
    signaal_id      uuid,
    veld            text,
    code            text,
    kenmerk         text,
    onbruikbaar     text,
    PRIMARY KEY (levering_id, regel)
);

-- What the partner may know of a signal (Bgs art. 17), and the last words of matching and routing it follows from.
-- `wijziging` is handed out under the lock of `stand`, so it is in the order of commit and a poll skips nothing.
CREATE TABLE terugkoppeling (
    signaal_id      uuid PRIMARY KEY,
    tenant          text,
    signaalpartner  text,
    koppeling       text,
    onterecht       boolean NOT NULL DEFAULT false,
    afgedaan        boolean NOT NULL DEFAULT false,
    zaak_id         uuid,
    melding_id      uuid,
    koppeling_nr    bigint NOT NULL DEFAULT 0,
    opgepakt        boolean,
    reden           text,
    besluit_melding uuid,
    besluit_nr      bigint NOT NULL DEFAULT 0,
    status          text,
    wijziging       bigint,
    bijgewerkt_op   timestamptz
);
CREATE INDEX ON terugkoppeling (tenant, wijziging);
CREATE INDEX ON terugkoppeling (zaak_id);
CREATE INDEX ON terugkoppeling (melding_id);

CREATE TABLE stand (
    een             boolean PRIMARY KEY DEFAULT true CHECK (een),
    wijziging       bigint NOT NULL DEFAULT 0
);
INSERT INTO stand DEFAULT VALUES;

-- What outreach last said of a case or a melding (`hulp`, `resultaat`); it may come before the link with a signal.
CREATE TABLE feit (
    onderwerp       uuid NOT NULL,
    soort           text NOT NULL,
    waarde          text,
    nr              bigint NOT NULL,
    PRIMARY KEY (onderwerp, soort)
);
