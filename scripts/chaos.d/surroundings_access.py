"""Who the program is, and what it may see."""
import re

from contents import read_definitions
from program import Program
from shell import Failed
from surrounding import Surrounding


class RowSecurity(Surrounding):
    """A policy hides rows from a reader that does not own the table, and PostgreSQL says nothing."""

    name, what = "row-security", "a policy of the source hides rows from the reader, who is not the owner"
    sides = ("source",)
    plans = ("nxt", "plain", "forms")
    refusal = r"row.?(level)? ?security|\bpolic(y|ies)\b|row_security"

    def before(self):
        self.role = f"reader_{self.trial.number}"
        tables = self.sql("source", "select quote_ident(tablename) from pg_tables where schemaname = 'public' order by 1").splitlines()
        hidden = self.random.sample(tables, self.random.randint(1, len(tables)))
        self.sql("source", f"""
            create role {self.role} login password 'reader';
            grant select on all tables in schema public to {self.role};
            """ + "".join(f"""
            alter table {table} enable row level security;
            create policy half on {table} using (md5({table}::text) < '8');""" for table in hidden))
        self.logins["source"] = (self.role, "reader")
        self.trial.notes.append("rows are hidden of " + ", ".join(hidden))

    def mend(self):
        self.sql("source", f"alter role {self.role} bypassrls")

    def close(self):
        if hasattr(self, "role"):
            self.world.source.ensure_up()
            self.world.source.sql(f"drop role if exists {self.role}")


class LeastRole(Surrounding):
    """The roles that docs/records.md tells to make, the tables owned by one that can't log in."""

    name, what = "least-role", "the program logs in as what create-migration-user makes, at both sides"
    refusal = r"permission|privilege|\bmay not\b|\bGRANT\b|must be (owner|superuser)"

    def before(self):
        self.roles = {}
        folder = self.world.new_folder()
        for side in self.sides:
            self.roles[side] = f"migrator_{side}_{self.trial.number}"
            if side == "target":
                self.give_away()
            options = ["--as-owner"] if side == "target" else ["--on-source"]
            self.as_administrator(
                ["create-migration-user", "--name", self.roles[side], "--password-file", folder / side, *options], folder)
            self.logins[side] = (self.roles[side], (folder / side).read_text().strip())
        self.empty = read_definitions(self.trial.target_url())

    def give_away(self):
        owner = f"owner_{self.trial.number}"
        self.sql("target", f"create role {owner}; do $$ declare name text; begin" + f"""
            for name in select oid::regclass from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
              execute 'alter table ' || name || ' owner to {owner}'; end loop;
            for name in select format_type(oid, null) from pg_type where typnamespace = 'public'::regnamespace and typtype in ('d', 'e')
              or oid in (select reltype from pg_class where relkind = 'c' and relnamespace = 'public'::regnamespace) loop
              execute 'alter type ' || name || ' owner to {owner}'; end loop; end $$""")

    def as_administrator(self, words, folder):
        env = self.plan.environment(self.trial.target_url(), self.trial.source_url())
        ending = Program([self.world.migrate, *words], env, folder).wait(self.trial.time_limit)
        if ending.code != 0:
            raise Failed(f"migrate {words[0]} ended with {ending.code}: {ending.errors}")

    def refused(self, ending):
        """A refusal that comes before anything else has changed anything leaves the target as it was."""
        if len(self.trial.endings) > 1 or self.trial.strikes:
            return
        left = read_definitions(self.trial.target_url()).compare(self.empty).rest
        if left:
            self.trial.wrong.append(f"refused, and the target is left with: {left[:3]}")

    def mend(self):
        self.logins.clear()

    def close(self):
        for side, role in getattr(self, "roles", {}).items():
            self.server(side).ensure_up()
            for name in [role, f"owner_{self.trial.number}"]:
                self.server(side).sql(f"drop role if exists {name}")


