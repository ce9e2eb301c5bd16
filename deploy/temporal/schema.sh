#!/bin/sh
# Temporal's two databases, at the schema of the image this runs in (temporalio/admin-tools).
# Can be repeated; what SQL_PLUGIN, SQL_HOST, SQL_PORT and SQL_USER say is read by the tool itself.
set -eu

SQL_PASSWORD="$(cat "$SQL_PASSWORD_FILE")"
export SQL_PASSWORD

for pair in temporal:temporal temporal_visibility:visibility; do
  database="${pair%%:*}"
  versions="/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
  # The first complains where it has run before; the last one tells whether all is well.
  temporal-sql-tool --db "$database" create || true
  temporal-sql-tool --db "$database" setup-schema -v 0.0
  temporal-sql-tool --db "$database" update-schema -d "$versions"
done
