#!/usr/bin/env bash
# Puts the locked npm packages (anvil, forge, the peers of tests) into node_modules. Does nothing when the stamp says they are there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
stamp=node_modules/flywheel.stamp

fail() {
    printf 'setup-node: %s\n' "$@" >&2
    exit 1
}

lock=$(cat package.json package-lock.json .npmrc)
is_set_up() {
    [[ -f $stamp && $lock == "$(<"$stamp")" ]]
}

is_set_up && exit 0

command -v npm >/dev/null || fail \
    "npm was not found on PATH." \
    "Install Node.js 20 or newer (Debian, Ubuntu: apt install nodejs npm; macOS: brew install node; https://nodejs.org) and run make again."

source tools/lock.sh
take_the_lock
is_set_up && exit 0
printf 'setup-node: installing package-lock.json into node_modules\n'
npm ci --loglevel=error --no-progress || fail \
    "npm could not install package-lock.json; its message is above." \
    "If it is the network: check that npm reaches its registry and run make again."
printf '%s\n' "$lock" >"$stamp"
