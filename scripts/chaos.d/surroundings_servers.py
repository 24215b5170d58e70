"""What stands between program and server, and how the server keeps its text."""
import os
import shutil
import signal
import subprocess

from servers import free_port, wait_for
from shell import as_postgres_words, psql_environment
from surrounding import Surrounding
from surroundings_settings import DatabaseSettings


class Pooler(DatabaseSettings):
    """It drops what the program asks for in its greeting, so that odd settings of the databases are left as they are."""

    name, what = "pooler", "a pgbouncer that ignores options stands between, in session mode, and settings-database"
    # The manual says that what a connection waits for can't be known behind one.
    without = ("net-garbage", "net-flipped", "net-half-open", "standby-promoted")

    CONFIGURATION = """[databases]
* = host=127.0.0.1 port={server.port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = session
ignore_startup_parameters = options,extra_float_digits
default_pool_size = 60
max_client_conn = 200
server_login_retry = 0.2
unix_socket_dir =
logfile = {folder}/log
pidfile = {folder}/pid
"""

    @classmethod
    def obstacle(cls):
        return None if shutil.which("pgbouncer") else "there is no pgbouncer"

    def before(self):
        super().before()
        self.poolers = []
        for side in self.sides:
            self.ports[side] = free_port()
            self.start(side, self.ports[side])

    def mend(self):
        """The sessions that a pooler keeps have the settings of when they began."""
        super().mend()
        self.close()
        self.poolers = []
        for side, port in self.ports.items():
            self.start(side, port)

    def start(self, side, port):
        server = self.server(side)
        folder = self.world.new_folder()
        user, password = server.access()
        (folder / "ini").write_text(self.CONFIGURATION.format(
            server=server, port=port, folder=folder, user=user, password=password))
        if os.getuid() == 0:
            for place in (folder, folder / "ini"):
                shutil.chown(place, "postgres")
        self.poolers.append(subprocess.Popen(
            as_postgres_words(["pgbouncer", "-q", folder / "ini"]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/"))
        url = server.url("postgres", port)
        wait_for("pgbouncer", lambda: subprocess.run(
            ["psql", "-XqAt", "-d", url, "-c", "select 1"], env=psql_environment(with_options=False), capture_output=True).returncode == 0)

    def close(self):
        for pooler in getattr(self, "poolers", []):
            pooler.send_signal(signal.SIGTERM)
            try:
                pooler.wait(5)
            except subprocess.TimeoutExpired:
                pooler.kill()
                pooler.wait()


class Latin1(Surrounding):
    name, what = "latin1", "the databases are encoded in LATIN1"
    plans = ("plain", "forms")
    refusal = r"encod|LATIN1|UTF-?8"
    encoding = "LATIN1"

    def make_databases(self):
        if "source" in self.sides:
            self.plan.copy_source(self.trial.source_name, self.plan.encoded_source(self.encoding))
        elif self.trial.fault.changes_source:
            self.plan.copy_source(self.trial.source_name)
        template = self.plan.encoded_template(self.encoding) if "target" in self.sides else None
        self.plan.new_target(self.trial.database, self.trial.fault.tablespace(), template)

    def mend(self):
        """An operator who needs another encoding makes other databases."""
        if "source" in self.sides:
            self.plan.copy_source(self.trial.source_name)
        if "target" in self.sides:
            self.plan.new_target(self.trial.database, self.trial.fault.tablespace())
            (self.trial.folder / "migration-checkpoint.json").unlink(missing_ok=True)


class Ascii(Latin1):
    """The server looks at no byte, so that rows may be no text at all: those have to be set aside, and no other."""

    name, what = "sql-ascii", "the databases are SQL_ASCII, and some rows of the source are not UTF-8"
    plans = ("forms",)
    encoding = "SQL_ASCII"
    # No such server may be wanted at all; but a row must not end a run.
    refusal = r"SQL_ASCII"
    BAD = 3

    def before(self):
        self.bad = self.BAD if "source" in self.sides else 0
        if self.bad:
            # Each goes into two tables.
            self.sql("source", f"insert into forms (id, word) select 9000 + i, e'caf\\351 ' || i from generate_series(1, {self.bad}) i")

    def mend(self):
        super().mend()
        self.bad = 0

    def allow(self, difference):
        other = [line for line in difference.rest if not line.startswith("with quarantine|")]
        found = len(difference.rest) - len(other)
        if self.bad and found == 2 * self.bad:
            difference.rest = other
        elif self.bad:
            difference.rest.append(f"of {2 * self.bad} rows that are no text {found} stand in the quarantine")

    def code(self, code):
        return 5 if self.bad else code


ALL = [Pooler, Latin1, Ascii]
