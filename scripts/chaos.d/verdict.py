"""What all runs are judged by in the end: every row is equal, or the program has said so."""
import books
from contents import read_contents
from program import Program
from shell import psql

QUARANTINED = "select 'set aside: ' || q.reason || ' ' || q.key || ' ' || coalesce(q.hint, '') from migrate.quarantine q limit 3"
LAYERS = "counts,records,references,types,fingerprints"


class Verdict:
    """The part of a trial that looks at what came of it."""

    def hold_equal(self, expected=None, code=None):
        """The whole target, the books, and what the program itself says of them."""
        self.world.target.ensure_up()
        self.difference = read_contents(self.target_url()).compare(expected or self.plan.expected)
        self.surrounding.allow(self.difference)
        if self.difference and self._is_told_of_surrounding():
            return self.hold_equal(expected, code)
        if self.difference:
            self.wrong.append(f"DIFFERENT: {self.difference}")
            self.notes += psql(self.target_url(), QUARANTINED).splitlines()
        code = self.surrounding.code(self.plan.code if code is None else code)
        if self.endings[-1].code != code:
            self.wrong.append(f"ended with {self.endings[-1].code}, undisturbed with {code}")
        self.wrong += books.complaints(self.target_url(), self.folder)
        for words in (["validate", "--layers", LAYERS], ["status", "--check"]):
            ending = self.ask(words)
            if ending.code != 0:
                self.wrong.append(f"{' '.join(words)} ended with {ending.code}: {self.complaint(ending)}")

    def _is_told_of_surrounding(self):
        """Whether the program tells that rows are others than elsewhere; then the migration is begun anew where it works."""
        if self.surrounding.name == "none" or self.surrounding.is_mended:
            return False
        before = len(self.wrong)
        self.hold_told(self.difference)
        if len(self.wrong) > before:
            return False
        self._go_on_where_it_works()
        self.note(["run --fresh"], self.anew())
        return True

    def hold_told(self, difference):
        """A target that is not as it should be is found by the validation, or the quarantine names what is missing."""
        verdict = self.ask(["validate", "--layers", LAYERS, "--samples", "all"])
        if verdict.code == 4:
            self.told = True
            self.notes.append(f"{difference}: told by validate: {self.complaint(verdict)[:200]}")
        elif difference.is_named and self.endings[-1].code == 5:
            self.told = True
            self.notes.append(f"{difference}: told by the quarantine")
        else:
            self.silent = difference.lost
            self.wrong.append(f"SILENT: {difference}, and validate ended with {verdict.code}")

    def ask(self, words):
        """Runs a command that nobody disturbs."""
        return Program([self.world.migrate, *words], self.operator_environment(), self.folder).wait(self.time_limit)

    def anew(self):
        """Begins again with empty tables, undisturbed."""
        words = ["run", "--all", "--fresh", "--empty-tables", "--yes", "--json"]
        return self.ask(words)

    @staticmethod
    def complaint(ending):
        lines = [line.strip() for line in (ending.output + ending.errors).splitlines()]
        return "; ".join(line for line in lines if line.startswith(("[failed]", "error:")))[:500]
