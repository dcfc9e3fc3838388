-- Rounds of letters and lists for a call centre, with a verdict per case. Nothing here is personal.
CREATE TABLE lijst (
    lijst_id        uuid PRIMARY KEY,
    tenant          text NOT NULL,
    soort           text NOT NULL,
    datum           date NOT NULL,
    gegevens        jsonb NOT NULL,
    team            text,
    geldig_tot      date
);
CREATE INDEX ON lijst (tenant, soort, datum);

CREATE TABLE lijstregel (
    lijst_id        uuid NOT NULL,
    tenant          text NOT NULL,
    zaak_id         uuid NOT NULL,
    oordeel         text NOT NULL,
    code            text,
    contactpoging_id uuid,
    PRIMARY KEY (lijst_id, zaak_id)
);
CREATE INDEX ON lijstregel (zaak_id);
