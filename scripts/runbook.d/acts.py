"""What makes the world ready for the next steps, and no manual has: slow runs, faults, corrections."""
import time

from world import Failed


def slowly(world):
    """Runs that follow take their time, so that they can be watched: small chunks, one by one, with rests."""
    world.migrates("configure", "--batch-size", "3", "--parallel", "1", "--throttle", "95%")


def quickly(world):
    world.migrates("configure", "--parallel", "2", "--batch-size", "auto", "--throttle", "0%")


def session(name):
    """A session can be configured before its first run."""
    return lambda world: world.migrates("session", "start", "--name", name)


def rejected(world):
    """Waits until the run at work has rejected a row."""
    end = time.monotonic() + 60
    while world.sql("select count(*) from migrate.quarantine") == "0":
        if time.monotonic() > end:
            raise Failed("no row was rejected within 60 s")
        time.sleep(0.1)
