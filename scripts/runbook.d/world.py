"""What an operator has before the first step: servers with sample data, a folder with .env and package.json, terminals."""
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]


# As the manuals of NextCRM create the production database; the role is not its owner.
GRANTS = [
    "grant all privileges on database nextcrm to nextcrm",
    "grant all on schema public to nextcrm",
    "alter default privileges in schema public grant all on tables to nextcrm",
    "alter default privileges in schema public grant all on sequences to nextcrm",
    'create extension "uuid-ossp" schema public',
    "create extension pg_stat_statements schema public",
]


class Failed(Exception):
    """Something of the test's own did not work: no verdict on the program."""


class World:
    def __init__(self, migrate, manual):
        self.migrate, self.manual = Path(migrate).resolve(), manual
        self.work = Path(tempfile.mkdtemp(prefix="migrate-runbook.", dir=os.environ.get("TMPDIR")))
        self.work.chmod(0o711)
        self.here, self.bin, self.scratch = self.work / "nextcrm-app", self.work / "bin", self.work / "lines"
        self.root = ROOT
        self.terminals = {}

    # Made and ended

    def up(self):
        script = ROOT / "scripts/servers"
        mongo = [] if self.manual.plan == "nextcrm" else ["--only", "postgres"]
        self.run([script, "up", "--dir", self.work / "servers", *mongo], timeout=180,
                 env=dict(os.environ, MIGRATE_POSTGRES_CONF="fsync = off\nshared_preload_libraries = 'pg_stat_statements'"))
        text = self.run(["bash", "-c", f"eval \"$('{script}' env --dir '{self.work}/servers')\"; env -0"], env={"PATH": os.environ["PATH"]})
        self.settings = dict(pair.split("=", 1) for pair in text.split("\0") if "=" in pair)
        self.administration = self.settings["DATABASE_URL"].rsplit("/", 1)[0]
        self._role()
        self.source = self.settings["SOURCE_DATABASE_URL"]
        self.mongodb = self.settings.get("MONGODB_URL", "")
        self.target, self.backup = f"{self.base}/nextcrm", f"{self.base}/backup"
        for folder in (self.here, self.bin, self.scratch, self.work / "backups", self.work / "tmp", self.work / "secondary-backup"):
            folder.mkdir()
        self._programs()
        shutil.copytree(ROOT / "config", self.here / "config")
        self._package()
        self.fresh_target()
        self._sample()

    def down(self):
        for terminal in self.terminals.values():
            terminal.end()
        subprocess.run([ROOT / "scripts/servers", "down", "--dir", self.work / "servers"], capture_output=True)
        shutil.rmtree(self.work, ignore_errors=True)

    def _role(self):
        """The role of the manuals; that of NXT owns its database and may create others, as on a hosted server."""
        password, more = secrets.token_hex(12), "createdb createrole" if self.manual.plan == "nxt" else ""
        self.psql(f"{self.administration}/postgres", f"create role nextcrm login password '{password}' {more}")
        self.base = f"postgres://nextcrm:{password}@{self.administration.rsplit('@', 1)[1]}"

    def _programs(self):
        (self.bin / "migrate").symlink_to(self.migrate)
        # pnpm is not in Debian. Unlike npm it hands on all that stands behind the script's name, `--` too.
        pnpm = self.bin / "pnpm"
        pnpm.write_text('#!/bin/sh\nname="$1"; shift\nexec npm run "$name" -- "$@"\n')
        pnpm.chmod(0o755)

    def _package(self):
        """The scripts that migrate writes, into the application's file; names that it does not know yet are handed to it too."""
        scripts = {name: f"migrate {name}" for name in self.manual.absent_scripts()}
        (self.here / "package.json").write_text(json.dumps({"name": "nextcrm-app", "private": True, "scripts": scripts}))
        self.run(["migrate", "scripts", "--npm"], env=self.environment(), cwd=self.here)

    def _sample(self):
        self.run([self.migrate, "sample", "--rows", "1000", "--dirty", "1", "--quiet"],
                 env=self.environment(self.places_of_data()), cwd=self.scratch, timeout=300)

    def places_of_data(self):
        return {
            "MIGRATION_PLAN": self.manual.plan, "MIGRATION_CONFIG_DIR": str(self.here / "config"), "SOURCE_DATABASE_URL": self.source,
            "MONGODB_URL": self.mongodb, "DATABASE_URL": self.target,
        }

    def fresh_target(self):
        """A new, empty database in place of the target, with the rights that the manual gives to its role."""
        administration = f"{self.administration}/postgres"
        owner = "owner nextcrm" if self.manual.plan == "nxt" else ""
        # What a full rollback has kept would be asked about by the next run.
        kept = self.psql(administration, "select datname from pg_database where datname like 'nextcrm\\_before\\_rollback\\_%'").split()
        for name in ("nextcrm", "backup", *kept):
            self.psql(administration, f"drop database if exists {name} with (force)")
        for name in ("nextcrm", "backup"):
            self.psql(administration, f"create database {name} {owner}")
        if not owner:
            self.grant()

    def grant(self):
        for statement in GRANTS:
            self.sql(statement)

    # Looked at

    def sql(self, query, side="target"):
        database = {"target": "nextcrm", "source": "legacy", "backup": "backup"}[side]
        return self.psql(f"{self.administration}/{database}", query)

    def psql(self, url, query):
        return self.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", query]).strip()

    def shell(self, line):
        done = subprocess.run(["bash", "-c", self.places(line)], cwd=self.here, env=self.environment(), capture_output=True, text=True, timeout=60)
        return (done.stdout + done.stderr).strip()

    def migrates(self, *words):
        """A command of the test's own, in no terminal, that has to succeed."""
        self.run([self.migrate, *words], cwd=self.here, env=self.environment(self.places_of_data()))

    def documents(self):
        """How many documents each collection has, asked through pymongo."""
        sys.path[:0] = [self.settings["MIGRATE_SERVERS_PYTHON_PACKAGES"]]
        import pymongo
        with pymongo.MongoClient(self.mongodb) as client:
            database = client.get_default_database()
            return {name: database[name].count_documents({}) for name in database.list_collection_names()}

    # The operator's terminals

    def environment(self, more=None):
        kept = {name: os.environ[name] for name in ("HOME", "USER", "LANG", "TMPDIR") if name in os.environ}
        path = f"{self.bin}:/usr/bin:/bin:/usr/sbin:/sbin"
        return kept | {"PATH": path, "MIGRATION_PROGRESS_INTERVAL": "1s", "PSQL_PAGER": "cat"} | (more or {})

    def terminal(self, number):
        """Another terminal of the same operator has the variables of the first."""
        if number not in self.terminals:
            self.terminals[number] = Terminal(self.here, self.environment(), self.scratch)
            if number != 1:
                self.terminals[number].enter(f". {self.terminal(1).variables}")
        return self.terminals[number]

    def close(self, number):
        self.terminals.pop(number).end()

    def places(self, line):
        """A line with the names of this world in place of the manual's."""
        for name, place in self.names().items():
            line = line.replace(name, str(place))
        return line

    def names(self):
        return {
            "/path/to/nextcrm-app": self.here,
            "/secondary-backup": self.work / "secondary-backup",
            "/backups": self.work / "backups",
            "/tmp/": f"{self.work}/tmp/",
            "$ADMINISTRATOR_URL": f"{self.administration}/nextcrm",
            "postgresql://nextcrm:PASSWORD@production-pg-host:5432/nextcrm": self.target,
            "postgresql://nextcrm:PASSWORD@localhost:5432/nextcrm": self.target,
            "mongodb://user:pass@staging-mongo:27017/nextcrm": self.mongodb,
            "mongodb://...": self.mongodb,
            "postgresql://...": self.target,
        }

    def run(self, words, env=None, cwd=None, timeout=120):
        try:
            done = subprocess.run([str(word) for word in words], env=env, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{words[0]} took longer than {timeout} s") from error
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words[:4]))} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
        return done.stdout
