"""How time and memory go with rows, lanes and chunks: customers again, by migrate alone."""
import customers
from timing import Way, Work

LANES = (1, 2, 3, 4)
CHUNKS = (1000, 5000, 20_000, 50_000)


def growth(servers, folder, counts, seed):
    """One work for each number of rows, beside the pipe."""
    for rows in counts:
        customers.fill(servers, rows, seed)
        ways = [way for way in customers.ways(servers, folder, rows) if way.name in ("migrate", "psql COPY pipe, SQL")]
        yield Work(f"growth {rows}", f"{rows:,} customers", rows, ways, "psql COPY pipe, SQL")


def combinations(servers, folder, rows, seed):
    """The program's own choice against each number of lanes and each size of chunks that could be set by hand."""
    customers.fill(servers, rows, seed)
    made = [mine(servers, folder, rows, "own choice", ())]
    made += [mine(servers, folder, rows, f"{lanes} lanes", ("--parallel", str(lanes))) for lanes in LANES]
    made += [mine(servers, folder, rows, f"chunks of {size:,}", ("--batch-size", str(size))) for size in CHUNKS]
    return Work("settings", f"settings, {rows:,} customers", rows, made, "own choice")


def mine(servers, folder, rows, name, options):
    way = next(way for way in customers.ways(servers, folder, rows, options) if way.name == "migrate")
    return Way(name, way.command, way.environment, way.before, way.after)
