"""The servers that all ways use, and what is done to them between runs. They keep what they have committed."""
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFIGURATION = "shared_buffers = 1GB\nmax_wal_size = 8GB\nfsync = on\nsynchronous_commit = on"


class Servers:
    def __init__(self, folder, configuration=CONFIGURATION):
        self.folder = folder
        environment = os.environ | {"MIGRATE_POSTGRES_CONF": configuration}
        subprocess.run([f"{ROOT}/scripts/servers", "up", "--dir", folder], check=True, env=environment, stderr=subprocess.DEVNULL)
        printed = subprocess.run(
            ["bash", "-c", 'eval "$("$0" env --dir "$1")"; env -0', f"{ROOT}/scripts/servers", folder],
            check=True, capture_output=True, text=True).stdout
        self.environment = dict(line.split("=", 1) for line in printed.split("\0") if "=" in line)
        self.server = self.environment["DATABASE_URL"].rsplit("/", 1)[0]

    def down(self):
        subprocess.run([f"{ROOT}/scripts/servers", "down", "--dir", self.folder], check=True, stderr=subprocess.DEVNULL)

    def url(self, database):
        return f"{self.server}/{database}"

    def sql(self, database, *statements):
        """Runs statements, and returns what the last one prints."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url(database)]
        for statement in statements:
            command += ["-c", statement]
        quiet = self.environment | {"PGOPTIONS": "-cclient_min_messages=error"}
        done = subprocess.run(command, capture_output=True, text=True, env=quiet)
        if done.returncode != 0:
            raise SystemExit(f"error: {done.stderr.strip()}\n  in: {statements[-1][:300]}")
        return done.stdout.strip()

    def make(self, database, template="template1"):
        self.sql("postgres", f"drop database if exists {database} with (force)", f"create database {database} template {template}")

    def fresh_target(self, template):
        """The target as it was made, without rows or the record of another migration; nothing waits to be written."""
        self.make("target", template)
        self.sql("postgres", "checkpoint")
