"""What a target holds, as far as two migrations of the same source must agree in it."""
from collections import Counter
from dataclasses import dataclass

from shell import psql

# Numbers that the target makes are left out: rolled back chunks leave gaps in them. So are numbers of chunks below.
TABLES = """
select t.relname, coalesce(string_agg(quote_literal(a.attname), ',') filter (
  where a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'), '')
from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace group by t.relname order by 1
"""

# The time of the run is in rows, and is the one thing that differs between two runs.
ROWS = """
select 'row|{table}|' || md5(convert_to(replace((to_jsonb(t) - array[{generated}]::text[])::text, r.moment, 'RUN'), 'UTF8'))
from public."{table}" t, (
  select trim('"' from to_jsonb('epoch'::timestamp + run_time * interval '1 microsecond')::text) as moment
  from migrate.session order by id desc limit 1) r;
"""

DEFINITIONS = """
select 'definition|' || d from (
  select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated as d
  from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select pg_get_indexdef(indexrelid) || indisvalid || indisreplident || indisclustered from pg_index
  where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  union all
  select attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull || atthasdef
  from pg_attribute where attnum > 0 and not attisdropped and attrelid in (
    select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)
  union all
  select pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal) d;
"""

BOOKS = """
select 'quarantine|' || t.name || '|' || md5(convert_to((to_jsonb(q) - '{id,table_id,added,chunk}'::text[])::text, 'UTF8'))
from migrate.quarantine q join migrate.table_state t on t.id = q.table_id
where t.session = (select max(id) from migrate.session);
select 'warning|' || t.name || '.' || w.column_name || ' ' || w.reason || ' ' || sum(w.count)
from migrate.warning w join migrate.table_state t on t.id = w.table_id
where t.session = (select max(id) from migrate.session) group by t.name, w.column_name, w.reason;
"""


@dataclass
class Difference:
    lost: int
    doubled: int
    # Rows that are there in another form, or that should not be there.
    strange: int
    rest: list

    def __bool__(self):
        return bool(self.lost or self.doubled or self.strange or self.rest)

    @property
    def is_named(self):
        """Whether each row that is missing was set aside, and each that has another form was warned of."""
        added = Counter(line.split("|")[0] for line in self.rest if line.startswith("with "))
        return not self.doubled and added["with quarantine"] >= self.lost and added["with warning"] >= bool(self.strange)

    def __str__(self):
        told = [f"{count} rows {word}" for word, count in vars(self).items() if word != "rest" and count]
        return ", ".join(told + self.rest[:4])


class Contents:
    def __init__(self, lines):
        self.rows = Counter(line for line in lines if line.startswith("row|"))
        self.rest = Counter(line for line in lines if line and not line.startswith("row|"))

    def compare(self, expected):
        missing, extra = expected.rows - self.rows, self.rows - expected.rows
        doubled = sum(count for row, count in extra.items() if row in expected.rows)
        rest = [f"without {line}" for line in expected.rest - self.rest]
        rest += [f"with {line}" for line in self.rest - expected.rest]
        return Difference(sum(missing.values()), doubled, sum(extra.values()) - doubled, rest)


def read_contents(url):
    tables = [line.split("|") for line in psql(url, TABLES).splitlines()]
    rows = "".join(ROWS.format(table=table, generated=generated) for table, generated in tables)
    return Contents(psql(url, rows + DEFINITIONS + BOOKS).splitlines())


def read_definitions(url):
    """What the tables are like, also where nothing was migrated yet."""
    return Contents(psql(url, DEFINITIONS).splitlines())
