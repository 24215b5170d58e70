"""What makes the world ready for the next steps, and no manual has: slow runs, faults, corrections."""


def slowly(world):
    """Runs that follow take their time, so that they can be watched: small chunks, one by one, with rests."""
    world.migrates("configure", "--batch-size", "5", "--parallel", "1", "--throttle", "95%")


def quickly(world):
    world.migrates("configure", "--parallel", "2", "--throttle", "0%")


def session(name):
    """A session can be configured before its first run."""
    return lambda world: world.migrates("session", "start", "--name", name)
