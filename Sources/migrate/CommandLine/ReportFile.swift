import MigrationCore

/// A file in the folder for reports. Reports quote values of rows.
struct ReportFile {
  private let path: String

  init(_ name: String, _ settings: Settings, _ invocation: Invocation) throws {
    let folder = Self.folder(settings, invocation)
    do {
      try PrivateFile.makeFolder(folder)
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

  /// Replaces the file, and returns where it is; only its owner may read it.
  func write(_ document: JSONValue) throws -> String {
    do {
      try PrivateFile.write(document.pretty + "\n", to: path)
      return path
    } catch {
      throw MigrationError(.coded(.disk), "the report can't be written: \(error)", place: path)
    }
  }
}
