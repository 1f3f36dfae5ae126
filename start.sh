#!/usr/bin/env bash
# Installs everything AI Girl needs for itself, then starts it: ./start.sh [--port 8000] [--data DIR] [--workers N]
# With --install it ends after the first half, for a machine whose services start the processes.
# Only Python 3.11 or newer must be there. Everything stays in .venv/, overlay_static/ and the data directory.
set -euo pipefail

usage="./start.sh [--port 8000] [--data DIR] [--workers N] [--install]"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
arguments=()
install_only=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) printf 'Usage: %s\n' "$usage"; exit 0 ;;
    --install) install_only=1; shift; continue ;;
    --port | --data | --workers)
      [ $# -ge 2 ] || { printf '%s needs a value. Usage: %s\n' "$1" "$usage" >&2; exit 2; }
      name=$1 value=$2
      shift 2 ;;
    --port=* | --data=* | --workers=*)
      name=${1%%=*} value=${1#*=}
      shift ;;
    *) printf 'Unknown argument %s. Usage: %s\n' "$1" "$usage" >&2; exit 2 ;;
  esac
  if [ "$name" = --data ]; then
    case $value in /*) ;; *) value="$PWD/$value" ;; esac
    # Known before the settings are read, so that nothing is kept in the default directory.
    export DATA_DIR="$value"
  fi
  arguments+=("$name" "$value")
done

. "$root/aigirl_site/setup.sh"
set_up_python requirements.txt requirements-assets.txt
set_up_translations
set_up_front_end
[ -z "$install_only" ] || exit 0
cd "$root"
exec "$venv/bin/python" manage.py up ${arguments[@]+"${arguments[@]}"}
