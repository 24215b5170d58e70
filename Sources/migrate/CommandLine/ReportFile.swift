import MigrationCore

/// A file in the report folder. Reports quote values of rows.
struct ReportFile {
  private let path: String

  init(_ name: String, _ settings: Settings, _ invocation: Invocation) throws {
    let folder = Self.folder(settings, invocation)
    do {
      try PrivateFile.makeFolder(folder)
    } catch {
      throw MigrationError(
        .coded(.disk), "could not create the report folder: \(error)", place: folder,
        remedy: "create it, or pass another folder with --report-dir")
    }
    path = folder + "/" + name
  }

  static func folder(_ settings: Settings, _ invocation: Invocation) -> String {
    invocation.path(settings.value(.reportFolder))
  }

  /// Replaces the file, readable only by its owner, and returns its path.
  func write(_ document: JSONValue) throws -> String {
    do {
      try PrivateFile.write(document.pretty + "\n", to: path)
      return path
    } catch {
      throw MigrationError(.coded(.disk), "could not write the report: \(error)", place: path)
    }
  }
}
