import MigrationBasics

/// Writes what a command leaves for people: whole or not at all, and for its owner alone.
package enum PrivateFile {
  /// Replaces a file.
  package static func write(_ text: String, to path: String) throws {
    try AtomicFile.write(path) { append in try append(text) }
  }

  /// Makes a folder with those above it; one that is there stays as it is.
  package static func makeFolder(_ path: String) throws { try AtomicFile.makeFolder(path) }
}
