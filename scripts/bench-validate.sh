# The parts of `scripts/bench validate`: servers and rows are those of the bench of PostgreSQL. Sourced, never run.
. "$root/scripts/bench-pg.sh"

# Nothing to compare: what is measured changes no row.
compare_rows() { :; }

# Runs one way once, and notes seconds, processor seconds and KiB in the file of that way.
measure() {
  local way="$1" note="$2" result
  case "$way" in
    copyout) result="$(measured bash -c 'set -euo pipefail; psql -XAtq -v ON_ERROR_STOP=1 "$DATABASE_URL" \
      -c "copy customers to stdout (format binary)" | cat > /dev/null')" ;;
    fingerprint) result="$(measured "$migrate" validate --fingerprint --table customers --quiet)" ;;
    samples) result="$(measured "$migrate" validate --table customers --quiet)" ;;
  esac
  [ "${result##* }" = 0 ] || die "$way ended with exit code ${result##* }"
  [ -z "$note" ] || { printf '%s\n' "$result" >> "$here/$note"; say "  $way: ${result%% *} s"; }
}

measure_ways() {
  local turn way
  fill_source "$rows"
  fresh_target
  "$migrate" customers --quiet > /dev/null
  sql "$DATABASE_URL" 'vacuum (freeze, analyze) customers'
  say "warming up"
  for way in copyout fingerprint samples; do measure "$way" ""; done
  for turn in $(seq "$runs"); do
    say "turn $turn of $runs"
    for way in copyout fingerprint samples; do measure "$way" "$way"; done
  done
}

report() {
  "$python" "$root/scripts/bench-report.py" "$here" "$rows" "$json" no validate
}
