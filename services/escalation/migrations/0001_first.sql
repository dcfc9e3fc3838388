-- Tables of escalation. A table with a column `tenant` is under row-level security; `partner` lets a partner see its own.
-- Nothing here is personal: amounts, dates, kinds of act, and random ids.

-- A signal of a partner. Until it is linked its tenant is the municipality of the review queue, else `regio`.
CREATE TABLE signaal (
    signaal_id      uuid PRIMARY KEY,
    tenant          text NOT NULL,
    partner         text NOT NULL,
    zaak_id         uuid,
    koppeling       bigint NOT NULL,            -- sequence in matching's log of what placed it last
    zaak_einde      date,                       -- when its case ended
    signaalpartner  text,                       -- from here on unknown while only a mismatch was heard of
    soort           text,
    achterstand_id  uuid,
    periode         text,
    signaaldatum    date,
    ontstaansdatum  date,                       -- when the arrears began, where the partner told
    bedrag          numeric(9, 2),
    vorig_bedrag    numeric(9, 2),
    crisissignaal   boolean,
    ingetrokken_op  date,
    correctie       integer NOT NULL,           -- of intake; -1 while only matching told of it
    melding_id      uuid                        -- by the last word of matching
);
CREATE INDEX ON signaal (zaak_id);
CREATE INDEX ON signaal (partner, signaaldatum);

CREATE TABLE zaak (
    zaak_id         uuid PRIMARY KEY,
    tenant          text NOT NULL
);

-- Everything the ladder of a case follows from, as it was said; `partner` where the fact is about that partner's signal.
CREATE TABLE feit (
    id              uuid PRIMARY KEY,
    volgnummer      bigint GENERATED ALWAYS AS IDENTITY,
    tenant          text NOT NULL,
    partner         text,
    zaak_id         uuid,                       -- NULL: waits until the signal is linked
    signaal_id      uuid,                       -- the fact goes with this signal when its link changes
    ontruiming_id   uuid,
    type            text NOT NULL,
    versie          integer NOT NULL,
    datum           date NOT NULL,
    gegevens        jsonb NOT NULL
);
CREATE INDEX ON feit (zaak_id);
CREATE INDEX ON feit (signaal_id);
CREATE INDEX ON feit (ontruiming_id);
