#!/bin/sh
# Last step of the database image's first start: the owner's password, from a file.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v password="$(cat /run/secrets/owner_password)" <<'SQL'
ALTER ROLE drempel_owner PASSWORD :'password';
SQL
