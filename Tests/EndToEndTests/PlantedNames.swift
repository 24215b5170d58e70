import Foundation
import TestSupport

/// Objects of the system's names that were created in the schemas of a database.
///
/// Operators, functions, tables and types are there for each kind of values, also such as the system has none
/// of its own for: the server prefers those over a conversion, wherever they are along the search path. The
/// casts are found along no path. Each leaves a line in the server's log.
struct PlantedNames {
  static let mark = "planted-name-was-used"

  private static let types = [
    "text", "varchar", "bpchar", "name", "int2", "int4", "int8", "numeric", "float8", "bool",
    "timestamptz", "oid", "xid", "regclass", "regproc", "\"char\"", "jsonb", "uuid",
  ]
  private static let functions = [
    "lower", "upper", "length", "char_length", "octet_length", "md5", "abs", "count", "max", "min",
    "sum", "btrim", "to_jsonb", "quote_ident", "quote_literal", "to_regclass", "hashtext",
    "concat_ws",
    "concat", "jsonb_build_object", "jsonb_agg", "format", "array_agg", "bit_length",
    "current_setting", "num_nulls", "pg_column_size", "pg_get_expr", "obj_description", "setval",
  ]
  private static let relations = [
    "pg_class", "pg_namespace", "pg_type", "pg_attribute", "pg_constraint", "pg_index", "pg_proc",
    "pg_roles", "pg_settings", "pg_database", "pg_stat_activity", "pg_locks", "pg_depend",
    "pg_tablespace", "pg_trigger", "pg_am", "pg_inherits",
  ]

  /// The name of a function that leaves a line in the log, made once for a database.
  private static let witness = """
    create schema planted;
    grant usage on schema planted to public;
    create function planted.told(what pg_catalog.text) returns pg_catalog.bool language plpgsql as
      $f$ begin raise log '\(mark) %', what; return true; end $f$;
    """

  /// Plants into schemas, in the order in which they are searched.
  ///
  /// - Parameter kind: an enum of a user, with its schema.
  static func plant(_ database: TemporaryDatabase, schemas: [String], kind: String) throws {
    let all = schemas.map { sql($0, kind) }.joined(separator: "\n")
    try psql(
      database.url, "set search_path = pg_catalog;\n" + witness + all + casts(kind))
  }

  /// The lines of the server's log that show a call in a database.
  static func calls() throws -> [String] {
    let folder = ProcessInfo.processInfo.environment["MIGRATE_SERVERS_DIR"] ?? ""
    let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/postgres.log"))
    let lines = String(decoding: log, as: UTF8.self).split(separator: "\n").map(String.init)
    return lines.indices.filter { lines[$0].contains(mark) }.map { index in
      lines[index...].prefix(12).joined(separator: "\n")
    }
  }

  private static func list(_ names: [String]) -> String {
    "array['" + names.joined(separator: "', '") + "']"
  }

  /// Casts of a type belong to its owner, and need no place in any path.
  private static func casts(_ kind: String) -> String {
    let from = ["text", "jsonb", "json", "int4", "int8", "varchar"].map { type in
      let value =
        ["int4", "int8"].contains(type) ? "0" : "pg_catalog.to_jsonb(pg_catalog.concat(v))"
      let result = ["text", "varchar"].contains(type) ? "pg_catalog.concat(v)" : value
      return """
        create function planted.cast_to_\(type)(v \(kind)) returns pg_catalog.\(type) language plpgsql as
          $b$ begin perform planted.told('cast to \(type)'); return \(result); end $b$;
        create cast (\(kind) as pg_catalog.\(type)) with function planted.cast_to_\(type)(\(kind))
          as assignment;
        """
    }
    return from.joined(separator: "\n") + """
      create function planted.cast_from(v pg_catalog.text) returns \(kind) language plpgsql as
        $b$ begin perform planted.told('cast from text'); return null; end $b$;
      create cast (pg_catalog.text as \(kind)) with function planted.cast_from(pg_catalog.text)
        as assignment;
      """
  }

  private static func sql(_ schema: String, _ kind: String) -> String {
    let tables = relations.map { "create table \(schema).\($0) (planted pg_catalog.int4);" }
    let domains = ["text", "int4", "int8", "regclass", "jsonb", "oid", "name"].map {
      """
      create domain \(schema).\($0) as pg_catalog.\($0)
        check (planted.told('type \($0)'));
      """
    }
    return """
      \(tables.joined(separator: "\n"))
      \(domains.joined(separator: "\n"))
      do $plant$
      declare
        l text; r text; sign text; kind text; name text;
      begin
        foreach l in array \(list(types)) || '\(kind)'::text loop
          foreach name in array \(list(functions)) loop
            execute format($f$ create function \(schema).%I(v %s) returns pg_catalog.text language plpgsql as
              $b$ begin perform planted.told('function %s(%s)'); return null; end $b$ $f$, name, l, name, l);
          end loop;
          foreach name in array array['concat_ws', 'btrim', 'format'] loop
            execute format($f$ create function \(schema).%I(a pg_catalog.text, v %s) returns pg_catalog.text
              language plpgsql as
              $b$ begin perform planted.told('function %s(text, %s)'); return null; end $b$ $f$,
              name, l, name, l);
          end loop;
          foreach r in array \(list(types)) || '\(kind)'::text loop
            -- The values of one type as they are; of others those that are mixed somewhere.
            continue when l <> r and not (l || ' ' || r) in ('int8 int4', 'int4 int8', 'oid int4', 'regproc int4',
              'regproc oid', 'name text', 'text name', 'varchar text', 'text varchar', 'numeric int4', 'oid int8',
              'numeric int8', 'int2 int4', 'text int4', 'text int8', 'jsonb text', 'text bpchar', 'name varchar');
            foreach kind in array array['bool', 'text', 'numeric'] loop
              execute format($f$ create function \(schema).planted_%s(a %s, b %s)
                returns pg_catalog.%s language plpgsql as
                $b$ begin perform planted.told('operator on %s and %s'); return %s; end $b$ $f$,
                kind, l, r, kind, l, r, case kind
                  when 'bool' then 'pg_catalog.concat(a) OPERATOR(pg_catalog.=) pg_catalog.concat(b)'
                  when 'text' then 'pg_catalog.concat(a, b)' else '0' end);
            end loop;
            foreach sign in array array['=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '%', '~', '&', '?', '->', '->>'] loop
              kind := case when sign in ('+', '-', '*', '/', '%', '&') then 'numeric'
                when sign in ('||', '->', '->>') then 'text' else 'bool' end;
              execute format('create operator \(schema).%s (leftarg = %s, rightarg = %s, procedure = \(schema).planted_%s)',
                sign, l, r, kind);
            end loop;
          end loop;
        end loop;
      end $plant$;
      """
  }
}
