"""What every fault can say about itself; most say little."""


class Fault:
    name = ""
    what = ""
    group = ""
    plans = ("nxt", "plain", "nextcrm", "forms")
    # Signals that the program may end by, because the fault sends them.
    signals = ()
    # Whether the source is changed, so that the run needs one of its own.
    changes_source = False
    # Whether it changes what a migration works on, so that the operator may have to start over.
    may_need_fresh = False
    # Whether a run takes much longer than others, so that --short omits it.
    is_slow = False
    # Seconds that a command may take longer than others because of the fault.
    patience = 0
    # The least and the most strikes of one migration.
    strikes = (1, 3)

    def __init__(self, trial):
        self.trial, self.random = trial, trial.random
        self.world, self.plan = trial.world, trial.plan

    @classmethod
    def obstacle(cls):
        """Why this fault can't be tried on this machine; None if it can."""
        return None

    def count(self):
        return self.random.randint(*self.strikes)

    def moment(self):
        """Seconds from the begin of a command, or the last strike, to the next strike."""
        return self.random.uniform(0.02, 0.8 * self.plan.seconds)

    def tablespace(self):
        return None

    def before(self):
        """Before the first command, when the target is there."""

    def environment(self):
        return {}

    def limits(self):
        return None

    def wrapper(self):
        return []

    def strike(self, program):
        """Strikes while the program is at work; returns whether that hit anything."""
        return False

    def after(self, ending):
        """What an operator mends after a command has ended, before the next one."""

    def judge(self):
        """When the migration says that it is done."""
        self.trial.hold_equal()

    def close(self):
        """Undoes what is left, whatever happened."""

    def target_sql(self, sql):
        return self.world.target.sql(sql, self.trial.database)
