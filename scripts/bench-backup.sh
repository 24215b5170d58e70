# The parts of `scripts/bench backup`: a target full of rows, and the same options for both ways. Sourced, never run.

migrate="${MIGRATE_EXECUTABLE:-$root/.build/release/migrate}"
jobs="${MIGRATE_BENCH_JOBS:-1}"

start_servers() {
  MIGRATE_POSTGRES_CONF="shared_buffers = 1GB
max_wal_size = 8GB" scripts/servers up --dir "$here/servers" --only postgres
  eval "$(scripts/servers env --dir "$here/servers")"
  export MIGRATION_CONFIG_DIR="$root/config" MIGRATION_PLAN=nxt MIGRATION_BACKUP_DIR="$here/backups"
  export PATH="$MIGRATE_SERVERS_POSTGRES_BIN:$PATH"
  server="${DATABASE_URL%/*}"
  mkdir "$here/run"
  cd "$here/run"
  say "filling the target with about $rows rows"
  "$migrate" sample --rows $((rows * 100 / 268)) --seed 1 --quiet > /dev/null
  "$migrate" db migrate --quiet > /dev/null
  "$migrate" run --all --quiet > /dev/null
  sql "$DATABASE_URL" 'vacuum analyze'
}

sql() { PGOPTIONS=-cclient_min_messages=warning psql -XAtq -v ON_ERROR_STOP=1 "$1" -c "$2"; }

milliseconds() { local begun; begun="$(date +%s%3N)"; "$@" > "$here/last-output" 2>&1 || { cat "$here/last-output" >&2; die "$1 failed"; }; echo $(($(date +%s%3N) - begun)); }

fresh() { sql "$server/postgres" "drop database if exists $1"; sql "$server/postgres" "create database $1"; sql "$server/postgres" checkpoint; }

# pg_dump and pg_restore alone, with what `migrate` asks of them.
plain() {
  rm -rf "$here/plain"
  dump_time="$(milliseconds pg_dump -Fd -f "$here/plain" -j "$jobs" -Z 6 "$DATABASE_URL")"
  fresh plain
  restore_time="$(milliseconds pg_restore --exit-on-error -j "$jobs" -d "$server/plain" "$here/plain")"
}

# The whole commands, and the times that they report for their parts.
ours() {
  rm -rf "$here/backups"
  create_time="$(milliseconds "$migrate" backup create --jobs "$jobs" --json)"
  read -r name counting checksums < <("$python" - "$here/last-output" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
backup = json.loads(text[text.index("{"):])["backup"]
print(backup["name"], backup["milliseconds"]["counting"], backup["milliseconds"]["checksums"])
PYTHON
)
  fresh ours
  put_time="$(milliseconds "$migrate" backup restore "$name" --to "$server/ours" --yes --json)"
  read -r alone compare_time < <("$python" - "$here/last-output" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
times = json.loads(text[text.index("{"):])["milliseconds"]
print(times["restore"], times["comparison"])
PYTHON
)
}

measure_ways() {
  say "warming up"
  plain; ours
  : > "$here/backup-times"
  local turn
  for turn in $(seq "$runs"); do
    plain; ours
    say "  turn $turn: pg_dump $dump_time ms, backup create $create_time; pg_restore $restore_time, backup restore $put_time ($alone of it restoring, $compare_time comparing)"
    echo "$dump_time $create_time $counting $checksums $restore_time $put_time $alone $compare_time" >> "$here/backup-times"
  done
}

report() {
  "$python" - "$here/backup-times" "$rows" "$jobs" "$json" <<'PYTHON'
import json, statistics, sys
columns = list(zip(*[[int(x) for x in line.split()] for line in open(sys.argv[1])]))
names = ["pg_dump", "create", "counting", "checksums", "pg_restore", "restore", "restoring", "comparison"]
median = {n: statistics.median(c) for n, c in zip(names, columns)}
# The times of verification are separate: checksums, which a restore computes again, and comparison; counting runs parallel to the dump.
result = {"rows": int(sys.argv[2]), "jobs": int(sys.argv[3]), "milliseconds": median,
          "createRatio": round((median["create"] - median["checksums"]) / median["pg_dump"], 3),
          "restoreRatio": round(median["restoring"] / median["pg_restore"], 3)}
if sys.argv[4] == "yes":
    print(json.dumps(result, indent=2))
else:
    for name, value in median.items():
        print(f"{name:12} {value:8.0f} ms")
    print(f"create without checksums: {result['createRatio']} times pg_dump")
    print(f"restore without checksums and comparison: {result['restoreRatio']} times pg_restore")
PYTHON
}
