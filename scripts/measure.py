"""Runs a command and prints what it cost: seconds, processor seconds, most memory in KiB, exit code.

Usage: measure.py COMMAND [ARGUMENT...]

The command's output goes to stderr. Of several processes the processor time is that of all, the memory that of the largest.
"""
import os
import sys
import time

start = time.monotonic()
child = os.fork()
if child == 0:
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
seconds = time.monotonic() - start
# A pipeline's parts are the shell's children: they count once the shell has waited for them.
print(f"{seconds:.3f} {usage.ru_utime + usage.ru_stime:.3f} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
