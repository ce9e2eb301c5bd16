#!/bin/sh
# Makes the secrets that docker-compose.yml reads, in deploy/secrets or the folder that is named.
# What is there already stays as it is: a new privacy key would free people who were erased.
set -eu

folder="${1:-"$(dirname "$0")/secrets"}"
mkdir -p "$folder"
# The folder is closed to others; the files are not, for the users inside the containers read them.
chmod 700 "$folder"

random() {
  od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

make() {
  [ -e "$folder/$1" ] || { printf '%s' "$2" >"$folder/$1.new" && mv "$folder/$1.new" "$folder/$1"; }
  chmod 444 "$folder/$1"
}

# Hexadecimal: Temporal's configuration would stumble over quotes and backslashes.
make postgres_password "$(random)"
make bootstrap_api_key "tl_$(random)"
make privacy_key "$(random)"
# As `trunkline secrets key` makes it: tokens of other accounts at the carrier are sealed with it.
make secret_keys "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n')"
# Of the simulated carrier. For the real Twilio put the account's auth token here.
make twilio_auth_token simulator

echo "The secrets are in $folder. Keep privacy_key and secret_keys elsewhere, too."
