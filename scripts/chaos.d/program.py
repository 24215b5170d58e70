"""The program under test: started, struck, waited for, and what it used and said."""
import json
import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Of `migrate run` and `migrate resume`. The wrong usage of 2 and validation's 4 can't be theirs.
DOCUMENTED = {0, 1, 3, 5, 6, 7, 8, 130, 143}
DONE = {0, 5}


@dataclass
class Ending:
    code: int
    seconds: float
    peak_mib: float
    hung: bool
    errors: str
    output: str

    @property
    def signal(self):
        return signal.Signals(-self.code).name if self.code < 0 else None

    def document(self):
        """Returns what --json printed; None if that is no JSON."""
        try:
            return json.loads(self.output)
        except ValueError:
            return None

    def remedy(self):
        error = (self.document() or {}).get("error") or {}
        return error.get("toDo") or ""

    def reason(self):
        """What it said went wrong, in a line."""
        error = (self.document() or {}).get("error") or {}
        if error:
            return f"{error.get('code')} {error.get('where')}: {error.get('what')}"[:400]
        lines = self.errors.strip().splitlines()
        return lines[-1][:300] if lines else ""


class Program:
    count = 0

    def __init__(self, words, env, folder, limits=None):
        """limits: of resource, such as {resource.RLIMIT_NOFILE: 20}."""
        Program.count += 1
        self.stem = Path(folder).parent / f"said-{Program.count}"
        self.words = [str(word) for word in words]
        self.begun = time.monotonic()

        def confine():
            for kind, most in (limits or {}).items():
                resource.setrlimit(kind, (most, most))

        with open(f"{self.stem}.out", "wb") as out, open(f"{self.stem}.err", "wb") as err:
            self.process = subprocess.Popen(
                self.words, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                preexec_fn=confine if limits else None)
        self.pid = self.process.pid
        self.status = None

    def is_at_work(self):
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.seconds = time.monotonic() - self.begun
                self.status, self.usage = status, usage
                self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.status is None

    def send(self, number):
        """Sends a signal; returns whether there was a process to hear it."""
        if not self.is_at_work():
            return False
        os.kill(self.pid, number)
        return True

    def wait(self, limit):
        end = time.monotonic() + limit
        while self.is_at_work() and time.monotonic() < end:
            time.sleep(0.005)
        hung = self.is_at_work()
        where = ""
        if hung:
            where = "\n" + self.whereabouts()
            self.end()
        return Ending(
            os.waitstatus_to_exitcode(self.status), self.seconds, self.usage.ru_maxrss / 1024, hung,
            self._said("err") + where, self._said("out"))

    def whereabouts(self):
        """What its threads wait for, for whoever has to find out why it did not end."""
        lines = []
        for task in sorted(Path(f"/proc/{self.pid}/task").glob("*")):
            try:
                call = (task / "syscall").read_text().split()
                lines.append(f"{(task / 'comm').read_text().strip()}: {(task / 'wchan').read_text()} {call[:3]}")
            except OSError:
                pass
        return "hung: " + "; ".join(lines)

    def end(self):
        if self.is_at_work():
            os.kill(self.pid, signal.SIGKILL)
        while self.is_at_work():
            time.sleep(0.005)

    def _said(self, which):
        return Path(f"{self.stem}.{which}").read_text(errors="replace")
