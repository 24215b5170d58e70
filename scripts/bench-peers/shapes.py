"""Tables of many shapes, made by a seed: what is measured is not made to fit what measures it.

The server makes the values itself, from the number of the row and the seed, so that a table is the same wherever it is made.
"""
import random

WORDS = "array['north','south','river','stone','field','harbour','market','bridge','garden','station','mill','castle']"


class Shape:
    def __init__(self, name, title, rows, columns, index):
        self.name, self.title, self.rows, self.columns, self.index = name, title, rows, columns, index

    def table(self, name=None):
        columns = ", ".join(f"{column} {kind}" for column, kind, _ in self.columns)
        return f"create table public.{name or self.name} ({columns}, primary key (id))"

    def has_arrays(self):
        return any(kind.endswith("[]") for _, kind, _ in self.columns)

    def indexes(self):
        return [f"create index {self.name}_{self.index} on public.{self.name} ({self.index})"]

    def fill(self):
        values = ", ".join(value for _, _, value in self.columns)
        return f"insert into public.{self.name} select {values} from generate_series(1, {self.rows}) i"

    def plan(self):
        names = ", ".join(f'"{column}"' for column, _, _ in self.columns)
        return (
            f'{{ name: "{self.name}", source: {{ kind: "postgres" }}, tables: {{ {self.name}: '
            f'{{ from: "{self.name}", key: "id", sameColumns: [{names}] }} }} }}\n'
        )


class Values:
    """Values of each type, no two columns alike."""

    def __init__(self, chance):
        self.chance = chance

    def number(self, most):
        return f"(hashint8extended(i, {self.chance.getrandbits(40)}) & 2147483647) % {most}"

    def digest(self):
        return f"md5(i || '.{self.chance.getrandbits(30)}')"

    def make(self, kind):
        number, digest = self.number, self.digest
        return {
            "smallint": lambda: f"({number(30000)})::smallint",
            "integer": lambda: f"({number(2000000000)})::integer",
            "bigint": lambda: f"hashint8extended(i, {self.chance.getrandbits(40)})",
            "numeric(14,2)": lambda: f"(({number(10**11)})::numeric / 100)",
            "double precision": lambda: f"({number(10**9)})::float8 / 977",
            "boolean": lambda: f"{number(2)} = 0",
            "text": lambda: f"({WORDS})[1 + {number(12)}] || ' ' || ({WORDS})[1 + {number(12)}] || ' ' || i",
            "varchar(60)": lambda: f"substr({digest()} || {digest()}, 1, (4 + {number(50)})::int)",
            "wide": lambda: f"repeat({digest()} || ' ', (5 + {number(40)})::int)",
            "timestamp": lambda: f"timestamp '2012-03-04' + {number(3 * 10**8)} * interval '1 second'",
            "timestamptz": lambda: f"timestamptz '2012-03-04 00:00+00' + {number(10**9)} * interval '0.3 second'",
            "date": lambda: f"date '1970-01-01' + ({number(20000)})::int",
            "uuid": lambda: f"{digest()}::uuid",
            "bytea": lambda: f"decode({digest()} || {digest()}, 'hex')",
            "integer[]": lambda: f"array[{number(100)}, {number(10**6)}, {number(10**9)}]::integer[]",
            "text[]": lambda: f"array[({WORDS})[1 + {number(12)}], {digest()}]",
            "jsonb": lambda: (
                f"jsonb_build_object('city', ({WORDS})[1 + {number(12)}], 'amount', {number(10**6)} / 100.0,"
                f" 'tags', jsonb_build_array({digest()}, {number(50)}), 'active', {number(2)} = 1)"
            ),
            "document": lambda: (
                f"(select jsonb_object_agg('key ' || g, jsonb_build_object('n', g * i, 't', md5(i || 'x' || g)))"
                f" from generate_series(1, 10 + {number(30)}) g)"
            ),
        }[kind]()


# What some kinds are called by the server.
TYPES = {"wide": "text", "document": "jsonb"}


def shapes(seed, scale):
    chance = random.Random(seed)
    values = Values(chance)

    def column(name, kind, nulls=0):
        value = values.make(kind)
        if nulls:
            value = f"case when {values.number(100)} < {nulls} then null else {value} end"
        return name, TYPES.get(kind, kind), value

    def shape(name, title, rows, columns, index):
        return Shape(name, title, max(1000, int(rows * scale)), [("id", "bigint", "i")] + columns, index)

    kinds = [kind for kind in (
        "smallint integer bigint boolean text varchar(60) timestamp timestamptz date uuid bytea integer[] text[] jsonb"
    ).split() + ["numeric(14,2)", "double precision"]]
    mixed = [column(f"c{n}", chance.choice(kinds), chance.choice([0, 0, 0, 5, 30, 80])) for n in range(1, chance.randint(14, 22))]
    return [
        shape("narrow", "4 small columns", 1_000_000, [
            column("owner", "integer"), column("amount", "numeric(14,2)"), column("at", "timestamptz")], "owner"),
        shape("numbers", "30 integers, a tenth null", 400_000, [
            column(f"n{n}", chance.choice(["smallint", "integer", "bigint"]), 10) for n in range(1, 30)], "n1"),
        shape("texts", "5 wide texts", 100_000, [
            column(f"t{n}", "wide") for n in range(1, 5)] + [column("name", "text")], "name"),
        shape("documents", "large jsonb", 50_000, [column("body", "document"), column("at", "timestamp")], "at"),
        shape("mixed", f"{len(mixed) + 2} columns of types by chance, arrays and nulls among them", 300_000, [
            column("label", "text")] + mixed, "label"),
    ]
