#!/bin/sh
# Temporal's server with its password from a file: its own configuration reads the environment only.
set -eu

POSTGRES_PWD="$(cat "$POSTGRES_PWD_FILE")"
export POSTGRES_PWD

exec /etc/temporal/entrypoint.sh
