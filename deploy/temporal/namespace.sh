#!/bin/sh
# The namespace in which calls live. Can be repeated; TEMPORAL_ADDRESS is read by the tool itself.
set -eu

left=30
until temporal operator cluster health; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo "Temporal at $TEMPORAL_ADDRESS is not well." >&2; exit 1; }
  sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
