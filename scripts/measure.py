"""Runs a command and prints what it cost: seconds, processor seconds, most memory in KiB, exit code.

Usage: measure.py COMMAND [ARGUMENT...]

The command's output goes to stderr. Of several processes the processor time is that of all, the memory that of the largest.
"""
import os
import sys
import time


def measure(command, output=2):
    """The command's output goes to a descriptor. Returns the four numbers."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - start
    # A pipeline's parts are the shell's children: they count once the shell has waited for them.
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    print("{:.3f} {:.3f} {} {}".format(*measure(sys.argv[1:])))
