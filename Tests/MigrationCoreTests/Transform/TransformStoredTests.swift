import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationPlan
@testable import MigrationRows

/// What is sent is what the server stores, byte for byte: on that the fingerprints rest.
extension TransformServerTests {
  /// What the server has stored, it sends back as it was sent: on that the fingerprints rest.
  func expectStored(
    _ sent: [[UInt8]], _ program: RowProgram, _ connection: Connection
  ) throws {
    let columns = try program.fingerprintColumns.map { try $0.selected() }.joined(separator: ", ")
    let table = try SQL.identifier(program.table)
    let output = try connection.copyOut(
      "copy (select \(columns) from \(table)) to stdout (format binary)")
    var stored: Set<[UInt8]> = []
    while try output.next({ stored.insert(Array($0.dropFirst(2))) }) {}
    // Every row has a number of its own.
    #expect(sent.count == stored.count)
    let shown = { (rows: Set<[UInt8]>) in
      rows.sorted { $0.lexicographicallyPrecedes($1) }.prefix(2).map {
        String(decoding: $0.filter { $0 > 31 }.prefix(300), as: UTF8.self)
      }
    }
    let (lost, found) = (shown(Set(sent).subtracting(stored)), shown(stored.subtracting(sent)))
    #expect(lost.isEmpty && found.isEmpty, "sent \(lost), stored \(found)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func anyJSONIsSpelledAsTheServerShowsIt(_ seed: UInt64) throws {
    var maker = RandomJSON(seed: seed)
    let texts = (0..<700).map { _ in maker.value() } + RandomJSON.oddities
    let values = "values " + texts.map { "(\(SQL.literal($0)))" }.joined(separator: ", ")
    for type in ["text", "json"] {
      let (rejects, differing) = try castsLikeTheServer(values, type, to: "jsonb")
      #expect(rejects == [])
      #expect(differing == "")
    }
  }

  /// What the server would change on its way in is changed before it is sent.
  @Test(arguments: [
    ("numeric", "numeric(12,4)"), ("text", "numeric(12,4)"), ("numeric", "numeric"),
    ("int4", "numeric(20,6)"), ("numeric", "numeric(12,4)[]"), ("text", "char(9)"),
    ("text", "bpchar"), ("char(12)", "char(14)"), ("float8", "jsonb"), ("numeric", "jsonb"),
    ("text", "varchar(40)"), ("numeric", "priced"),
  ])
  func valuesAreSentAsTheyAreStored(_ from: String, _ to: String) throws {
    try psql(database.url, "create domain priced as numeric(14,3)")
    let isArray = to.hasSuffix("[]")
    let number =
      "(random() * 10 ^ (g % 8) * case when g % 3 = 0 then -1 else 1 end)::numeric(14,\(to == "priced" ? 3 : 4))"
    let value =
      switch from {
      case "int4": "case when g = 1 then 0 else g * 997 end"
      case "float8": "case g when 1 then 1e300 when 2 then -0.0 when 3 then 1e-7 else \(number) end"
      case "char(12)": "substr('äbc def', 1, g % 8)"
      case "text" where to.contains("char"): "substr('äbc def', 1, g % 8)"
      case "text":
        "case g % 4 when 0 then (g * 1000)::text when 1 then g || 'e-2' else \(number)::text end"
      default:
        "case g when 1 then 0 when 2 then 1000000 when 3 then 'NaN' else trim_scale(\(number)) end"
      }
    let type = isArray ? from + "[]" : from
    let (rejects, differing) = try castsLikeTheServer(
      "select \(isArray ? "array[\(value), null, \(value)]" : "\(value)::\(from)") from generate_series(1, 400) g",
      type, to: to, compare: to == "jsonb" ? "to_jsonb(v)" : "v::target")
    #expect(rejects == [])
    #expect(differing == "")
  }

  /// An array whose nulls were replaced keeps a mark of them, which the server takes off.
  @Test func arraysThatOnceHadNullsAreSentAsStored() throws {
    try psql(
      database.url,
      """
      create table src (id int, a int[], n numeric[], t text[], j jsonb[]);
      insert into src select g, array[g, null], array[1.50, null], array[null, 'x'],
        array['{"b": 1e2, "a": 1}'::jsonb, null] from generate_series(1, 50) g;
      update src set a[2] = 7, n[2] = 1.000, t[1] = 'y';
      create table dst (id int, a int[], n numeric[], t text[], j jsonb[]);
      """)
    let rules = ["id", "a", "n", "t", "j"].map { ($0, Rule.source([$0])) }
    #expect(try copy(program(rules, from: "src", into: "dst"), from: "src") == [])
    #expect(
      try psql(database.url, "select count(*) from src s join dst d using (id) where s = d")
        == "50")
  }
}
