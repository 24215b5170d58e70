"""A network of its own for a program and all that it starts: nothing but loopback, on which all ports are its own."""
import fcntl
import os
import socket
import struct
import subprocess
import sys

ENTERED = "MIGRATE_PRIVATE_NETWORK"
GET_FLAGS, SET_FLAGS, IS_UP = 0x8913, 0x8914, 1


def can_be_had():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode == 0


def words(command):
    """The command, led into a new network; it has to call `enter` there."""
    return ["env", f"{ENTERED}=new", "unshare", "--net", "--", *command]


def enter():
    """Goes on in a network of its own, where that is allowed; begins the program again for that."""
    if ENTERED not in os.environ and can_be_had():
        command = words([sys.executable, *sys.argv])
        os.execvp(command[0], command)
    if os.environ.get(ENTERED) == "new":
        raise_loopback()
        os.environ[ENTERED] = "ready"


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | IS_UP))
