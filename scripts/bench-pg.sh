# The parts of `scripts/bench pg`: servers, rows, the ways, and the report. Sourced, never run.

migrate="${MIGRATE_EXECUTABLE:-$root/.build/release/migrate}"

# Settings of a server that keeps what it has committed.
start_servers() {
  MIGRATE_POSTGRES_CONF="shared_buffers = 1GB
max_wal_size = 8GB
fsync = on
synchronous_commit = on" scripts/servers up --dir "$here/servers" --only postgres
  eval "$(scripts/servers env --dir "$here/servers")"
  loading_alone
  export MIGRATION_CONFIG_DIR="$here/config" MIGRATION_PLAN=nxt
  server="${DATABASE_URL%/*}/postgres"
  mkdir "$here/run"
  cd "$here/run"
  "$migrate" db migrate --quiet > /dev/null
  sql "$server" 'alter database target rename to empty_target'
}

# The plan without its trigger for corruption, which reads every loaded row back: psql does not do that either.
loading_alone() {
  cp -r "$root/config" "$here/config"
  sed -i 's/ *corruption: "rollback session",//' "$here/config/nxt/plan.json5"
  ! grep -q 'corruption: "' "$here/config/nxt/plan.json5" || { say "the plan nxt reads rows back"; exit 1; }
}

sql() { PGOPTIONS=-cclient_min_messages=warning psql -XAtq -v ON_ERROR_STOP=1 "$1" -c "$2"; }

# Puts a number of legacy customers into the source: generated once, with a seed, and kept as a file.
fill_source() {
  local count="$1" file="$work/legacy_customers-$1.copy"
  sql "$SOURCE_DATABASE_URL" 'drop table if exists legacy_customers'
  if [ ! -s "$file" ]; then
    say "making $count customers, once: $file"
    "$migrate" sample --rows "$count" --seed 1 --replace --yes --quiet > /dev/null
    sql "$SOURCE_DATABASE_URL" 'copy legacy_customers to stdout (format binary)' > "$file.new"
    mv "$file.new" "$file"
  else
    sql "$SOURCE_DATABASE_URL" "$(sed -n '/^CREATE TABLE legacy_customers/,/^);/p' "$root/config/nxt/legacy.sql")"
    sql "$SOURCE_DATABASE_URL" 'copy legacy_customers from stdin (format binary)' < "$file"
  fi
  sql "$SOURCE_DATABASE_URL" 'vacuum (freeze, analyze) legacy_customers'
}

# The target as it was made, without rows and without the record of another migration.
fresh_target() {
  sql "$server" 'drop database if exists target'
  sql "$server" 'create database target template empty_target'
  sql "$server" checkpoint
  rm -f migration-checkpoint.json migration-errors.log
}

# What the plan makes of a customer, in SQL; the time of the run is given as JSON has it.
customers_in_sql() {
  cat <<SQL
select id, customer_code, company_name, email, translate(phone, ' -./()', '') as phone,
  jsonb_build_object('line1', address_line_1, 'line2', address_line_2, 'city', city, 'state', state,
    'country', country, 'postalCode', postal_code) as address,
  jsonb_build_object('contactPerson', contact_person, 'legacy', jsonb_build_object('customerType', customer_type,
    'creditLimit', credit_limit, 'paymentTerms', payment_terms, 'taxId', tax_id, 'industry', industry,
    'status', customer_status), 'migrationDate', '$1') as metadata,
  '[]'::jsonb as purchase_history, coalesce(created_at, '$1'::timestamp) as created_at,
  coalesce(updated_at, '$1'::timestamp) as updated_at
from legacy_customers
SQL
}

run_pipe() {
  psql -XAtq -v ON_ERROR_STOP=1 "$SOURCE_DATABASE_URL" \
    -c "copy ($(customers_in_sql "${1:-2026-01-01T00:00:00Z}")) to stdout (format binary)" |
    psql -XAtq -v ON_ERROR_STOP=1 "$DATABASE_URL" -c 'copy customers from stdin (format binary)'
}

# Both ways have to end in the same rows, to the byte of their text.
compare_rows() {
  fill_source 20000
  local hash="select md5(string_agg(c::text, chr(10) order by id)) || ' ' || count(*) from customers c" ours theirs moment
  fresh_target
  "$migrate" customers --quiet > /dev/null
  ours="$(sql "$DATABASE_URL" "$hash")"
  moment="$(sql "$DATABASE_URL" "select metadata->>'migrationDate' from customers limit 1")"
  fresh_target
  run_pipe "$moment"
  theirs="$(sql "$DATABASE_URL" "$hash")"
  [ "$ours" = "$theirs" ] || die "migrate and the SQL of the pipe make different rows: $ours, $theirs"
  say "both ways make the same 20000 rows"
}

# Runs one way once, and notes seconds, processor seconds and KiB in the file of that way.
measure() {
  local way="$1" note="$2" result
  fresh_target
  case "$way" in
    pipe) result="$(measured bash -c 'set -euo pipefail; . "$0"; run_pipe' "$root/scripts/bench-pg.sh")" ;;
    auto) result="$(measured "$migrate" customers --quiet)" ;;
    batches) result="$(measured "$migrate" customers --batch-size 1000 --quiet)" ;;
  esac
  [ "${result##* }" = 0 ] || die "$way ended with exit code ${result##* }"
  [ "$(sql "$DATABASE_URL" 'select count(*) from customers')" = "$measured_rows" ] || die "$way did not move every row"
  [ -z "$note" ] || { printf '%s\n' "$result" >> "$here/$note"; say "  $way: ${result%% *} s"; }
}

measured() { root="$root" "$python" "$root/scripts/measure.py" "$@" 2> "$here/last-output" || { cat "$here/last-output" >&2; return 1; }; }

measure_ways() {
  local turn way
  fill_source "$rows"
  measured_rows="$rows"
  say "warming up"
  for way in pipe auto batches; do measure "$way" ""; done
  for turn in $(seq "$runs"); do
    say "turn $turn of $runs"
    for way in pipe auto batches; do measure "$way" "$way"; done
  done
}

measure_growth() {
  fill_source $((4 * rows))
  measured_rows=$((4 * rows))
  say "four times the rows"
  measure auto fourfold
}

report() {
  "$python" "$root/scripts/bench-report.py" "$here" "$rows" "$json" "$growth"
}
