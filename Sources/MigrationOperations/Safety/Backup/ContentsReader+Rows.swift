import Postgres

extension ContentsReader {
  func textQuery(of table: Listed) throws -> String {
    let name = try SQL.identifier(schema: table.schema, table.name)
    // OFFSET 0 keeps the text from being made twice.
    return """
      SELECT count(*), sum(hashtextextended(line, 0)), sum(hashtextextended(line, 20260101))
      FROM (SELECT ("the row".*)::text COLLATE "C" AS line FROM ONLY \(name) AS "the row" OFFSET 0)
        AS "the lines"
      """
  }

  /// Hashes values as they are if equal hashes mean equal values, and their text elsewhere.
  ///
  /// The server's hash of a row is a weighted sum of the hashes of its values. Hashed once more, sums
  /// over rows also show values that changed places between rows.
  func valuesQuery(of table: Listed) throws -> String {
    let name = try SQL.identifier(schema: table.schema, table.name)
    let values = try connection.query(Self.columnsQuery, [table.schema, table.name]).rows.map {
      try Self.value(SQL.identifier($0.string(0)), $0.string(1))
    }
    return """
      SELECT count(*), sum(hashtextextended(hash_record_extended(
        ROW(\(values.joined(separator: ", "))), 0)::text COLLATE "C", 0))
      FROM ONLY \(name) AS "the row"
      """
  }

  private static func value(_ column: String, _ way: String) -> String {
    let value = "\"the row\".\(column)"
    return switch way {
    case "value": value
    case "letters": "\(value)::text COLLATE \"C\""
    case "text": "\(value)::text"
    // A cast of users may lose something; the text of a row is made by the type's own function.
    default: "ROW(\(value))::text"
    }
  }

  /// Numbers with digits that do not count, and enums, whose hash is that of their row in the catalogue,
  /// are hashed as text.
  private static let columnsQuery = """
    SELECT a.attname, CASE
      WHEN a.atttypid = ANY ('{bool,int2,int4,int8,oid,uuid,date,timestamp,timestamptz,bytea}'::regtype[])
        THEN 'value'
      WHEN a.atttypid = ANY ('{text,varchar}'::regtype[]) THEN 'letters'
      WHEN a.atttypid = ANY ('{json,jsonb,numeric,float4,float8,time,timetz,interval}'::regtype[])
        THEN 'text'
      ELSE 'row' END
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
    """
}
