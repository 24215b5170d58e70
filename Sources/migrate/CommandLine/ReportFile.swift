import FoundationEssentials
import MigrationCore

/// A file in the folder for reports.
struct ReportFile {
  private let path: String

  init(_ name: String, _ settings: Settings, _ invocation: Invocation) throws {
    let given = settings.value(.reportFolder)
    let folder = given.hasPrefix("/") ? given : invocation.program.folder + "/" + given
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw MigrationError(
        .coded(.disk), "the folder for reports can't be made: \(error)", place: folder,
        remedy: "create it, or name another one with --report-dir")
    }
    path = folder + "/" + name
  }

  /// Replaces the file, and returns where it is.
  func write(_ document: JSONValue) throws -> String {
    do {
      try Data(Array((document.pretty + "\n").utf8)).write(
        to: URL(filePath: path), options: .atomic)
      return path
    } catch {
      throw MigrationError(.coded(.disk), "the report can't be written: \(error)", place: path)
    }
  }
}
