# What the scripts share: where things are kept, and how to report what happened.
# Sourced by the others, never run.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cache="${MIGRATE_CACHE:-$root/.cache}"
mongod_bin="$cache/mongodb/mongod"
python_packages="$cache/python"

# The tools are those of Debian's packages, which scripts/setup installs: whatever else the caller's PATH puts first, such as
# the Python of a virtual environment, neither answers for them nor runs in their place. The tests get this PATH too.
swift_program="$(type -P swift || true)"
export PATH="/usr/bin:/bin:/usr/sbin:/sbin:$PATH"
swift() { "$swift_program" "$@"; }

# The one Python that is asked for pymongo and that runs everything; scripts/servers passes it to the tests.
python=/usr/bin/python3

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# The folder with PostgreSQL's server programs: an explicit one, else the newest that Debian installed.
postgres_bin() {
  if [ -n "${POSTGRES_BIN:-}" ]; then printf '%s' "$POSTGRES_BIN"; return; fi
  local newest
  newest="$(find /usr/lib/postgresql -maxdepth 2 -name bin -type d 2>/dev/null | sort -V | tail -n 1)"
  [ -n "$newest" ] || die "no PostgreSQL server programs found; run scripts/setup"
  printf '%s' "$newest"
}

# PostgreSQL refuses to run as root: there the postgres user of Debian's package runs it.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@"); else "$@"; fi
}

free_port() {
  "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# The flags of the build that is shipped. All release builds use them, so that none is built twice.
release_flags=(-c release --static-swift-stdlib -Xswiftc -warnings-as-errors)

# A new folder for what tests make and drop, hundreds of databases among it: in memory if there is space and programs may
# run, for on a disk the file system takes ever longer to make a file after many were deleted. What tests kill is
# processes, never the machine, and for that memory is as good as a disk.
test_folder() {
  local where="${TMPDIR:-/tmp}" folder
  if has_room_in_memory; then where=/dev/shm; fi
  folder="$(mktemp -d "$where/migrate-test.XXXXXX")"
  chmod 1777 "$folder" # PostgreSQL runs as a user of its own
  printf '%s' "$folder"
}

has_room_in_memory() {
  [ -w /dev/shm ] && ! findmnt -n -o OPTIONS -T /dev/shm | grep -qw noexec \
    && [ "$(df --output=avail -BG /dev/shm | tail -n 1 | tr -dc 0-9)" -ge 8 ] \
    && [ "$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)" -ge 12 ]
}
