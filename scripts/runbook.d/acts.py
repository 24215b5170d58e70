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
    wait(world, "select count(*) > 0 from migrate.quarantine", "no row was rejected")


def table_loaded(world):
    """Waits until the run at work has loaded its first table, and has begun with the second."""
    wait(world, "select count(*) filter (where status = 'done') > 0 and count(*) filter (where status = 'running') > 0 from migrate.table_state",
         "no table was loaded")


def wait(world, query, failure, seconds=60):
    end = time.monotonic() + seconds
    while world.sql(query) != "t":
        if time.monotonic() > end:
            raise Failed(f"{failure} within {seconds} s")
        time.sleep(0.1)
