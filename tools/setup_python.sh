#!/usr/bin/env bash
# Puts the locked Python environment into .venv. Does nothing when the stamp says it is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
venv=$root/.venv
stamp=$venv/flywheel.stamp

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

is_python_311() {
    [[ $("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) == 3.11 ]]
}

# The path is part of the key because the scripts of a virtual environment name it: a moved one is broken.
key() {
    "$venv/bin/python" - "$root" requirements.lock <<'PY'
import hashlib, pathlib, platform, sys
root, lock = sys.argv[1:]
digest = hashlib.sha256(pathlib.Path(lock).read_bytes()).hexdigest()
print(digest, platform.python_version(), root)
PY
}

is_set_up() {
    [[ -f $stamp ]] && is_python_311 "$venv/bin/python" && [[ $(key) == "$(<"$stamp")" ]]
}

is_set_up && exit 0
source tools/lock.sh
take_the_lock
is_set_up && exit 0

find_python() {
    local candidate path
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python; do
        # Not the environment's own python: it may be what has to be replaced.
        while read -r path; do
            [[ $path == "$venv"/* ]] && continue
            if is_python_311 "$path"; then
                printf '%s\n' "$path"
                return
            fi
        done < <(type -aP "$candidate" || true)
    done
    # None on PATH: uv finds one elsewhere or brings one.
    command -v uv >/dev/null || return 1
    uv python find --system 3.11 2>/dev/null || { uv python install 3.11 >&2 && uv python find --system 3.11; }
}

# An environment that moved still runs python, but its scripts name the old place.
is_usable() {
    is_python_311 "$venv/bin/python" && [[ $(head -c 1000 "$venv/bin/pip" 2>/dev/null | head -n 1) == "#!$venv/bin/"* ]]
}

if ! is_usable; then
    python=$(find_python) || fail \
        "Python 3.11 was not found on PATH." \
        "Install it (Debian, Ubuntu: apt install python3.11 python3.11-venv; macOS: brew install python@3.11;" \
        "anywhere: put uv on PATH, which brings it, or pyenv install 3.11) and run make again, or name it: make PYTHON=/path/to/python3.11"
    printf 'setup: making .venv with %s\n' "$python"
    "$python" -m venv --clear "$venv" || fail \
        "that Python cannot make virtual environments." \
        "Install its venv module (Debian, Ubuntu: apt install python3.11-venv) and run make again."
fi

printf 'setup: installing requirements.lock into .venv (about two minutes the first time)\n'
rm -f "$stamp"
# --no-deps: the lock is complete (`pip check` below says so), and pip's resolver would take a newer release than the
# lock's for a package that somebody needs with an extra, and then refuse it for want of a hash.
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements.lock || fail \
    "pip could not install requirements.lock; its message is above." \
    "If it is the network: check that pip reaches its package index and run make again; what is installed is kept."
"$venv/bin/python" -m pip --disable-pip-version-check check >/dev/null 2>&1 || fail \
    "the installed packages contradict each other: run '.venv/bin/pip check' to see them, or 'make distclean' to start anew."
key >"$stamp"
