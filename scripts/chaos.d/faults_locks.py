"""What other sessions do to the target: locks, and deadlocks."""
import os
import signal
import subprocess
import time

from fault import Fault
from shell import psql_environment


class Session:
    """A session of somebody else, which does something and ends."""

    def __init__(self, url, sql):
        self.process = subprocess.Popen(
            ["psql", "-XqAt", "-d", url, "-c", sql], env=psql_environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Locked(Fault):
    name, what = "locks", "somebody else locks tables or rows for some seconds"

    def tables(self):
        return self.target_sql("select quote_ident(tablename) from pg_tables where schemaname = 'public' order by 1").splitlines()

    def session(self, sql):
        session = Session(self.trial.target_url(), sql)
        self.trial.helpers.append(session)
        return True

    def strike(self, program):
        table = self.random.choice(self.tables())
        mode = self.random.choice(["access exclusive", "exclusive", "share row exclusive", "share"])
        if self.random.random() < 0.3:
            table, mode = self.random.choice(["migrate.chunk", "migrate.run", "migrate.table_state"]), "access exclusive"
        seconds = self.random.uniform(0.3, 4)
        return self.session(f"begin; lock table {table} in {mode} mode; select pg_sleep({seconds}); commit")


class Deadlock(Locked):
    name, what = "deadlock", "somebody else locks the same tables in another order"
    strikes = (2, 5)

    def strike(self, program):
        first = self.random.choice(self.tables())
        second = self.random.choice(["migrate.chunk", "migrate.quarantine", "migrate.warning", self.random.choice(self.tables())])
        pause = self.random.uniform(0.05, 0.3)
        return self.session(f"""begin; lock table {first} in share row exclusive mode; select pg_sleep({pause});
            lock table {second} in access exclusive mode; select pg_sleep({pause}); commit""")


ALL = [Locked, Deadlock]
