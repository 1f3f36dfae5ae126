#!/usr/bin/env bash
# Puts a backup in the place of the present database and pictures; stop the service first: docker/restore.sh FILE
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python="$root/.venv/bin/python"
[ -x "$python" ] || python=python3
[ $# -eq 1 ] || { printf 'Usage: docker/restore.sh FILE\n' >&2; exit 2; }
exec "$python" "$root/manage.py" restore "$1"
