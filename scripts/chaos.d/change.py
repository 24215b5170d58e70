"""What changes under a migration, and how such a migration is judged.

It can't always end like an undisturbed one. It must then say so: the run itself, or the validation that follows it.
And beginning anew must bring what the source holds now.
"""
from contents import read_contents
from fault import Fault
from program import DONE


class Change(Fault):
    strikes = (1, 1)
    may_need_fresh = True

    def expected(self):
        """What an undisturbed migration would make of the source as it is in the end."""
        return self.plan.expected, self.plan.code

    def judge(self):
        trial = self.trial
        after, code = self.expected()
        found = read_contents(trial.target_url())
        if found.compare(after):
            self.hold_told(found, after)
            self.mend()
            after, code = self.expected()
            trial.note(["run --fresh"], trial.anew())
        trial.hold_equal(after, code)

    def hold_told(self, found, after):
        """Rows that are not as they should be are found by the validation."""
        difference = found.compare(after)
        if difference.lost or difference.doubled or difference.strange:
            self.trial.hold_told(difference)
        else:
            self.trial.notes.append(f"rows are equal, but: {difference}")

    def mend(self):
        """Takes back what can be taken back."""

    def after(self, ending):
        if ending.code not in DONE:
            self.mend()
