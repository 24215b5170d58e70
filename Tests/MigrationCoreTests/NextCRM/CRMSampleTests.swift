import Foundation
import Mongo
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationSample

@Suite("Sample documents of NextCRM")
struct CRMSampleTests {
  private func generate(
    _ options: CRMSample.Options, into folder: TemporaryFolder
  ) throws -> CRMManifest {
    try CRMSample.generate(options, to: .dump(folder: folder.path + "/dump"))
  }

  private func bytes(_ folder: TemporaryFolder) throws -> [String: Data] {
    let path = folder.path + "/dump/nextcrm"
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".bson") }
    return Dictionary(
      uniqueKeysWithValues: try names.map {
        ($0, try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0)))
      })
  }

  @Test func isTheSameForTheSameSeedAndOnlyThen() throws {
    let folders = try (0..<3).map { _ in try TemporaryFolder() }
    let first = try generate(.init(contacts: 40, dirty: 0.2, seed: 7), into: folders[0])
    let second = try generate(.init(contacts: 40, dirty: 0.2, seed: 7), into: folders[1])
    _ = try generate(.init(contacts: 40, dirty: 0.2, seed: 8), into: folders[2])
    #expect(first.json == second.json)
    #expect(try bytes(folders[0]) == bytes(folders[1]))
    #expect(try bytes(folders[0]) != bytes(folders[2]))
    #expect(try bytes(folders[0]).count == 29)
  }

  /// The fields are those of the facts: a sample of other fields would prove nothing.
  @Test func writesTheFieldsOfTheFactsAndNoOthers() throws {
    let facts = try NextCRMFacts.shared.get()
    #expect(
      Set(CRMCollections.all.map(\.name))
        == Set(facts.tables.filter { !$0.isJunction }.map(\.name)))
    for collection in CRMCollections.all {
      let table = try #require(facts.table(collection.name))
      let fields = (table.columns.compactMap(\.field) + table.left).map(\.name)
      #expect(Set(collection.fields.map(\.name) + ["_id"]) == Set(fields), "\(collection.name)")
      #expect(collection.fields.count + 1 == fields.count, "\(collection.name)")
    }
    for relation in CRMRelation.all {
      let pairs = try #require(facts.table(relation.table)).pairs
      #expect(
        pairs.map(\.collection) == [relation.first]
          + (relation.hasTwoSides ? [relation.second] : []))
    }
  }

  @Test func hasEveryFaultInItsPlaceAndNoneWithoutBeingAsked() throws {
    let clean = try generate(.init(contacts: 30), into: TemporaryFolder())
    #expect(clean.entries.isEmpty)
    #expect(clean.pairs.allSatisfy { $0.quarantined == 0 && $0.kept > 0 && $0.merged > 0 })
    let dirty = try generate(.init(contacts: 300, dirty: 0.2), into: TemporaryFolder())
    for collection in CRMCollections.all {
      let found = dirty.entries.filter { $0.collection == collection.name }.map(\.fault)
      #expect(Set(found) == Set(CRMFault.all(of: collection)), "\(collection.name)")
    }
    #expect(Set(dirty.entries.map(\.fault.kind)) == Set(CRMFault.Kind.allCases))
  }

  @Test func aDumpIsNeverReplaced() throws {
    let folder = try TemporaryFolder()
    _ = try generate(.init(contacts: 1), into: folder)
    #expect(throws: DumpError.self) { _ = try generate(.init(contacts: 1), into: folder) }
    #expect(throws: MigrationError.self) {
      _ = try generate(.init(contacts: 1, replaces: true), into: folder)
    }
  }
}
