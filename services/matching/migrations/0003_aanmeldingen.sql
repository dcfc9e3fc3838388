-- One row per household that came by itself. `gemeentecode` is where it came, `tenant` whose it is: the same until it is
-- found in another municipality of the region.
CREATE TABLE aanmelding (
    aanmelding_id  uuid        PRIMARY KEY,
    tenant         text        NOT NULL,
    gemeentecode   text        NOT NULL,
    datum          date        NOT NULL,
    status         text        NOT NULL,
    reden          text        NOT NULL DEFAULT '',
    kandidaten     integer     NOT NULL DEFAULT 0,
    bewijs         jsonb       NOT NULL DEFAULT '[]',
    zaak_id        uuid,
    persoon_id     uuid,
    adres_id       uuid,
    besluit        boolean     NOT NULL DEFAULT false
);
CREATE INDEX ON aanmelding (adres_id) WHERE adres_id IS NOT NULL;
CREATE INDEX ON aanmelding (persoon_id) WHERE persoon_id IS NOT NULL;
CREATE INDEX ON aanmelding (zaak_id) WHERE zaak_id IS NOT NULL;
