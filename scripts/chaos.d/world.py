"""What all runs share: the servers, the plans, and a folder that is removed in the end."""
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import plans
from servers import MongoServer, PostgresServer
from shell import ROOT, say


class World:
    def __init__(self, migrate, seed):
        self.migrate, self.seed = Path(migrate).resolve(), seed
        self.work = Path(tempfile.mkdtemp(prefix="migrate-chaos."))
        self.work.chmod(0o711)
        self.folders = 0
        self.ready = {}
        self._mongo = None
        self.source = self.target = None

    def up(self):
        self.source = PostgresServer(self.work / "source")
        self.target = PostgresServer(self.work / "target")

    @property
    def mongo(self):
        if not self._mongo:
            self._mongo = MongoServer(self.work / "mongo")
        return self._mongo

    def plan(self, name):
        """Returns a plan whose source is filled and whose undisturbed migration is known."""
        if name not in self.ready:
            plan = plans.ALL[name](self)
            plan.prepare()
            say(f"{name}: undisturbed in {plan.seconds:.1f} s, {sum(plan.expected.rows.values())} rows")
            self.ready[name] = plan
        return self.ready[name]

    def new_folder(self):
        self.folders += 1
        folder = self.work / f"folder-{self.folders}" / "here"
        folder.mkdir(parents=True)
        return folder

    def mend(self):
        """After each run the servers are as they were."""
        self.source.ensure_up()
        self.target.ensure_up()
        if self._mongo:
            self._mongo.ensure_up()

    def down(self):
        for server in (self.source, self.target, self._mongo):
            if server:
                try:
                    server.down()
                except Exception as error:
                    say(f"could not end a server: {error}")
        shutil.rmtree(self.work, ignore_errors=True)


def version(migrate):
    """The build that is tried: its own version, and the commit where it was built from a checkout."""
    told = subprocess.run([migrate, "version"], capture_output=True, text=True).stdout.splitlines()
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return f"{told[0] if told else '?'} ({os.environ.get('MIGRATE_BUILD') or commit.stdout.strip() or '?'})"


def randomness(seed, number):
    """The same for the same seed and number, whatever ran before."""
    return random.Random(f"{seed}/{number}")
