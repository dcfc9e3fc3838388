-- What `outreach.consulent` heard: which case of a household comes before which, and since when one asks for the same
-- caseworker. `geopend` says that the case itself was heard of, so that its place in the chain is known.
CREATE TABLE zaakketen (
    zaak_id         uuid PRIMARY KEY,
    tenant          text NOT NULL,
    geopend         boolean NOT NULL,
    vorige_zaak_id  uuid,
    gevraagd_op     date,
    beantwoord      boolean NOT NULL DEFAULT false
);
CREATE INDEX ON zaakketen (zaak_id) WHERE gevraagd_op IS NOT NULL AND NOT beantwoord;
