import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine

/// Writes schema files into a folder and reads it.
func schemaFolder(_ folder: TemporaryFolder, _ files: [String: String]) throws -> SchemaFolder {
  for (name, text) in files { _ = try folder.file(name, text) }
  return try SchemaFolder(path: folder.path)
}

/// Returns the fault that a body throws.
func schemaFault(_ body: () throws -> Void) throws -> SchemaFault {
  do { try body() } catch let fault as SchemaFault { return fault }
  Issue.record("nothing was thrown")
  return .nothingToRollBack
}

@Suite("Folders of schema files")
struct SchemaFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fault(_ names: [String]) throws -> SchemaFault {
    try schemaFault {
      _ = try schemaFolder(folder, Dictionary(uniqueKeysWithValues: names.map { ($0, "SELECT 1") }))
    }
  }

  @Test func pairsAndSortsByNumber() throws {
    let read = try schemaFolder(
      folder,
      [
        "010_ten.up.sql": "SELECT 10", "009_nine.up.sql": "SELECT 9", "009_nine.down.sql": "",
        "README.md": "not SQL",
      ])
    #expect(read.migrations.map(\.number) == [9, 10])
    #expect(read.migrations.map(\.name) == ["nine", "ten"])
    #expect(read.migrations.map { $0.down != nil } == [true, false])
    #expect(read.migrations[0].up.checksum == SHA256.hexadecimal(of: "SELECT 9".utf8))
  }

  @Test func tellsAGap() throws {
    guard case .gap(_, 2, "003_c.up.sql") = try fault(["001_a.up.sql", "003_c.up.sql"]) else {
      Issue.record("no gap was told")
      return
    }
  }

  @Test func tellsANumberGivenTwice() throws {
    guard case .sameNumber(let files) = try fault(["001_a.up.sql", "01_b.up.sql"]) else {
      Issue.record("no double number was told")
      return
    }
    #expect(files.count == 2)
  }

  @Test(arguments: [
    "x.sql", "1.up.sql", "a_b.up.sql", "001_a.sideways.sql", "000_a.up.sql", "1_.up.sql",
  ])
  func refusesOtherNames(name: String) throws {
    guard case .badFileName(let path) = try fault([name]) else {
      Issue.record("\(name) was taken")
      return
    }
    #expect(path.hasSuffix(name))
  }

  @Test func tellsADownFileWithoutItsUpFile() throws {
    guard case .downWithoutUp = try fault(["001_a.up.sql", "001_b.down.sql"]) else {
      Issue.record("the lonely file was taken")
      return
    }
  }

  @Test func tellsTransactionControlWithItsLine() throws {
    let fault = try schemaFault {
      _ = try schemaFolder(folder, ["001_a.up.sql": "SELECT 1;\n\nCOMMIT;"])
    }
    #expect(fault.migrationError.place?.hasSuffix("001_a.up.sql:3") == true)
    #expect(fault.migrationError.kind == .coded(.schema))
  }

  @Test func tellsTextThatIsNotUTF8() throws {
    let path = folder.path + "/001_a.up.sql"
    try Data([0x53, 0xFF, 0xFE]).write(to: URL(filePath: path))
    guard case .notUTF8(path) = try schemaFault({ _ = try SchemaFolder(path: folder.path) }) else {
      Issue.record("bytes that are no text were taken")
      return
    }
  }

  @Test func seesTheMarkOnlyBeforeTheFirstStatement() throws {
    let mark = SchemaFile.withoutTransactionMark
    let read = try schemaFolder(
      folder,
      ["001_a.up.sql": "-- why\n\(mark)\nSELECT 1", "002_b.up.sql": "SELECT 1;\n\(mark)\nSELECT 2"])
    #expect(read.migrations.map(\.up.runsWithoutTransaction) == [true, false])
  }

  @Test func writesTheNextPairAndOverwritesNothing() throws {
    let read = try schemaFolder(folder, ["008_a.up.sql": "SELECT 1"])
    let paths = try SchemaTemplate.write(name: "Add e-mail index", into: read)
    #expect(
      paths.map { URL(filePath: $0).lastPathComponent } == [
        "009_add_e_mail_index.up.sql", "009_add_e_mail_index.down.sql",
      ])
    let again = try SchemaFolder(path: folder.path)
    #expect(again.migrations.last?.down != nil)
    #expect(again.migrations.last?.up.runsWithoutTransaction == false)
    #expect(again.migrations.last?.up.statements.isEmpty == true)
    guard
      case .cannotWrite = try schemaFault({
        _ = try SchemaTemplate.write(name: "add e mail INDEX", into: read)
      })
    else {
      Issue.record("a file was overwritten")
      return
    }
  }

  @Test(arguments: ["", "  ", "ž", "../..", "a\u{0}b", String(repeating: "x", count: 61)])
  func refusesNamesThatMakeNoFile(name: String) throws {
    let read = try schemaFolder(folder, [:])
    guard case .badName = try schemaFault({ _ = try SchemaTemplate.write(name: name, into: read) })
    else {
      Issue.record("\(name) was taken")
      return
    }
  }

  @Test func readsTheFilesOfNXT() throws {
    let nxt = try SchemaFolder(path: packageRoot + "/config/nxt/schema")
    #expect(nxt.migrations.count == 6)
    #expect(nxt.migrations.allSatisfy { $0.down != nil })
  }
}
