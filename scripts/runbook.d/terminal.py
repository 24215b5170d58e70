"""A terminal with bash on it, where lines are typed and keys pressed as an operator does it."""
import codecs
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
from pathlib import Path

# What bash prints before each prompt: the exit code between two characters that no program writes.
PROMPT = re.compile("\x1e(\\d+)\x1e")
# Colors, cursor movements, titles.
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")
# The wheel that npm turns while it waits.
SPINNER = re.compile("[\u2800-\u28ff]\r?")


class Terminal:
    """Bash of its own on a pseudo terminal; the folder and the variables stay from one line to the next."""

    def __init__(self, folder, environment, scratch):
        self.scratch = Path(scratch)
        self.lines = 0
        self.text, self.lock = "", threading.Lock()
        # What another terminal of the same operator has too: written before each prompt, as this one may be busy then.
        self.variables = self.scratch / f"variables-{time.monotonic_ns()}"
        prompt = rf'''code=$?; {{ export -p; declare -p LOG_FILE; }} > {self.variables} 2>/dev/null; printf "\036%s\036" "$code"'''
        environment = dict(environment, PS1="", PS2="", TERM="xterm", PROMPT_COMMAND=prompt, HISTFILE="/dev/null")
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve("/bin/bash", ["bash", "--noprofile", "--norc", "--noediting", "-i"], environment)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        settings = termios.tcgetattr(self.descriptor)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(self.descriptor, termios.TCSANOW, settings)
        threading.Thread(target=self._read, daemon=True).start()
        self.wait(20)
        self.enter("declare +x PROMPT_COMMAND PS1 PS2 HISTFILE")

    def type(self, line):
        """Enters a line, or several, and does not wait. They are read from a file: bash would expand `!` in what is typed."""
        self.lines += 1
        file = self.scratch / f"line-{self.pid}-{self.lines}"
        file.write_text(line + "\n")
        with self.lock:
            self.text = ""
        self._write(f". {file}\n")

    def enter(self, line):
        """Enters a line that ends at once."""
        self.type(line)
        self.wait(10)

    def press(self, keys):
        """Presses keys without an Enter: \\x03 is Ctrl+C."""
        self._write(keys)

    def wait(self, seconds):
        """Waits until the line has ended; returns its exit code and what stood on the screen, or None for the code."""
        match = self._until(lambda: PROMPT.search(self.text), seconds)
        if not match:
            return None, self.shown()
        shown = self.shown()
        return int(match[1]), shown

    def wait_for(self, pattern, seconds):
        """Waits until something is on the screen; returns what was found."""
        self._until(lambda: re.search(pattern, self.shown(), re.M) or PROMPT.search(self.text), seconds)
        return re.search(pattern, self.shown(), re.M)

    def shown(self):
        """What has been printed since the line was entered: without colors, each rewriting of a line on a line of its own."""
        text = SPINNER.sub("", PROMPT.sub("", ESCAPES.sub("", self.text)))
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def end(self):
        """Hangs up, as when the window is closed."""
        for number in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass
            for _ in range(40):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self.descriptor)
                    return
                time.sleep(0.05)

    def _write(self, text):
        os.write(self.descriptor, text.encode())

    def _until(self, is_there, seconds):
        end = time.monotonic() + seconds
        while True:
            found = is_there()
            if found or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def _read(self):
        """Reads all the time, as a window does: a program whose output nobody reads waits."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                more = decoder.decode(os.read(self.descriptor, 1 << 16))
            except OSError:
                # The terminal's other end is closed: bash has ended.
                return
            with self.lock:
                self.text += more
