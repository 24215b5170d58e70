import Foundation
import MigrationCore
import Mongo
import TestSupport
import Testing

/// Backups that other programs made, and those of MongoDB.
@Suite struct BackupForeignEndToEndTests {
  @Test func dumpsOfPgDumpAreProvedAndPutBack() throws {
    let fixture = try BackupFixture(rows: 50)
    let before = try fixture.contents()
    let folder = fixture.migrate.folder.path
    let dump = try TestServers.postgresPrograms() + "/pg_dump"
    for (form, file) in [
      ("plain", "plain.sql"), ("custom", "custom.dump"), ("tar", "some.tar"),
      ("directory", "some.dir"),
    ] {
      try mustRun(
        dump, ["--format=\(form)", "--file=\(folder)/\(file)", "--dbname=\(fixture.database.url)"])
    }
    try mustRun("/bin/gzip", ["-k", folder + "/plain.sql"])
    for file in ["plain.sql", "plain.sql.gz", "custom.dump", "some.tar", "some.dir"] {
      let (exitCode, proof) = try fixture.migrate.json("backup verify \(folder)/\(file)")
      #expect(exitCode == 0, "\(file) \(proof.compact)")
      #expect(proof["rows"] == .int(201), "\(file)")
      let target = try TemporaryDatabase("foreign")
      let restored = try fixture.migrate(
        "backup restore \(folder)/\(file) --to \(target.url) --yes")
      #expect(restored.exitCode == 0, "\(file) \(restored.errors)")
      #expect(try BackupFixture.contents(target.url) == before, "\(file)")
      #expect(
        try fixture.migrate("backup restore \(folder)/\(file) --to \(target.url) --yes").exitCode
          == 1)
    }
    let file = URL(fileURLWithPath: folder + "/plain.sql.gz")
    try Data(contentsOf: file).dropLast(100).write(to: file)
    let (exitCode, cut) = try fixture.migrate.json("backup verify \(folder)/plain.sql.gz")
    #expect(exitCode == 4)
    #expect(BackupFixture.findings(cut) == ["archive"])
  }

  @Test func documentsAreDumpedAndRead() throws {
    let documents = try DocumentsFixture(
      tables: "{ orders: { from: \"orders\", columns: { id: \"_id\", text: \"text\" } } }",
      targetSQL: "create table orders (id int primary key, text text)")
    try documents.insert(
      "orders", (0..<1500).map { ["_id": .int32(Int32($0)), "text": BSONValue("order \($0)")] })
    let (created, document) = try documents.migrate.json("backup create source --verify")
    #expect(created == 0, "\(document.compact)")
    #expect(document["verification"]?["verified"] == true)
    #expect(document["backup"]?["rows"] == 1500)
    guard case .text(let path)? = document["backup"]?["path"],
      case .text(let name)? = document["backup"]?["name"]
    else { return }
    let finished = try documents.runAgain(from: "dump:\(path)/dump", "")
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(try documents.query("select count(*), max(text) from orders") == "1500|order 999")
    let refused = try documents.migrate("backup restore \(name) --yes")
    #expect(refused.exitCode == 3)
    #expect(refused.errors.contains("mongorestore"))
  }

  @Test func textThatIsNotUTF8IsNoDamage() throws {
    let documents = try DocumentsFixture(
      tables: "{ odd: { from: \"odd\", columns: { id: \"_id\" } } }",
      targetSQL: "create table odd (id int primary key)")
    try documents.insert(
      "odd", [["_id": .int32(1), "text": BSONValue("whole")], try Self.oddDocument()])
    let (created, document) = try documents.migrate.json("backup create source --verify")
    #expect(created == 0, "\(document.compact)")
    #expect(document["verification"]?["verified"] == true, "\(document.compact)")
    #expect(document["backup"]?["rows"] == 2)
    guard case .text(let path)? = document["backup"]?["path"] else { return }
    let (code, proof) = try documents.migrate.json("backup verify \(path)/dump")
    #expect(code == 0 && proof["rows"] == 2, "\(proof.compact)")
  }

  /// `{_id: 2, text: "\xFF\xFEx"}`, which servers take.
  private static func oddDocument() throws -> BSONDocument {
    let fields: [UInt8] =
      [0x10] + Array("_id".utf8) + [0, 2, 0, 0, 0] + [0x02] + Array("text".utf8)
      + [0, 4, 0, 0, 0, 0xFF, 0xFE, 0x78, 0]
    let length = UInt32(fields.count + 5)
    let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + fields + [0]
    return try bytes.withUnsafeBytes { try BSONDocument(copying: $0, checkingText: false) }
  }
}
