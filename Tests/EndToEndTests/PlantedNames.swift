import Foundation
import TestSupport

/// Objects of the system's names that somebody has put into the schemas of a database.
///
/// Operators and functions are there for each pair and each kind of values that the system has none of its own
/// for: the server prefers those over a conversion, wherever they are along the search path. Each of
/// them leaves a line in the server's log.
struct PlantedNames {
  static let mark = "planted-name-was-used"

  private static let types = [
    "text", "varchar", "bpchar", "name", "int2", "int4", "int8", "numeric", "float8", "bool",
    "timestamptz", "oid", "xid", "regclass", "regproc", "\"char\"", "jsonb", "uuid", "kind",
  ]
  private static let functions = [
    "lower", "upper", "length", "octet_length", "md5", "abs", "count", "max", "min", "sum",
    "to_jsonb", "quote_ident", "quote_literal", "to_regclass", "hashtext", "concat_ws", "concat",
    "jsonb_build_object", "jsonb_agg", "format", "array_agg", "bit_length", "current_setting",
  ]
  private static let relations = [
    "pg_class", "pg_namespace", "pg_type", "pg_attribute", "pg_constraint", "pg_index", "pg_proc",
    "pg_roles", "pg_settings", "pg_database", "pg_stat_activity", "pg_locks", "pg_depend",
  ]

  /// Plants into schemas, in the order in which they are searched.
  static func plant(_ database: TemporaryDatabase, schemas: [String]) throws {
    for schema in schemas { try psql(database.url, sql(schema)) }
  }

  /// The lines of the server's log that tell of a call in a database.
  static func calls() throws -> [String] {
    let folder = ProcessInfo.processInfo.environment["MIGRATE_SERVERS_DIR"] ?? ""
    let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/postgres.log"))
    let lines = String(decoding: log, as: UTF8.self).split(separator: "\n").map(String.init)
    return lines.indices.filter { lines[$0].contains(mark) }.map { index in
      lines[index...].prefix(5).joined(separator: "\n")
    }
  }

  private static func list(_ names: [String]) -> String {
    "array['" + names.joined(separator: "', '") + "']"
  }

  private static func sql(_ schema: String) -> String {
    let tables = relations.map { "create table \(schema).\($0) (planted integer);" }
    let domains = ["text", "int4", "int8", "regclass", "jsonb", "oid", "name"].map {
      """
      create function \(schema).told_\($0)(v pg_catalog.\($0)) returns boolean language plpgsql as
        $f$ begin raise log '\(mark) type \($0)'; return true; end $f$;
      create domain \(schema).\($0) as pg_catalog.\($0) check (\(schema).told_\($0)(value));
      """
    }
    return """
      \(tables.joined(separator: "\n"))
      \(domains.joined(separator: "\n"))
      do $plant$
      declare
        l text; r text; sign text; kind text; name text; body text;
      begin
        foreach l in array \(list(types)) loop
          foreach name in array \(list(functions)) loop
            continue when exists (select from pg_proc where proname = name and pronargs = 1
              and proargtypes[0] = l::regtype and pronamespace = 'pg_catalog'::regnamespace);
            execute format($f$ create function \(schema).%I(v %s) returns pg_catalog.text language plpgsql as
              $b$ begin raise log '\(mark) function %s(%s)'; return null; end $b$ $f$, name, l, name, l);
          end loop;
          foreach r in array \(list(types)) loop
            foreach kind in array array['bool', 'text', 'numeric'] loop
              execute format($f$ create function \(schema).planted_%s(a %s, b %s)
                returns pg_catalog.%s language plpgsql as
                $b$ begin raise log '\(mark) operator on %s and %s'; return %s; end $b$ $f$,
                kind, l, r, kind, l, r, case kind when 'bool' then 'a::pg_catalog.text = b::pg_catalog.text'
                  when 'text' then 'a::pg_catalog.text || b::pg_catalog.text' else '0' end);
            end loop;
            foreach sign in array array['=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '%', '~'] loop
              continue when exists (select from pg_operator where oprname = sign
                and oprleft = l::regtype and oprright = r::regtype
                and oprnamespace = 'pg_catalog'::regnamespace);
              kind := case when sign in ('+', '-', '*', '/', '%') then 'numeric'
                when sign = '||' then 'text' else 'bool' end;
              execute format('create operator \(schema).%s (leftarg = %s, rightarg = %s, procedure = \(schema).planted_%s)',
                sign, l, r, kind);
            end loop;
          end loop;
        end loop;
      end $plant$;
      """
  }
}
