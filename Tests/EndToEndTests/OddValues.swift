import Foundation
import MigrationCore
import TestSupport
import Testing

/// Plans over values that one side can't hold.
protocol OddValues {}

extension OddValues {
  func prepared(
    _ plan: String, source: String, target: String
  ) throws -> Migrate {
    var migrate = try Undisturbed.prepared(source: source, target: target)
    try migrate.makePlan("odd", plan)
    migrate.environment["MIGRATION_PLAN"] = "odd"
    return migrate
  }

  func plan(_ tables: String, rules: String = "") -> String {
    """
    {
      name: "odd", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: { \(tables) }, \(rules)
    }
    """
  }

  func table(_ name: String, _ columns: [String]) -> String {
    let list = columns.map { "\($0): \"\($0)\"" }.joined(separator: ", ")
    return "\(name): { from: \"\(name)\", key: \"\(columns[0])\", columns: { \(list) } }"
  }

  func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}

/// A database in another encoding than UTF-8.
final class EncodedDatabase {
  let url: String
  private let name: String

  init(_ encoding: String) throws {
    name = "\(encoding.lowercased())_\(UUID().uuidString.prefix(8).lowercased())"
    url = TestSupport.url(try TestServers.postgresURL(), database: name)
    try psql(
      TestServers.postgresURL(),
      "create database \(name) template template0 encoding '\(encoding)' lc_collate 'C' lc_ctype 'C'"
    )
  }

  deinit {
    _ = try? psql(TestServers.postgresURL(), "drop database if exists \(name) with (force)")
  }
}
