"""All faults, and which of them is whose turn."""
import random

import faults_definitions
import faults_limits
import faults_locks
import faults_network
import faults_program
import faults_rows
import faults_servers
import surroundings_access
import surroundings_servers
import surroundings_settings
from shell import say
from surrounding import Surrounding

MODULES = {
    "the program": faults_program, "the servers": faults_servers, "the network": faults_network,
    "what runs out": faults_limits, "other sessions": faults_locks, "definitions that change": faults_definitions, "rows that change": faults_rows,
}
ALL = [fault for module in MODULES.values() for fault in module.ALL]
BY_NAME = {fault.name: fault for fault in ALL}
SURROUNDINGS = [Surrounding, *surroundings_settings.ALL, *surroundings_access.ALL, *surroundings_servers.ALL]


def possible(short=False):
    """Names of the faults that can be tried here; says why others can't."""
    names = []
    for fault in ALL:
        if short and fault.is_slow:
            continue
        obstacle = fault.obstacle()
        if obstacle:
            say(f"{fault.name} is not tried here: {obstacle}")
        else:
            names.append(fault.name)
    return names


def choice(names, seed, number):
    """Each fault comes once before any comes twice, each time in another order."""
    turn, place = divmod(number - 1, len(names))
    order = sorted(names)
    random.Random(f"{seed}/turn {turn}").shuffle(order)
    return order[place]


def surroundings(names, seed, number):
    """The surroundings that may be had, in the order in which a run looks for one that fits: each has its turn to be the first."""
    chosen = [kind for kind in SURROUNDINGS if kind.name in names] if names else [kind for kind in SURROUNDINGS if not kind.obstacle()]
    turn, place = divmod(number - 1, len(chosen))
    random.Random(f"{seed}/surroundings {turn}").shuffle(chosen)
    return chosen[place:] + chosen[:place]


def show():
    for group, module in MODULES.items():
        print(f"{group}:")
        for fault in module.ALL:
            print(f"  {fault.name:20} {fault.what}")
    print("surroundings:")
    for kind in SURROUNDINGS:
        print(f"  {kind.name:20} {kind.what}")
    return 0
