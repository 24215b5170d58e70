import Glibc

/// Why a settings file or a secret's file could not be read.
package struct FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of problem it is; more kinds may come.
  package struct Code: Hashable, Sendable {
    package let name: String

    package init(name: String) {
      self.name = name
    }

    package static let missing = Code(name: "missing")
    package static let unreadable = Code(name: "unreadable")
    package static let tooLarge = Code(name: "tooLarge")
  }

  package let code: Code
  package let path: String
  package let reason: String

  package var description: String { "\(path): \(reason)" }
}

/// A file read whole, with what its permissions say about who else can read it.
package struct SmallFile {
  package let path: String
  package let bytes: [UInt8]
  /// True if users other than the owner and the group can read the file.
  let isReadableByAll: Bool

  /// No settings file is this large; a device such as /dev/zero would never end.
  private static let limit = 1 << 20

  package static func read(_ path: String) throws(FileProblem) -> SmallFile {
    let descriptor = try InputFile.open(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemProblem(path) }
    let bytes = try readAll(descriptor, path)
    let isReadableByAll = status.st_mode & mode_t(S_IROTH) != 0
    return SmallFile(path: path, bytes: bytes, isReadableByAll: isReadableByAll)
  }

  private static func readAll(_ descriptor: Int32, _ path: String) throws(FileProblem) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16384)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
      } else if errno != EINTR {
        throw systemProblem(path)
      }
    }
    throw FileProblem(code: .tooLarge, path: path, reason: "larger than 1 MiB")
  }

  private static func systemProblem(_ path: String) -> FileProblem {
    let code = errno
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    let isMissing = code == ENOENT || code == ENOTDIR
    return FileProblem(code: isMissing ? .missing : .unreadable, path: path, reason: reason)
  }
}
