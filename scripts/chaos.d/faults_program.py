"""What happens to the program itself: signals, second operators, damaged checkpoint files."""
import signal
import time

from fault import Fault
from program import DONE


class Kill(Fault):
    name, what = "kill", "the program is killed (SIGKILL)"
    signals = ("SIGKILL",)

    def strike(self, program):
        return program.send(signal.SIGKILL)


class Terminate(Fault):
    name, what = "term", "the program gets SIGTERM"

    def strike(self, program):
        return program.send(signal.SIGTERM)


class Interrupt(Fault):
    name, what = "interrupt", "Ctrl+C once"

    def strike(self, program):
        return program.send(signal.SIGINT)


class InterruptTwice(Fault):
    name, what = "interrupt-twice", "Ctrl+C twice"

    def strike(self, program):
        hit = program.send(signal.SIGINT)
        time.sleep(self.random.uniform(0.001, 0.3))
        program.send(signal.SIGINT)
        return hit


class Freeze(Fault):
    name, what = "freeze", "the program stands still for a while (SIGSTOP, SIGCONT)"

    def strike(self, program):
        hit = program.send(signal.SIGSTOP)
        time.sleep(self.random.uniform(0.2, 3))
        program.send(signal.SIGCONT)
        return hit


class SecondOperator(Fault):
    name, what = "second-operator", "a second operator starts the same migration"
    strikes = (1, 2)

    def strike(self, program):
        second = self.trial.start(["run", "--all"], self.world.new_folder())
        ending = second.wait(self.trial.time_limit)
        if ending.code not in DONE | {8} and not self.trial.surrounding.refuses(ending):
            self.trial.wrong.append(f"the second operator's run ended with {ending.code}: {ending.reason()}")
        self.trial.notes.append(f"second operator: {ending.code}")
        return True

    def after(self, ending):
        # Whoever of the two was done first has done it all; the other's checkpoint is not left behind.
        if ending.code == 8:
            time.sleep(1)


class BothAtOnce(SecondOperator):
    name, what = "two-at-once", "two operators start the same migration at the same moment"
    strikes = (1, 1)

    def moment(self):
        return self.random.uniform(0, 0.02)


class DamagedCheckpoint(Fault):
    """The run is killed, and the file damaged; a refusal must name the file, and moving it away must help."""

    name, what = "checkpoint-damaged", "the checkpoint file is damaged or cut short after a kill"
    signals = ("SIGKILL",)
    strikes = (1, 2)

    def strike(self, program):
        return program.send(signal.SIGKILL)

    @property
    def file(self):
        return self.trial.folder / "migration-checkpoint.json"

    def damage(self, data):
        way = self.random.randrange(3)
        if way == 0:
            return data[: self.random.randrange(len(data))]
        if way == 1:
            return bytes(self.random.randbytes(len(data)))
        changed = bytearray(data)
        changed[self.random.randrange(len(changed))] ^= 1 << self.random.randrange(8)
        return bytes(changed)

    def after(self, ending):
        if ending.code in DONE:
            return
        if ending.code >= 0:
            if "migration-checkpoint.json" not in ending.output + ending.errors:
                self.trial.wrong.append(f"a damaged checkpoint file is refused without its name: {ending.reason()}")
            self.file.unlink(missing_ok=True)
        elif self.file.exists():
            self.file.write_bytes(self.damage(self.file.read_bytes()))


class DeletedCheckpoint(DamagedCheckpoint):
    name, what = "checkpoint-deleted", "the checkpoint file is deleted after a kill"

    def after(self, ending):
        self.file.unlink(missing_ok=True)


ALL = [Kill, Terminate, Interrupt, InterruptTwice, Freeze, SecondOperator, BothAtOnce, DamagedCheckpoint, DeletedCheckpoint]