class Planted(Surrounding):
    """Objects of system names in the schemas that come first in the search path. They do as the system's do, and write to the
    server's log that they were called, which a rollback does not take back and a read-only transaction may."""

    name = "planted"
    what = "the role's own schema and public, first in the search path, hold functions, operators and tables of system names"

    FUNCTIONS = """lower upper length btrim ltrim rtrim md5 now replace left right substr strpos position quote_ident quote_literal
      to_regclass to_regnamespace current_setting set_config pg_backend_pid pg_get_constraintdef pg_get_indexdef pg_get_expr format_type
      obj_description shobj_description pg_table_size pg_total_relation_size pg_relation_size pg_size_pretty pg_is_in_recovery
      pg_try_advisory_lock pg_advisory_lock pg_advisory_unlock pg_get_userbyid pg_get_serial_sequence txid_current pg_current_xact_id
      pg_current_snapshot pg_export_snapshot version current_database current_schema clock_timestamp statement_timestamp date_trunc
      to_timestamp encode decode abs mod floor ceil round trunc sign hashtext convert_to convert_from octet_length char_length
      has_table_privilege has_schema_privilege has_database_privilege pg_has_role pg_terminate_backend pg_cancel_backend setval nextval
      int4 int8 text numeric""".split()
    # Better fits than the system's own for a column of varchar, wherever public is in the path.
    CLOSER = "lower upper length btrim ltrim rtrim md5 replace left strpos octet_length convert_to".split()
    TYPES = "text integer bigint uuid boolean oid name timestamptz numeric double\\ precision bytea varchar".replace("\\ ", "\0").split()
    OPERATORS = ["=", "<>", "<", ">", "<=", ">=", "||"]
    TABLES = """pg_class pg_attribute pg_constraint pg_index pg_type pg_namespace pg_database pg_stat_activity pg_locks pg_settings
      pg_roles pg_proc pg_depend pg_trigger pg_sequence pg_tables pg_indexes""".split()

    # Tells the log that an object was called.
    WITNESS = """
create function public.planted(what text) returns boolean language plpgsql set search_path = pg_catalog as $f$ declare stack text;
  -- Each name is told once in a session: an operator may be called a million times.
  told text := 'planted.x' || md5(what); begin
  if coalesce(current_setting(told, true), '') = '' then
    -- What a function of the schema's own calls is no call of the program's.
    get diagnostics stack = pg_context;
    if (select count(*) from regexp_matches(stack, 'PL/pgSQL function', 'g')) <= 2 then
      perform set_config(told, 'told', false);
      raise log 'planted: % called by %', what, translate(left(current_query(), 200), e'\\n', ' ');
    end if;
  end if;
  return true;
end $f$;"""

    @classmethod
    def planting(cls, schema):
        functions = ",".join(f"'{name}'" for name in cls.FUNCTIONS)
        closer = ",".join(f"'{name}'" for name in cls.CLOSER)
        operators = ",".join(f"'{name}'" for name in cls.OPERATORS)
        types = ",".join("'" + name.replace("\0", " ") + "'::regtype" for name in cls.TYPES)
        tables = ",".join(f"'{name}'" for name in cls.TABLES)
        return f"""
do $do$ declare p record; begin
  for p in
    select proname as name, pg_catalog.pg_get_function_identity_arguments(oid) as takes, pg_catalog.format_type(prorettype, null) as gives,
      (select pg_catalog.string_agg('$' || i, ', ') from generate_series(1, pronargs) i) as passes,
      case provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as kind
    from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and not proretset and provariadic = 0
      and proname in ({functions}) and proargmodes is null and prorettype not in (select oid from pg_type where typtype = 'p')
      and not exists (select from unnest(proargtypes) t join pg_type y on y.oid = t where y.typtype = 'p')
    union all
    select proname, replace(pg_catalog.pg_get_function_identity_arguments(oid), 'text', 'character varying'),
      pg_catalog.format_type(prorettype, null), (select pg_catalog.string_agg('$' || i || case when t = 25 then '::text' else '' end, ', ' order by i)
        from unnest(proargtypes) with ordinality u(t, i)), case provolatile when 'i' then 'immutable' else 'stable' end
    from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and not proretset and proname in ({closer})
      and proargmodes is null and 25 = any (proargtypes)
  loop
    execute format($x$create function {schema}.%I(%s) returns %s language plpgsql %s as $b$ begin
      perform public.planted(%L); return pg_catalog.%I(%s); end $b$$x$,
      p.name, p.takes, p.gives, p.kind, p.name || '(' || p.takes || ')', p.name, coalesce(p.passes, ''));
  end loop;
  for p in
    select o.oprname as name, pg_catalog.format_type(t, null) as type, pg_catalog.format_type(o.oprresult, null) as gives,
      case when t = 'varchar'::regtype then '::text' else '' end as cast
    from unnest(array[{types}]) t join pg_catalog.pg_operator o
      on o.oprleft = case when t = 'varchar'::regtype then 'text'::regtype else t end and o.oprright = o.oprleft
    where o.oprname in ({operators}) and o.oprnamespace = 'pg_catalog'::regnamespace
  loop
    execute format($x$create function {schema}.%I(%s, %s) returns %s language plpgsql immutable as $b$ begin
      perform public.planted(%L); return $1%s operator(pg_catalog.%s) $2%s; end $b$$x$,
      'planted ' || p.name, p.type, p.type, p.gives, 'operator ' || p.name || '(' || p.type || ')', p.cast, p.name, p.cast);
    execute format('create operator {schema}.%s (leftarg = %s, rightarg = %s, function = {schema}.%I)', p.name, p.type, p.type, 'planted ' || p.name);
  end loop;
  for p in
    select c.relname as name, string_agg(quote_ident(attname), ', ' order by attnum) as columns
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped
      and atttypid <> 'anyarray'::regtype
    where relnamespace = 'pg_catalog'::regnamespace and relname in ({tables}) group by 1
  loop
    execute format('create view {schema}.%I as select %s from pg_catalog.%I where public.planted(%L)', p.name, p.columns, p.name, 'table ' || p.name);
  end loop;
end $do$;"""

    def before(self):
        self.logs = {}
        for side in self.sides:
            role = '"' + self.sql(side, "select current_user").strip() + '"'
            self.sql(side, self.WITNESS)
            self.sql(side, f"create schema if not exists {role}")
            for schema in ("public", role):
                self.sql(side, self.planting(schema))
            self.sql(side, f'alter database "{self.database(side)}" set search_path = "$user", public, pg_catalog')
            log = self.server(side).folder / "postgres.log"
            self.logs[side] = (log, log.stat().st_size)

    def judge(self):
        for side, (log, begin) in self.logs.items():
            with open(log, errors="replace") as file:
                file.seek(begin)
                called = sorted({line.split("planted: ", 1)[1].strip() for line in file if "planted: " in line})
            if called:
                names = {line.split(" called by ")[0] for line in called}
                self.trial.wrong.append(f"CALLED at the {side}: {len(names)} planted objects, such as {called[0][:300]}")


ALL = [RowSecurity, LeastRole, Planted]
