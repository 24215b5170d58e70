"""What happens to the servers: crashes, ended sessions, switches to read-only, promoted standbys."""
import os
import signal
import time

from fault import Fault
from proxy import Proxy
from servers import Standby, wait_for
from shell import Failed, psql


class TargetCrash(Fault):
    name, what = "target-crash", "the target's server crashes and comes back at once"

    def strike(self, program):
        self.world.target.crash()
        return True


class TargetKilled(Fault):
    name, what = "target-killed", "the target's server is killed (SIGKILL) and comes back later"

    def strike(self, program):
        self.world.target.kill()
        time.sleep(self.random.uniform(0, 2.5))
        self.world.target.start()
        return True


class SourceCrash(Fault):
    name, what = "source-crash", "the source's server crashes and comes back at once"
    plans = ("nxt", "plain", "forms")

    def strike(self, program):
        self.world.source.crash()
        return True


class SourceKilled(Fault):
    name, what = "source-killed", "the source's server is killed (SIGKILL) and comes back later"
    is_slow = True

    def strike(self, program):
        server = self.world.mongo if self.plan.setting == "MONGODB_URL" else self.world.source
        server.kill()
        time.sleep(self.random.uniform(0, 2.5))
        server.start()
        return True


class BackendKilled(Fault):
    name, what = "backend-killed", "one process of the target's server is killed, which restarts all of it"
    strikes = (1, 2)

    def strike(self, program):
        found = self.target_sql(f"select pid from pg_stat_activity where datname = '{self.trial.database}' and pid <> pg_backend_pid()")
        if not found:
            return False
        os.kill(int(self.random.choice(found.splitlines())), signal.SIGKILL)
        return True


class Sessions(Fault):
    """A function of the server over sessions that it serves."""

    function = "pg_terminate_backend"
    one = False
    strikes = (1, 4)

    def database(self):
        return self.trial.target_url(), self.trial.database

    def strike(self, program):
        url, name = self.database()
        chosen = "order by random() limit 1" if self.one else ""
        return psql(url, f"""select count({self.function}(pid)) from (
            select pid from pg_stat_activity where datname = '{name}' and pid <> pg_backend_pid() {chosen}) s""") != "0"


class TargetSession(Sessions):
    name, what, one = "target-session", "one of the target's sessions is ended (pg_terminate_backend)", True


class TargetSessions(Sessions):
    name, what = "target-sessions", "all of the target's sessions are ended"


class TargetCancel(Sessions):
    name, what, function = "target-cancel", "all statements at the target are cancelled (pg_cancel_backend)", "pg_cancel_backend"


class SourceSessions(Sessions):
    name, what = "source-sessions", "all of the source's sessions are ended, the snapshot with them"
    plans = ("nxt", "plain", "forms")

    def database(self):
        return self.trial.source_url(), self.trial.source_database()


class KillCursors(Fault):
    name, what = "mongo-cursors", "cursors and operations at MongoDB are killed (killCursors, killOp)"
    plans = ("nextcrm",)
    strikes = (2, 5)

    def strike(self, program):
        with self.world.mongo.client() as client:
            hits = 0
            pipeline = [{"$currentOp": {"idleCursors": True, "allUsers": True}},
                        {"$match": {"ns": {"$regex": f"^{self.plan.database}"}}}]
            end = time.monotonic() + 1
            while not hits and time.monotonic() < end:
                for operation in client.admin.aggregate(pipeline):
                    hits += 1
                    if "cursor" in operation and operation.get("type") == "idleCursor":
                        collection = operation["ns"].split(".", 1)[1]
                        client[self.plan.database].command("killCursors", collection, cursors=[operation["cursor"]["cursorId"]])
                    elif "opid" in operation:
                        client.admin.command("killOp", op=operation["opid"])
            return hits > 0


class StepDown(Fault):
    name, what = "mongo-stepdown", "MongoDB's primary steps down, and there is none for a while"
    is_slow = True
    plans = ("nextcrm",)
    strikes = (1, 1)

    def strike(self, program):
        from pymongo.errors import PyMongoError
        with self.world.mongo.client() as client:
            try:
                client.admin.command("replSetStepDown", 2, secondaryCatchUpPeriodSecs=0, force=True)
            except PyMongoError:
                pass
        return True

    def after(self, ending):
        # A migration at work waits for a primary; one that begins without says that an operator has to.
        if "wait for an election" in ending.remedy():
            self.world.mongo.ensure_up()

    def judge(self):
        self.world.mongo.ensure_up()  # a migration waits for a primary, but validation may ask for one
        super().judge()


class ReadOnly(Fault):
    name, what = "target-read-only", "the target turns read-only, and its sessions are ended"
    strikes = (1, 2)

    def strike(self, program):
        name = self.trial.database
        self.world.target.sql(f"""alter database {name} set default_transaction_read_only = on;
            select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'""")
        time.sleep(self.random.uniform(0, 1.5))
        if self.random.random() < 0.5:
            self.mend()
        return True

    def mend(self):
        self.world.target.sql(f"alter database {self.trial.database} reset default_transaction_read_only")

    def after(self, ending):
        self.mend()


class StandbyPromoted(Fault):
    """The program reaches the target by an address that is led to the standby when that is promoted."""

    name, what = "standby-promoted", "the target's server is killed for good, and its standby promoted"
    strikes = (1, 1)

    def before(self):
        self.primary = self.world.target
        self.standby = Standby(self.primary, self.trial.folder.parent / "standby")
        self.proxy = Proxy(self.primary.port)
        self.trial.target_port = self.proxy.port

    def strike(self, program):
        self.primary.kill()
        time.sleep(self.random.uniform(0, 1))
        self.standby.promote()
        self.proxy.upstream = self.standby.port
        return True

    def after(self, ending):
        # Where the standby had got nothing of the migration yet, the file is of one that never was there. The
        # program says so, and that it may be moved away.
        if "belongs to another target" in ending.output:
            (self.trial.folder / "migration-checkpoint.json").unlink()

    def judge(self):
        if self.trial.strikes:
            # What the standby had not got yet was never committed there, neither rows nor their row counts.
            self.trial.target_url = lambda: self.primary.url(self.trial.database, self.standby.port)
            self.trial.surrounding.ports["target"] = self.standby.port
        self.trial.hold_equal()

    def close(self):
        if hasattr(self, "proxy"):
            self.proxy.close()
        if hasattr(self, "standby"):
            self.standby.down()


ALL = [TargetCrash, TargetKilled, SourceCrash, SourceKilled, BackendKilled, TargetSession, TargetSessions, TargetCancel,
       SourceSessions, KillCursors, StepDown, ReadOnly, StandbyPromoted]
