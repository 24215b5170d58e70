"""One migration: prepared, struck, followed to its end as the manual says, and judged."""
import time

import plans
from program import DOCUMENTED, DONE, Program
from shell import Failed
from surrounding import Surrounding
from verdict import Verdict
from world import randomness

MOST_COMMANDS = 15
# After this many undisturbed commands with the same result, another one would not change it.
MOST_OF_A_KIND = 5
MOST_MEMORY = 200


class Trial(Verdict):
    def __init__(self, world, number, fault, surroundings, time_limit):
        """surroundings: those that may be had, in the order of this run; the first that fits is taken."""
        self.world, self.number = world, number
        self.random, self.surrounding_random = randomness(world.seed, number), randomness(world.seed, f"{number}/surrounding")
        surrounding, names = self._surrounding(fault, surroundings)
        self.plan = world.plan(self.random.choice(names))
        # On a machine that is busy with other things nothing is as fast as it could be.
        self.time_limit = time_limit + 10 * self.plan.seconds
        self.lanes = self.random.randint(1, 3)
        self.chunk = self.random.choice([50, 100, 250, 600])
        self.retries = self.random.choice([2, 3, 5])
        self.database = f"target_{number}"
        self.source_name = f"changed_{number}"
        self.folder = world.new_folder()
        self.helpers, self.endings, self.said, self.wrong, self.notes = [], [], [], [], []
        self.strikes, self.difference = 0, None
        # Whether the target was not what it should be and the program said so, and rows of which it said nothing.
        self.told, self.silent = False, 0
        self.target_port = self.source_port = None
        self.fault = fault(self)
        self.surrounding = surrounding(self, self._sides(surrounding))

    @staticmethod
    def _surrounding(fault, kinds):
        """The first that fits the fault, and the plans that it can be had with."""
        for kind in kinds:
            names = [name for name in fault.plans if kind is Surrounding or kind.possible_sides(plans.ALL[name], fault)]
            if names:
                return kind, names
        return Surrounding, fault.plans

    def _sides(self, kind):
        possible = () if kind is Surrounding else kind.possible_sides(self.plan, self.fault)
        return [side for side in possible if self.surrounding_random.random() < 0.7] or possible

    # Where things are, for an administrator who comes straight.

    def target_url(self):
        return self.world.target.url(self.database)

    def source_url(self):
        return self.plan.source_url(self.source_database())

    def source_database(self):
        """A run whose source is changed, or is in an odd surrounding, has one of its own."""
        return self.source_name if self.has_own_source() else self.plan.database

    def has_own_source(self):
        return self.fault.changes_source or "source" in self.surrounding.sides

    def operator_environment(self, target_port=None, source_port=None):
        """What the program is given, in its surrounding."""
        if "source" in self.surrounding.sides:
            source = self.surrounding.url("source", source_port)
        else:
            source = self.plan.source_url(self.source_database(), source_port)
        return self.plan.environment(self.surrounding.url("target", target_port), source)

    def environment(self):
        """Commands that are struck may be led through proxies; what judges is not."""
        env = self.operator_environment(self.target_port, self.source_port)
        env["MIGRATION_BATCH_SIZE"] = str(self.chunk)
        env["MIGRATION_MAX_RETRIES"] = str(self.retries)
        return env | self.fault.environment()

    # The way of a run.

    def run(self):
        begun = time.monotonic()
        try:
            self._prepare()
            if self._follow():
                self.fault.judge()
            self.surrounding.judge()
        except (Failed, OSError) as error:
            self.notes.append(f"the harness: {error}")
            self.wrong.append("the harness failed")
        finally:
            self._clean_up()
        self.seconds = time.monotonic() - begun
        return self

    def _prepare(self):
        self.surrounding.make_databases()
        self.surrounding.before()
        self.fault.before()

    def start(self, words, folder=None):
        program = Program(
            [*self.fault.wrapper(), self.world.migrate, *words, "--json"], self.environment(), folder or self.folder,
            self.fault.limits())
        self.helpers.append(program)
        return program

    def _follow(self):
        """Runs the next command until the migration says that it is done; returns whether it does."""
        left, words = self.fault.count(), self._command(None)
        for _ in range(MOST_COMMANDS):
            program = self.start(words)
            while left and self._sleep(program, self.fault.moment()):
                left -= 1
                self._strike(program)
            ending = program.wait(self.time_limit + self.fault.patience)
            self.note(words, ending)
            if ending.hung:
                return False
            if self.surrounding.refuses(ending):
                self.told = True
                self._go_on_where_it_works(ending)
            else:
                self.fault.after(ending)
            if self._repeats_itself():
                break
            if ending.code in DONE:
                return True
            words = self._command(ending.code)
        self.wrong.append("no end in sight")
        return False

    def _repeats_itself(self):
        self.said.append((self.strikes, self.endings[-1].code, self.endings[-1].reason()))
        last = self.said[-MOST_OF_A_KIND:]
        return len(last) == MOST_OF_A_KIND and len(set(last)) == 1

    def _go_on_where_it_works(self, ending=None):
        if ending:
            self.surrounding.refused(ending)
        self.surrounding.mend()
        self.surrounding.is_mended = True

    def _strike(self, program):
        try:
            if self.fault.strike(program):
                self.strikes += 1
        except (Failed, OSError) as error:
            self.notes.append(f"no strike: {error}")

    def _sleep(self, program, seconds):
        """Returns whether the program is still at work when the time is up."""
        end = time.monotonic() + seconds
        while program.is_at_work() and time.monotonic() < end:
            time.sleep(0.004)
        return program.is_at_work()

    def _command(self, code):
        """What the manual says is next: paused migrations may also be resumed. What the program itself names as the way out counts too."""
        if code == 7 and self.random.random() < 0.5:
            return ["resume"]
        if code == 1 and self.fault.may_need_fresh and "migrate run --fresh" in self.endings[-1].remedy():
            return ["run", "--all", "--parallel", str(self.lanes), "--fresh", "--empty-tables", "--yes"]
        return ["run", "--all", "--parallel", str(self.lanes)]

    def note(self, words, ending):
        self.endings.append(ending)
        what = f"{words[0]} {len(self.endings)}"
        if ending.hung:
            self.wrong.append(f"{what} hangs: {ending.errors[-1500:]}")
        elif ending.signal:
            if ending.signal not in self.fault.signals and not self.is_too_early(ending):
                self.wrong.append(f"{what} crashed by {ending.signal}: {ending.errors[-1500:]}")
        elif ending.code not in DOCUMENTED:
            self.wrong.append(f"{what} ended with {ending.code}: {ending.reason()}")
        elif ending.document() is None:
            self.wrong.append(f"{what} ended with {ending.code} and printed no JSON: {ending.output[:200]!r}")
        if ending.peak_mib > MOST_MEMORY:
            self.wrong.append(f"{what} took {ending.peak_mib:.0f} MiB")
        if ending.code not in DONE and not ending.hung:
            self.notes.append(f"{words[0]}: {ending.signal or ending.code}: {ending.reason()}")

    @staticmethod
    def is_too_early(ending):
        """A shell tells 130 and 143 also of a program that was ended before it could say a word."""
        return ending.signal in ("SIGINT", "SIGTERM") and not ending.errors and not ending.output

    def _clean_up(self):
        for helper in self.helpers:
            helper.end()
        try:
            self.fault.close()
        finally:
            self.world.mend()
            self.world.target.drop(self.database)
            if self.has_own_source():
                self.plan.drop_source(self.source_name)
            self.surrounding.close()
