import Glibc
import Mongo

/// Reads files whole that an option or a setting names.
package enum InputFile {
  /// Returns the bytes of a plain file; of a pipe, a socket, a device or a folder it says what it is.
  package static func read(_ path: String) throws(FileProblem) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes += buffer[..<count]
      } else if errno != EINTR {
        throw FileProblem(code: .unreadable, path: path, reason: errorText(errno))
      }
    }
  }

  /// Returns a file of UTF-8.
  package static func text(_ path: String) throws(FileProblem) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw FileProblem(code: .unreadable, path: path, reason: "it is not UTF-8")
    }
    return text
  }

  /// Opens a plain file for reading; the caller closes it.
  package static func open(_ path: String) throws(FileProblem) -> Int32 {
    do throws(PlainFile.Problem) { return try PlainFile.open(path) } catch {
      let isMissing = error.code == ENOENT || error.code == ENOTDIR
      throw FileProblem(
        code: isMissing ? .missing : .unreadable, path: path, reason: error.reason)
    }
  }
}
