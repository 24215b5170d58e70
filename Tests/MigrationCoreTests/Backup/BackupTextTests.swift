import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger
@testable import MigrationOperations
@testable import MigrationPlan

/// What backups read and write as text.
@Suite struct BackupTextTests {
  private static let manifest = BackupManifest(
    name: "backup_2026-01-31_02-05-00", id: "1f", contents: .tables,
    created: Moment(microseconds: 1_769_825_100_000_001), note: "before \"it\"",
    origin: .init(
      role: "target", product: "PostgreSQL", version: "15.18", majorVersion: 15, place: "h:5432",
      database: "d", user: "u", identity: nil, encoding: "UTF8", collation: "C", characterType: "C",
      bytes: 7), plan: nil, session: "3 nxt", tools: ["pg_dump": "16.1", "migrate": "1"], jobs: 2,
    compression: 6,
    holds: DatabaseContents(
      tables: [
        .init(schema: "public", name: "a", rows: 3, hash: "-5:7", bytes: 8),
        .init(schema: "s", name: "a\"b", rows: nil, hash: nil, bytes: 0),
      ],
      sequences: [
        .init(
          schema: "s", name: "q", value: .max, isCalled: true, isDescending: false,
          ownerSchema: nil, ownerTable: nil)
      ], largeObjects: .init(count: 1, hash: "9")), schemaHash: "ab", roles: ["r"],
    files: [.init(path: "dump/toc.dat", bytes: 9, sha256: "cd")],
    times: .init(dump: 1, counting: 2, checksums: 3))

  @Test func aManifestIsReadAsItWasWritten() throws {
    let text = Self.manifest.json.pretty
    #expect(try BackupManifest(text, file: "manifest.json") == Self.manifest)
    #expect(Self.manifest.dumperVersion == 16)
    for cut in [0, 10, text.utf8.count / 2, text.utf8.count - 2] {
      #expect(throws: (any Error).self) {
        try BackupManifest(String(text.prefix(cut)), file: "manifest.json")
      }
    }
    let first = text.replacing("\"rowHash\": \"values\",", with: "")
    #expect(try BackupManifest(first, file: "manifest.json").holds.rowHash == .text)
    let later = text.replacing("\"format\": 1", with: "\"format\": 2")
    #expect(throws: MigrationError.self) { try BackupManifest(later, file: "manifest.json") }
  }

  @Test func everyDifferenceOfContentsIsSaid() {
    let was = Self.manifest.holds
    #expect(was.differences(in: was) == [])
    func with(rows: Int, hash: String, value: Int) -> DatabaseContents {
      DatabaseContents(
        tables: [
          .init(schema: "public", name: "a", rows: rows, hash: hash, bytes: 0), was.tables[1],
        ],
        sequences: [
          .init(
            schema: "s", name: "q", value: value, isCalled: true, isDescending: false,
            ownerSchema: nil, ownerTable: nil)
        ], largeObjects: was.largeObjects)
    }
    #expect(was.differences(in: with(rows: 2, hash: "-5:7", value: .max)).count == 1)
    #expect(was.differences(in: with(rows: 3, hash: "-5:8", value: .max)).count == 1)
    #expect(was.differences(in: with(rows: 3, hash: "-5:7", value: 1)).count == 1)
    let nothing = DatabaseContents(tables: [], sequences: [], largeObjects: nil)
    #expect(was.differences(in: nothing).count == 4)
  }

  @Test func theOrderOfDefinitionsIsNoDifference() {
    func hash(_ text: String, cut: Int) -> String {
      var hash = SchemaHash()
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: cut) {
        Array(bytes[start..<min(start + cut, bytes.count)]).withUnsafeBytes { hash.add($0) }
      }
      return hash.finish()
    }
    let one =
      "-- a\n\\restrict x1\nSET a = b;\nCREATE TABLE a (\n  b int\n);\nCREATE INDEX i ON a (b);\n"
    let other = "\\restrict y2\n\nCREATE INDEX i ON a (b);\nCREATE TABLE a (\n  b int\n);"
    #expect(hash(one, cut: 1000) == hash(other, cut: 3))
    #expect(hash(one, cut: 7) != hash(one.replacing("int", with: "text"), cut: 7))
  }

  @Test func namesAreReadAsTheServerWritesThem() {
    func read(_ text: String) -> QualifiedName? { QualifiedName(startOf: text[...]) }
    #expect(read("public.a (x, y)") == QualifiedName(schema: "public", name: "a"))
    #expect(
      read("\"Other one\".\"a\"\"b.c\" (x)") == QualifiedName(schema: "Other one", name: "a\"b.c"))
    #expect(read("nothing") == nil)
    #expect(read("\"open.a") == nil)
  }

  @Test func rolesAndTablesAreFoundOutsideOfRows() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "a.sql",
      """
      -- Dumped from database version 15.18 (Debian)
      CREATE TABLE public.a (
          x text
      );
      ALTER TABLE public.a OWNER TO "The Owner";
      COPY public.a (x) FROM stdin;
      ALTER TABLE public.a OWNER TO nobody;
      \\.
      GRANT SELECT ON TABLE public.a TO reader;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      """)
    let scan = try SQLScan(file, watch: {})
    #expect(scan.roles == ["The Owner", "reader"])
    #expect(scan.tables == [QualifiedName(schema: "public", name: "a")])
    #expect(scan.majorVersion == 15)
  }
}
