"""The private servers that are broken: started by scripts/servers, struck, and brought back."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from shell import CACHE, ROOT, Failed, as_postgres, psql, run


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False


def is_server(pid, folder):
    """Whether it is the server of a folder, and not a program that got its number after it ended."""
    try:
        return os.fsencode(folder) in (Path("/proc") / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def wait_for(what, is_so, seconds=30, pause=0.02):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(pause)


def bring_up(folder, kind, configuration=""):
    """Starts servers, and returns the settings that scripts/servers prints."""
    script = ROOT / "scripts/servers"
    run([script, "up", "--dir", folder, "--only", kind],
        env=dict(os.environ, MIGRATE_POSTGRES_CONF=configuration), timeout=180)
    text = run(["bash", "-c", f"eval \"$('{script}' env --dir '{folder}')\"; env -0"], env={"PATH": os.environ["PATH"]})
    return dict(pair.split("=", 1) for pair in text.split("\0") if "=" in pair)


class PostgresServer:
    # Programs are killed here, and servers, but never the machine: its memory is as good as the disk.
    CONFIGURATION = "fsync = off\ndeadlock_timeout = 200ms\nshared_buffers = 128MB\nmax_wal_size = 1GB\n"

    def __init__(self, folder):
        self.folder = Path(folder)
        settings = bring_up(folder, "postgres", self.CONFIGURATION)
        self.base = settings["DATABASE_URL"].rsplit("/", 1)[0]
        self.bin = Path(settings["MIGRATE_SERVERS_POSTGRES_BIN"])
        self.data = Path(settings["MIGRATE_SERVERS_POSTGRES_DATA"])
        self.port = int(self.base.rsplit(":", 1)[1])

    def url(self, database, port=None):
        return f"{self.base.rsplit(':', 1)[0]}:{port or self.port}/{database}"

    def access(self):
        """The user and password of its administrator."""
        return re.match(r"postgres://([^:]+):([^@]+)@", self.base).groups()

    def sql(self, sql, database="postgres"):
        return psql(self.url(database), sql)

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def crash(self):
        """As the server does it itself after a crash of one of its processes."""
        self._control("-m", "immediate", "restart")

    def kill(self):
        os.kill(self.postmaster(), signal.SIGKILL)

    def start(self):
        # The processes of a killed server hold its shared memory until they notice.
        for _ in range(100):
            try:
                return self._control("-o", f"-p {self.port}", "start")
            except Failed:
                time.sleep(0.1)
        raise Failed("PostgreSQL does not start again")

    def ensure_up(self):
        try:
            if not is_server(self.postmaster(), self.data):
                self.start()
        except (OSError, ValueError):
            self.start()
        wait_for("PostgreSQL", self._answers)

    def _answers(self):
        return subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0

    def create_encoded(self, database, encoding):
        """Makes a database in another encoding; returns whether there was none."""
        if self.sql(f"select count(*) from pg_database where datname = '{database}'") == "1":
            return False
        self.sql(f"create database {database} template template0 encoding '{encoding}' lc_collate 'C' lc_ctype 'C'")
        return True

    def drop(self, database):
        self.sql(f'drop database if exists "{database}" with (force)')

    def _control(self, *words):
        as_postgres([self.bin / "pg_ctl", "-D", self.data, "-l", self.folder / "postgres.log", "-w", "-s", *words])

    def down(self):
        run([ROOT / "scripts/servers", "down", "--dir", self.folder])


class Standby:
    """A copy of a server that follows it, to be promoted in its place."""

    def __init__(self, primary, folder):
        self.primary, self.folder, self.port = primary, Path(folder), free_port()
        self.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.data = self.folder / "data"
        as_postgres([primary.bin / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
                     "-d", primary.url("postgres")])
        self._control("-o", f"-p {self.port}", "start")
        wait_for("the standby", lambda: primary.sql("select count(*) from pg_stat_replication where state = 'streaming'") == "1")

    def promote(self):
        self._control("promote")

    def _control(self, *words):
        as_postgres([self.primary.bin / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-s", *words])

    def down(self):
        try:
            self._control("-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class MongoServer:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.full = bring_up(folder, "mongo")["MONGODB_URL"]
        self.access = re.match(r"mongodb://([^@]+)@", self.full).group(1)
        self.port = int(re.search(r":(\d+)/", self.full).group(1))
        self.words = (Path("/proc") / str(self.pid()) / "cmdline").read_bytes().split(b"\0")[:-1]
        sys.path.append(str(CACHE / "python"))

    def pid(self):
        return int((self.folder / "mongo.pid").read_text())

    def url(self, database, port=None):
        """Through a proxy's port the server has to be asked directly: it names its own address else."""
        if port:
            return f"mongodb://{self.access}@127.0.0.1:{port}/{database}?authSource=admin&directConnection=true"
        return re.sub(r"/[^/?]*\?", f"/{database}?", self.full)

    def client(self):
        import pymongo
        return pymongo.MongoClient(self.url("admin"), serverSelectionTimeoutMS=20000)

    def kill(self):
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        wait_for("the end of mongod", lambda: not is_alive(pid))

    def start(self):
        run(self.words_as_text(), timeout=60)

    def words_as_text(self):
        return [word.decode() for word in self.words]

    def ensure_up(self):
        if not is_server(self.pid(), self.folder):
            self.start()
        with self.client() as client:
            wait_for("a primary", lambda: client.admin.command("hello")["isWritablePrimary"])

    def down(self):
        run([ROOT / "scripts/servers", "down", "--dir", self.folder])
