-- The clocks of law, ordinance and convenant on a case, as escalation said. Part of the view `outreach.werkvoorraad`.
CREATE TABLE termijn (
    termijn_id      uuid PRIMARY KEY,
    tenant          text NOT NULL,
    zaak_id         uuid NOT NULL,
    soort           text NOT NULL,
    bron            text NOT NULL,
    oorzaak         uuid,                       -- melding, signal, eviction or request it is the clock of
    uiterlijk       date NOT NULL,
    gestopt         boolean NOT NULL DEFAULT false,
    verlopen        boolean NOT NULL DEFAULT false
);
CREATE INDEX ON termijn (zaak_id) WHERE NOT gestopt;
