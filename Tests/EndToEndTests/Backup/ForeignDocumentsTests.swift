import Foundation
import MigrationCore
import Mongo
import TestSupport
import Testing

/// What mongodump wrote, whole or not.
@Suite struct ForeignDocumentsTests {
  private let migrate: Migrate
  private var folder: String { migrate.folder.path }

  init() throws {
    migrate = try Migrate()
    let writer = DumpWriter(folder: folder + "/dump", compressed: false)
    for name in ["orders", "people"] {
      let collection = try writer.collection("shop", name)
      for number in 0..<500 {
        try collection.append(["_id": .int32(Int32(number)), "text": "some text"])
      }
      try collection.finish()
    }
  }

  @Test func everyDocumentOfAFolderIsRead() throws {
    let proof = try migrate("backup verify \(folder)/dump")
    #expect(proof.exitCode == 0, "\(proof.errors)")
    #expect(proof.output.contains("1,000 rows") && !proof.output.contains("are unchanged"))
    let (_, document) = try migrate.json("backup verify \(folder)/dump")
    #expect(document["rows"] == 1000 && document["manifest"] == false)
    let refused = try migrate("backup restore \(folder)/dump --yes --to postgres://a@127.0.0.1:1/b")
    #expect(refused.exitCode == 3 && refused.errors.contains("mongorestore"))
  }

  @Test func aCutOrMissingFileIsFound() throws {
    let file = URL(fileURLWithPath: folder + "/dump/shop/orders.bson")
    let whole = try Data(contentsOf: file)
    try whole.prefix(whole.count / 2 + 3).write(to: file)
    let (cut, finding) = try migrate.json("backup verify \(folder)/dump")
    #expect(cut == 4 && BackupFixture.findings(finding) == ["truncated"], "\(finding.compact)")
    try FileManager.default.removeItem(at: file)
    let (missing, told) = try migrate.json("backup verify \(folder)/dump")
    #expect(missing == 4 && BackupFixture.findings(told) == ["missing"], "\(told.compact)")
    // A source whose file is missing is no empty collection.
    var other = migrate
    other.environment["MONGODB_URL"] = "dump:\(folder)/dump"
    let connected = try other("test-connections")
    #expect(connected.exitCode != 0)
    #expect((connected.output + connected.errors).contains("missing"), "\(connected.output)")
  }
}
