"""What is odd about the databases of a run, for all of its time, and what an operator does about it.

The program may refuse to work there, if it says why; or it must bring every row as it is.
"""
import re
from urllib.parse import quote

REFUSALS = {1, 3, 4, 6}


class Surrounding:
    name, what = "none", "databases as they are made"
    # The sides that it is about; of MongoDB, and of a source that is changed meanwhile, the target alone is left.
    sides = ("source", "target")
    plans = ("nxt", "plain", "nextcrm", "forms")
    # Faults that say nothing there, because the manual says that they are not found out about.
    without = ()
    # How the program's own words show that it refuses because of this.
    refusal = None

    def __init__(self, trial, sides):
        self.trial, self.world, self.plan, self.sides = trial, trial.world, trial.plan, sides
        self.random = trial.surrounding_random
        # For each side the user and password that the program logs in with, and the port that it is led to.
        self.logins, self.ports = {}, {}
        self.is_mended = False

    @classmethod
    def obstacle(cls):
        """Why it can't be had on this machine; None if it can."""
        return None

    @classmethod
    def possible_sides(cls, plan, fault):
        """The sides that it can be about in a run; none if it can't be had there."""
        if fault.name in cls.without or plan.name not in cls.plans:
            return ()
        only = cls.sides if plan.setting == "SOURCE_DATABASE_URL" and not fault.changes_source else ("target",)
        return tuple(side for side in cls.sides if side in only)

    def server(self, side):
        return self.world.source if side == "source" else self.world.target

    def database(self, side):
        return self.trial.source_name if side == "source" else self.trial.database

    def sql(self, side, sql):
        return self.server(side).sql(sql, self.database(side))

    def url(self, side, port=None):
        """What the program is given."""
        server, port = self.server(side), port or self.ports.get(side)
        url = server.url(self.database(side), port)
        if side not in self.logins:
            return url
        user, password = self.logins[side]
        return re.sub(r"//[^@]*@", f"//{user}:{quote(password, safe='')}@", url)

    def port(self, side):
        """Where a proxy of a fault has to lead."""
        return self.ports.get(side) or self.server(side).port

    def make_databases(self):
        """Makes the source of the run, if it needs one of its own, and its target."""
        if "source" in self.sides or self.trial.fault.changes_source:
            self.plan.copy_source(self.trial.source_name)
        self.plan.new_target(self.trial.database, self.trial.fault.tablespace())

    def before(self):
        """When the databases are there."""

    def refuses(self, ending):
        """Whether a command ended because of this, and said so."""
        if not self.refusal or self.is_mended or ending.code not in REFUSALS:
            return False
        return re.search(self.refusal, ending.output + ending.errors, re.IGNORECASE) is not None

    def refused(self, ending):
        """What must hold when the program has refused."""

    def mend(self):
        """What an operator does so that the program works."""

    def allow(self, difference):
        """Takes out of a difference what has to be different here."""

    def code(self, code):
        """What a command ends with where it ends with a code elsewhere."""
        return code

    def judge(self):
        """When the migration is done and judged."""

    def close(self):
        """Undoes what outlives the databases."""
