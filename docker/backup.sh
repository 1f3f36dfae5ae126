#!/usr/bin/env bash
# Copies everything that cannot be made again, while the service goes on: docker/backup.sh DIR [--keys DIR] [--keep N]
# Database (SQLite or PostgreSQL, as the settings say) and pictures into one file; the keys only with --keys, elsewhere.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python="$root/.venv/bin/python"
[ -x "$python" ] || python=python3
[ $# -ge 1 ] || { printf 'Usage: docker/backup.sh DIR [--keys DIR] [--keep N]\n' >&2; exit 2; }
exec "$python" "$root/manage.py" backup "$@"
