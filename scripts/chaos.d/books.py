"""The books of a finished migration, looked at with other eyes than the program's own."""
from shell import psql

# Each line that comes back is a complaint.
COMPLAINTS = """
with chunks as (
  select t.name, c.* from migrate.chunk c join migrate.table_state t on t.id = c.table_id
  where t.session = (select max(id) from migrate.session))
select 'session is ' || status from migrate.session where id = (select max(id) from migrate.session) and status <> 'completed'
union all
select name || ' is ' || status from migrate.table_state
where session = (select max(id) from migrate.session) and status not in ('done', 'completed')
union all
select name || ': chunk ' || number || ' is ' || status from chunks where status <> 'done'
union all
select name || ': the books do not close' from chunks group by name
having sum(rows_read) <> sum(rows_loaded + rows_merged + rows_filtered + rows_quarantined)
union all
select 'run ' || id || ' has not ended' from migrate.run where ended is null
union all
select kind || ' ' || name || ' is ' || status from migrate.set_aside where status <> 'restored'
union all
select 'a transaction is left prepared' from pg_prepared_xacts where database = current_database();
"""

COUNTS = """
select format('select %L || (%s - count(*)) from public.%I having count(*) <> %s;', name || ' lacks rows: ', loaded, name, loaded)
from (select t.name, sum(c.rows_loaded) as loaded from migrate.chunk c join migrate.table_state t on t.id = c.table_id
  where t.session = (select max(id) from migrate.session) group by t.name) books
where not exists (select from migrate.merge_total m join migrate.table_state t on t.id = m.table_id where t.name = books.name);
"""

SEQUENCES = """
select format('select %L where (select coalesce(max(%I), 0) from %s) > (select case when is_called then last_value else 0 end from %s);',
  s.relname || ' is behind', a.attname, t.oid::regclass, s.oid::regclass)
from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_class t on t.oid = d.refobjid
join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid where t.relnamespace = 'public'::regnamespace;
"""


def complaints(url, folder):
    """Returns what is not as it should be after a migration that says that it is done."""
    found = psql(url, COMPLAINTS).splitlines()
    for asking in (COUNTS, SEQUENCES):
        statements = psql(url, asking)
        if statements:
            found += psql(url, statements).splitlines()
    if (folder / "migration-checkpoint.json").exists():
        found.append("the checkpoint file is still there")
    return found
