#!/bin/sh
# Makes the locked Python environment in .venv and prints where uv is.
#
# uv is taken from PATH, else installed into .local/uv by the machine's own Python, which is
# itself installed by apt when it is missing. All but the last line goes to standard error.
# Safe to repeat and to run twice at once; the second run takes well under a second.
set -eu
cd "$(dirname "$0")/../.."
own=.local/uv
log=.local/logs/environment.log
mkdir -p .local/logs

say() { printf '%s\n' "$*" >&2; }
fail() { say "make: $*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

install_python() {
    command -v apt-get >/dev/null || return 1
    as_root true || return 1
    say "installing python3 and python3-venv (log: $log)"
    {
        as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            -o DPkg::Lock::Timeout=120 python3 python3-venv ca-certificates
    } >>"$log" 2>&1
}

make_venv() { rm -rf "$own"; python3 -m venv "$own" >>"$log" 2>&1; }

install_uv() {
    if ! make_venv; then
        install_python && make_venv ||
            fail "install uv, or Python with venv: sudo apt-get install python3 python3-venv (log: $log)"
    fi
    say "installing uv into $own"
    "$own/bin/python" -m pip install -q --disable-pip-version-check 'uv>=0.8' >>"$log" 2>&1 ||
        fail "pip could not install uv: $(tail -n 1 "$log") (log: $log)"
}

# One at a time: two runs would build the same folders.
if command -v flock >/dev/null; then
    exec 9>.local/environment.lock
    flock 9
fi

if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then uv=$(command -v uv)
else
    uv=$PWD/$own/bin/uv
    [ -x "$uv" ] || install_uv
fi

[ -d .venv ] || say "making the Python environment in .venv"
"$uv" sync --locked --quiet >&2 || fail "uv sync failed; see the lines above"
printf '%s\n' "$uv"
