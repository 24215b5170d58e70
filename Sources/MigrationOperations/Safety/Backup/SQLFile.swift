import CZlib
import Glibc
import MigrationBasics

/// A file that is read from front to back, decompressed if it is gzip.
final class SQLFile {
  private let file: gzFile
  private let path: String
  private static let size = 256 * 1024

  init(_ path: String) throws {
    self.path = path
    let descriptor = try FileTree.openFile(path)
    guard let file = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw FileTree.problem("could not read the backup", path)
    }
    self.file = file
  }

  deinit { gzclose(file) }

  /// Returns the next bytes; nil at the end.
  ///
  /// - Throws: An error of corruption if gzip data is damaged or cut short.
  func read() throws -> [UInt8]? {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
      let found = gzread(file, buffer.baseAddress, UInt32(buffer.count))
      count = max(0, Int(found))
      // The end of a file that was cut short is an error that only this shows.
      gzerror(file, &failure)
    }
    guard failure == Z_OK || failure == Z_STREAM_END else {
      throw MigrationError(
        .coded(.corruption), "the file is damaged or truncated: its gzip data cannot be read",
        reason: "gzip", place: path, remedy: "use another backup")
    }
    return bytes.isEmpty ? nil : bytes
  }
}
