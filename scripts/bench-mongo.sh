# The parts of `scripts/bench mongo`: servers, documents, the ways, and the report. Sourced, never run.

migrate="${MIGRATE_EXECUTABLE:-$root/.build/release/migrate}"
texts="first_name last_name email personal_email office_phone mobile_phone website position social_twitter social_facebook
social_linkedin social_skype social_instagram social_youtube social_tiktok type description"
ids="account assigned_to created_by createdBy updatedBy last_activity_by"
dates="birthday created_on createdAt updatedAt"

# Settings of servers that keep what they have committed.
start_servers() {
  MIGRATE_POSTGRES_CONF="shared_buffers = 1GB
max_wal_size = 8GB
fsync = on
synchronous_commit = on" scripts/servers up --dir "$here/servers"
  eval "$(scripts/servers env --dir "$here/servers")"
  export MIGRATION_CONFIG_DIR="$here/config" MIGRATION_PLAN=contacts
  server="${DATABASE_URL%/*}/postgres"
  mkdir -p "$here/run" "$here/config/contacts/schema"
  write_plan > "$here/config/contacts/plan.json5"
  cd "$here/run"
  sql "$DATABASE_URL" "$(table_in_sql contacts)"
  sql "$server" 'alter database target rename to empty_target'
}

sql() { PGOPTIONS=-cclient_min_messages=warning psql -XAtq -v ON_ERROR_STOP=1 "$1" -c "$2"; }

write_plan() {
  local name
  printf '{ name: "contacts", source: { kind: "mongo", setting: "MONGODB_URL" }, tables: { contacts: { from: "crm_Contacts",\n'
  printf '  sameColumns: ["__v", %s "status", "tags", "notes"],\n' "$(printf '"%s", ' $texts $dates)"
  printf '  columns: { id: { id: "contact", from: "_id" }, "opportunitiesIDs": "opportunitiesIDs",\n'
  for name in $ids; do printf '    "%s": { id: "person", from: "%s" },\n' "$name" "$name"; done
  printf '  } } } }\n'
}

table_in_sql() {
  printf 'create table public.%s (id uuid primary key, "__v" integer, %s %s %s status boolean, tags text[], notes text[],
    "opportunitiesIDs" jsonb)' "$1" "$(printf '"%s" text, ' $texts)" "$(printf '"%s" uuid, ' $ids)" \
    "$(printf '"%s" timestamp(3), ' $dates)"
}

# The target as it was made, without rows and without the record of another migration.
fresh_target() {
  sql "$server" 'drop database if exists target'
  sql "$server" 'create database target template empty_target'
  sql "$server" checkpoint
  rm -f migration-checkpoint.json migration-errors.log
}

contacts_in_python() { PYTHONPATH="$python_packages" "$python" "$root/scripts/bench-mongo.py" "$@"; }

run_python() { contacts_in_python move | psql -XAtq -v ON_ERROR_STOP=1 "$DATABASE_URL" -c 'copy contacts from stdin'; }

run_copy() { psql -XAtq -v ON_ERROR_STOP=1 "$DATABASE_URL" -c 'copy contacts from stdin (format binary)' < "$here/contacts.copy"; }

# Every way has to end in the same rows.
compare_rows() {
  local hash="select md5(string_agg(c::text, chr(10) order by id)) || ' ' || count(*) from contacts c" ours theirs
  fresh_target
  "$migrate" contacts --quiet > /dev/null
  ours="$(sql "$DATABASE_URL" "$hash")"
  sql "$DATABASE_URL" 'copy (select * from contacts order by id) to stdout (format binary)' > "$here/contacts.copy"
  fresh_target
  run_python
  theirs="$(sql "$DATABASE_URL" "$hash")"
  [ "$ours" = "$theirs" ] || die "migrate and the Python script make different rows: $ours, $theirs"
  say "both ways make the same $rows rows"
}

# Runs one way once, and notes seconds, processor seconds and KiB in the file of that way.
measure() {
  local way="$1" note="$2" result
  fresh_target
  case "$way" in
    copy | python) result="$(measured bash -c 'set -euo pipefail; . "$0"; run_'"$way" "$root/scripts/bench-mongo.sh")" ;;
    auto) result="$(measured "$migrate" contacts --quiet)" ;;
  esac
  [ "${result##* }" = 0 ] || die "$way ended with exit code ${result##* }"
  [ "$(sql "$DATABASE_URL" 'select count(*) from contacts')" = "$rows" ] || die "$way did not move every row"
  [ -z "$note" ] || { printf '%s\n' "$result" >> "$here/$note"; say "  $way: ${result%% *} s"; }
}

measured() {
  root="$root" here="$here" "$python" "$root/scripts/measure.py" "$@" 2> "$here/last-output" || { cat "$here/last-output" >&2; return 1; }
}

measure_ways() {
  local turn way
  say "making $rows documents"
  contacts_in_python make "$rows"
  compare_rows
  say "warming up"
  for way in copy auto; do measure "$way" ""; done
  for turn in $(seq "$runs"); do
    say "turn $turn of $runs"
    for way in copy auto python; do measure "$way" "$way"; done
  done
}

report() { "$python" "$root/scripts/bench-report.py" "$here" "$rows" "$json" no mongo; }
