#!/bin/sh
# The secrets of docker-compose.yml, made once; what is there already stays. They are read inside containers by other
# users than you, so it is their folder that keeps others out.
set -eu
folder="$(dirname "$0")/../.data/secrets"
umask 077
mkdir -p "$folder"
for name in kek kek_without_grant owner_password postgres_password grafana_password; do
  [ -s "$folder/$name" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/$name"
  chmod 0444 "$folder/$name"
done
