#!/usr/bin/env bash
# Sets up like start.sh and runs the whole suite: ./test.sh [pytest arguments]
# AIGIRL_TEST_BACKEND=sqlite|postgres|auto chooses the database; AIGIRL_SKIP_BROWSER=1 leaves out the tests in Chromium.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/aigirl_site/setup.sh"
set_up_python requirements-dev.txt
set_up_translations
set_up_front_end
cd "$root"

browser=()
if [ "${AIGIRL_SKIP_BROWSER:-}" = 1 ]; then
  printf 'The tests in Chromium are left out (AIGIRL_SKIP_BROWSER=1).\n' >&2
  browser=(-m "not browser")
elif ! command -v chromium >/dev/null 2>&1; then
  printf '%s\n' "There is no chromium on PATH: the browser tests will fail. Install it (Debian: sudo apt install chromium)," \
    "or leave these tests out with AIGIRL_SKIP_BROWSER=1." >&2
fi
# The test environment is chosen in tests/conftest.py; settings read before it would be somebody's real ones.
unset DJANGO_SETTINGS_MODULE
if [ $# -eq 0 ]; then
  set -- -n 4
fi
exec "$venv/bin/python" -m pytest ${browser[@]+"${browser[@]}"} "$@"
