# Sets up everything AI Girl needs for itself. Sourced by start.sh and test.sh; bash 3.2 and later.
# Offers: set_up_python REQUIREMENTS..., set_up_translations, set_up_front_end. Needs $root, the directory of the repository.
# Each step is skipped while what it was made from has not changed. shellcheck shell=bash

venv="$root/.venv"
setup_log="$venv/setup.log"
# A service is four processes and the suite starts dozens of them: what they import is compiled once, even where the shell
# asks Python to keep nothing.
unset PYTHONDONTWRITEBYTECODE
# npm keeps what it fetched under the home directory, which the user of a service may not have.
[ -w "${HOME:-/nonexistent}" ] || export npm_config_cache="$venv/npm-cache"
mkdir_hint="put the repository into a directory this user may write to"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# step "what is done" command...: runs it quietly, shows that it goes on, and how long it took.
step() {
  local title=$1 began=$SECONDS shown=$SECONDS pid last
  shift
  printf '%s\n' "$title"
  # In a group of its own, so that whoever ends the set-up ends what the step has started too.
  set -m
  "$@" >"$setup_log" 2>&1 </dev/null &
  pid=$!
  set +m
  trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - shown)) -ge 5 ]; then
      shown=$SECONDS
      last=$(tail -n 1 "$setup_log" 2>/dev/null | tr -d '\r' | cut -c 1-80)
      printf '  … %s s: %s\n' "$((SECONDS - began))" "$last"
    fi
  done
  if wait "$pid"; then
    trap - INT TERM
    printf '  done in %s s\n' "$((SECONDS - began))"
    return 0
  fi
  trap - INT TERM
  tail -n 12 "$setup_log" | sed 's/^/  | /' >&2
  fail "$title failed$(reason)"
}

# Prints why a step failed, as far as its log tells, and what to do.
reason() {
  local log wanted
  # What was tried again is no reason; the last try is.
  log=$(grep -v 'Retrying (Retry(total=[1-9]' "$setup_log" || true)
  # pip says this of a package whose list it could not fetch, too.
  wanted=$(sed -n 's/.*Could not find a version that satisfies the requirement \([^ ;]*\).*/\1/p' "$setup_log" | tail -n 1)
  if grep -qiE 'No space left|ENOSPC' <<<"$log"; then
    printf ': the disk is full; free about 2 GB and run this again.'
  elif grep -qE 'DO NOT MATCH THE HASHES|EINTEGRITY' <<<"$log"; then
    printf ': a package that arrived is not the one that was locked; go round the mirror or proxy it came through and run this again.'
  elif grep -qiE 'name resolution|getaddrinfo|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|Retrying \(Retry\(|Max retries|Read timed out|Network is unreachable|ProxyError' <<<"$log"; then
    printf ': the package servers cannot be reached; connect this machine to the internet and run this again.'
  elif [ -n "$wanted" ]; then
    printf ': the package servers have no %s for %s; remove %s and name another Python (PYTHON=/path/to/python3.12 ./start.sh), or another mirror, if pip is set to one.' \
      "$wanted" "$("$venv/bin/python" --version 2>&1)" "$venv"
  else
    printf '; the whole story is in %s.' "$setup_log"
  fi
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

has_venv() {
  "$1" -c 'import venv, ensurepip' >/dev/null 2>&1
}

# Prints the Pythons to try, a line each: the one that was named, or those on PATH. What a version manager offers comes
# last: it was compiled here, as a rule without the compiler's profile, and runs the same code slower by a quarter.
pythons() {
  local found
  if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" || true
    return 0
  fi
  found=$(type -ap python3 python3.13 python3.12 python3.11 python3.14 python || true)
  grep -v '/shims/' <<<"$found" || true
  grep '/shims/' <<<"$found" || true
}

# Prints the path of a Python that will do; one that is new enough and lacks its venv module, if there is no better.
find_python() {
  local candidate second=""
  while IFS= read -r candidate; do
    is_new_enough "$candidate" || continue
    if has_venv "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
    : "${second:=$candidate}"
  done < <(pythons)
  [ -n "$second" ] && printf '%s\n' "$second"
}

make_venv() {
  local python found
  if [ -x "$venv/bin/python" ] && is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    return 0
  fi
  if ! python=$(find_python); then
    found=$("${PYTHON:-python3}" --version 2>/dev/null || true)
    fail "AI Girl needs Python 3.11 or newer (found: ${found:-none}); install it, or name one: PYTHON=/path/to/python3.12 ./start.sh"
  fi
  has_venv "$python" ||
    fail "This Python ($python) has no venv module; on Debian and Ubuntu install it with: sudo apt install python3-venv"
  rm -rf "$venv"
  mkdir -p "$venv" 2>/dev/null || fail "$root cannot be written to; $mkdir_hint."
  step "Making a virtual environment with $("$python" --version 2>&1)" "$python" -m venv "$venv"
}

# fingerprint FILES...: one word that changes with their content, and with the Python.
fingerprint() {
  "$venv/bin/python" - "$@" <<'PYTHON'
import hashlib, pathlib, sys
seen = hashlib.sha256(sys.version.encode())
for name in sorted(sys.argv[1:]):
    seen.update(name.encode() + b"\0" + pathlib.Path(name).read_bytes() + b"\0")
print(seen.hexdigest())
PYTHON
}

# unchanged STAMP FINGERPRINT: whether this was done before with the same content.
unchanged() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

set_up_python() {
  local stamp now file files=() options=()
  [ -w "$root" ] || fail "$root cannot be written to; $mkdir_hint."
  make_venv
  for file in "$@"; do
    files+=("$root/$file")
    options+=(-r "$root/$file")
  done
  stamp="$venv/stamp-$(printf '%s' "$*" | tr -c 'a-z' '_')"
  now=$(fingerprint "${files[@]}")
  unchanged "$stamp" "$now" && return 0
  # With retries, whatever pip is set to: by them its log tells a server out of reach from one without the package.
  step "Installing Python packages (about a minute)" "$venv/bin/python" -m pip install --require-hashes --retries 5 \
    --no-input --disable-pip-version-check --progress-bar off "${options[@]}"
  printf '%s\n' "$now" >"$stamp"
}

# Compiled files are not kept in the repository. Skipped while each is newer than what it is made from.
set_up_translations() {
  local source
  for source in "$root"/aigirl_site/locale/*/LC_MESSAGES/django.po; do
    if [ ! "${source%.po}.mo" -nt "$source" ]; then
      step "Compiling the translations" in_root "$venv/bin/python" -m aigirl_site.translations
      return 0
    fi
  done
}

in_root() {
  (cd "$root" && "$@")
}

in_front_end() {
  (cd "$root/overlay_static" && PATH="$venv/bin:$PATH" "$@")
}

set_up_front_end() {
  local lock_stamp="$root/overlay_static/node_modules/.stamp" stamp="$root/overlay_static/dist/.stamp" now file files=()
  now=$(fingerprint "$root/overlay_static/package.json" "$root/overlay_static/package-lock.json")
  if ! unchanged "$lock_stamp" "$now"; then
    step "Installing front-end packages" in_front_end npm ci --no-audit --no-fund
    printf '%s\n' "$now" >"$lock_stamp"
  fi
  while IFS= read -r file; do
    files+=("$file")
  done < <(find "$root/overlay_static" \( -name node_modules -o -name dist \) -prune -o -type f -print)
  now=$(fingerprint "${files[@]}")
  if ! unchanged "$stamp" "$now"; then
    step "Building the front end" in_front_end npm run build
    printf '%s\n' "$now" >"$stamp"
  fi
}
