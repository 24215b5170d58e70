"""What runs out: disks, memory, file descriptors; and clocks that jump."""
import os
import resource
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from fault import Fault
from shell import run

CGROUPS = Path("/sys/fs/cgroup/memory")


def can_mount():
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True).returncode:
            return False
        run(["umount", folder])
    return True


class SmallDisk(Fault):
    """A file system of memory that is as small as we like."""

    strikes = (0, 0)

    @classmethod
    def obstacle(cls):
        return None if can_mount() else "small file systems can't be mounted"

    def mount(self, folder, size):
        run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder])
        self.mounted = folder

    def grow(self):
        run(["mount", "-o", "remount,size=1g", self.mounted])

    def close(self):
        if getattr(self, "mounted", None):
            run(["umount", "-l", self.mounted])


class TargetDisk(SmallDisk):
    name, what = "disk-target", "the disk that the target's tables are on is full"

    def tablespace(self):
        self.space = f"small_{self.trial.number}"
        folder = self.trial.folder.parent / "tablespace"
        folder.mkdir()
        self.mount(folder, "1g")
        if os.getuid() == 0:
            run(["chown", "postgres", folder])
        self.world.target.sql(f"create tablespace {self.space} location '{folder}'")
        return self.space

    def before(self):
        filled = int(run(["df", "--output=used", "-B1", self.mounted]).split()[-1])
        # As much as an empty ledger needs is there; as much as all rows and indexes need is not.
        room = self.random.randint(200_000, 3_500_000)
        run(["mount", "-o", f"remount,size={filled + room}", self.mounted])

    def after(self, ending):
        if ending.code not in (0, 5):
            self.trial.strikes += 1
            self.grow()

    def close(self):
        if hasattr(self, "space"):
            self.world.target.ensure_up()
            self.world.target.drop(self.trial.database)
            self.world.target.sql(f"drop tablespace if exists {self.space}")
        super().close()


class OwnDisk(SmallDisk):
    name, what = "disk-own", "the disk of checkpoint file, logs and reports is full"
    strikes = (1, 2)

    def before(self):
        self.mount(self.trial.folder, "400k")
        self.filler = self.trial.folder / "filler"
        self.filler.touch()

    def strike(self, program):
        file = os.open(self.filler, os.O_WRONLY | os.O_APPEND)
        try:
            while os.write(file, b"x" * 4096):
                pass
        except OSError:
            pass
        finally:
            os.close(file)
        return True

    def after(self, ending):
        # What could not be written at the end is written by the next run, once there is space.
        self.filler.write_bytes(b"")
        self.grow()


class Memory(Fault):
    """The kernel ends the program without a word, as it does in a container that is too small."""

    name, what = "memory", "the program's memory is limited (cgroup), and the kernel ends it"
    signals = ("SIGKILL",)
    strikes = (0, 0)

    @classmethod
    def obstacle(cls):
        probe = CGROUPS / f"migrate-chaos-{os.getpid()}"
        try:
            probe.mkdir()
            probe.rmdir()
            return None
        except OSError:
            return "no memory cgroup can be made"

    def before(self):
        self.cgroup = CGROUPS / f"migrate-chaos-{os.getpid()}-{self.trial.number}"
        self.cgroup.mkdir()
        self.limit(self.random.randint(2 << 20, 10 << 20))

    def limit(self, size):
        (self.cgroup / "memory.limit_in_bytes").write_text(str(size))

    def wrapper(self):
        return ["sh", "-c", f'echo $$ > {self.cgroup}/cgroup.procs; exec "$@"', "sh"]

    def after(self, ending):
        if ending.signal:
            self.trial.strikes += 1
            self.limit(-1)

    def close(self):
        if hasattr(self, "cgroup"):
            self.cgroup.rmdir()


class Files(Fault):
    name, what = "descriptors", "the program may open few files (ulimit -n)"
    strikes = (0, 0)

    def before(self):
        self.most = self.random.randint(4, 14)

    def limits(self):
        return {resource.RLIMIT_NOFILE: self.most}

    def after(self, ending):
        if ending.code not in (0, 5):
            self.trial.strikes += 1
            self.most = 1024


class Clock(Fault):
    name, what = "clock", "the clock jumps by minutes to days, back and forth"
    strikes = (1, 4)

    @classmethod
    def obstacle(cls):
        return None if shutil.which("cc") else "there is no C compiler"

    def before(self):
        self.library = self.world.work / "clock.so"
        if not self.library.exists():
            run(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, Path(__file__).parent / "clock.c", "-ldl"])
        self.file = self.trial.folder.parent / "clock"
        self.set(0)

    def set(self, seconds):
        # In place: the program has the file mapped.
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("l", seconds))

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "CHAOS_CLOCK": str(self.file)}

    def strike(self, program):
        self.set(self.random.choice([-1, 1]) * self.random.choice([90, 4000, 90_000, 400_000]))
        return True


ALL = [TargetDisk, OwnDisk, Memory, Files, Clock]
