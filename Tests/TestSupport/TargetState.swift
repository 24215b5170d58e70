/// Everything that a target is, apart from the ledger: the rows of the public schema with their
/// places and the transactions that wrote them, definitions, sequences.
///
/// The first line for each table comes first, then a line for each definition.
public func targetState(_ url: String) throws -> [String] {
  let tables = try names(url, kind: "r").map { table in
    """
    select '\(table)', count(*), md5(coalesce(string_agg(
      t.ctid::text || t.xmin::text || t::text, chr(10) order by t.ctid), ''))
    from public.\(table) t;
    """
  }
  let sequences = try names(url, kind: "S").map { sequence in
    "select 'sequence', '\(sequence)', last_value, is_called from public.\(sequence);"
  }
  let all = try psql(url, (tables + sequences + [definitions]).joined(separator: "\n"))
  return all.split(separator: "\n").map(String.init)
}

private func names(_ url: String, kind: String) throws -> [String] {
  try psql(
    url,
    """
    select quote_ident(relname) from pg_class
    where relkind = '\(kind)' and relnamespace = 'public'::regnamespace order by 1
    """
  ).split(separator: "\n").map(String.init)
}

private let definitions = """
  select 'index', pg_get_indexdef(indexrelid), indisvalid, indisclustered, indisreplident
  from pg_index where indrelid in (
    select oid from pg_class where relnamespace = 'public'::regnamespace)
  union all
  select 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid),
    convalidated, condeferrable, condeferred
  from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select 'column', attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod),
    attnotnull, atthasdef, null
  from pg_attribute where attnum > 0 and attrelid in (
    select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)
  union all
  select 'trigger', pg_get_triggerdef(oid), tgenabled = 'O', null, null from pg_trigger
  where not tgisinternal
  order by 1, 2;
  """
