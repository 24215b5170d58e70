import MigrationCore
import TestSupport

/// A field of a target that was changed behind the migration's back.
struct Mutation: Hashable {
  enum Kind: String, CaseIterable { case change, null }

  let table: String
  let key: String
  let column: String

  /// Changes one field in one row for each column of each table, but for keys.
  ///
  /// - Parameter names: tables to leave alone, whose rows have no key that the rules make, and
  ///   columns that only some feeds fill.
  static func spoil(
    _ target: TemporaryDatabase, _ kind: Kind, without names: Set<String> = []
  ) throws -> Set<Mutation> {
    let kept = names.map { "'\($0)'" }.joined(separator: ", ")
    let lines = try psql(
      target.url,
      """
      set session_replication_role = replica;
      create temp table mutation (table_name text, key text, column_name text);
      \(function)
      do $$
      declare c record; keys text; id text; place integer := 0; value text;
      begin
        for c in select conrelid::regclass as tab, conname from pg_constraint
            where contype = 'c' and connamespace = 'public'::regnamespace loop
          execute format('alter table %s drop constraint %I', c.tab, c.conname);
        end loop;
        for c in \(columns) and t.relname <> all (array[\(kept)]::text[])
            and t.relname || '.' || a.attname <> all (array[\(kept)]::text[])
            order by a.attrelid, a.attnum loop
          place := place + 1;
          select 'concat_ws('', '', ' || string_agg(format('%I::text', attname), ', ' order by n) || ')'
            into keys from pg_index i, unnest(i.indkey) with ordinality k(attnum, n)
            join pg_attribute using (attnum) where attrelid = c.rel and indrelid = c.rel and indisprimary;
          value := case when '\(kind.rawValue)' = 'null' then 'null' else pg_temp.changed(c.name, c.type, c.label) end;
          execute format('alter table %s alter %I drop not null', c.rel::regclass, c.name);
          execute format(
            'with one as (select %1$s as k from %2$s where %3$s order by 1 offset least(%4$s, greatest(0,
               (select count(*) from %2$s where %3$s) - 1)) limit 1),
             spoilt as (update %2$s set %5$I = %6$s from one where %1$s = one.k returning one.k)
             select k from spoilt', keys, c.rel::regclass,
            format('(%s) is distinct from %I', value, c.name),
            place % 40, c.name, value) into id;
          if id is not null then
            insert into mutation values (c.tab, id, c.name);
          end if;
        end loop;
      end $$;
      select table_name || chr(9) || key || chr(9) || column_name from mutation;
      """)
    return Set(
      lines.split(separator: "\n").map { line in
        let parts = line.split(separator: "\t").map(String.init)
        return Mutation(table: parts[0], key: parts[1], column: parts[2])
      })
  }

  /// All columns of the migrated tables that are not of the primary key.
  private static let columns = """
    select a.attrelid as rel, t.relname as tab, a.attname as name, format_type(a.atttypid, null) as type,
      (select array_agg(quote_literal(enumlabel)) from pg_enum where enumtypid = a.atttypid) as label
    from pg_attribute a join pg_class t on t.oid = a.attrelid
    where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.attnum > 0
      and not a.attisdropped and t.relname in (select name from migrate.table_state)
      and not exists (select from pg_index i
        where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey))
    """

  /// What another value of a column is made of, for every type of the plans; an unknown one fails.
  private static let function = """
    create function pg_temp.changed(name text, type text, label text[]) returns text as $$
      select case
        when label is not null then format(
          'case when %1$I::text = %2$s then %3$s else %2$s end::%4$s', name, label[1],
          coalesce(label[2], 'null'), type)
        when type in ('text', 'character varying', 'citext') then
          format('case when %1$I is null or left(%1$I, 1) <> ''~'' then ''~'' else ''!'' end || substr(%1$I, 2)',
            name)
        when type in ('integer', 'bigint', 'smallint', 'double precision', 'date')
          then format('%I + 1', name)
        when type = 'numeric' then format('%I + 0.01', name)
        when type = 'boolean' then format('not %I', name)
        when type like 'timestamp%' then format('%I + interval ''1 millisecond''', name)
        when type = 'uuid' then 'gen_random_uuid()'
        when type = 'jsonb' then format('jsonb_build_array(%I)', name)
        when type = 'bytea' then format('%I || ''\\x00''', name)
        when type like '%[]' then format('%I || array[null]::%s', name, type)
      end $$ language sql;
    """
}
