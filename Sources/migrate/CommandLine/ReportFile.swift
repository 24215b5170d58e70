import FoundationEssentials
import MigrationCore

/// A file in the folder for reports.
struct ReportFile {
  private let path: String

  init(_ name: String, _ settings: Settings, _ invocation: Invocation) throws {
    let folder = Self.folder(settings, invocation)
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

  static func folder(_ settings: Settings, _ invocation: Invocation) -> String {
    let given = settings.value(.reportFolder)
    return given.hasPrefix("/") ? given : invocation.program.folder + "/" + given
  }

  /// Replaces the file, and returns where it is.
  ///
  /// - Parameter isPrivate: whether only its owner may read it.
  func write(_ document: JSONValue, isPrivate: Bool = false) throws -> String {
    do {
      try Data(Array((document.pretty + "\n").utf8)).write(
        to: URL(filePath: path), options: .atomic)
      if isPrivate {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      }
      return path
    } catch {
      throw MigrationError(.coded(.disk), "the report can't be written: \(error)", place: path)
    }
  }
}
