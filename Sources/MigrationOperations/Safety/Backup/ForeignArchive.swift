import Glibc

/// Checks the files of an archive of pg_dump before pg_restore does: of a tar file that was cut short
/// pg_restore reads for ever, and gzip data that was cut short it takes for whole.
struct ForeignArchive {
  let work: BackupWork
  let path: String

  func check() throws {
    if FileTree.isFolder(path) {
      for name in try FileTree.files(in: path) { try readWhole(path + "/" + name) }
    } else if FileTree.start(of: path)?.starts(with: "toc.dat".utf8) == true {
      try checkTar()
    }
  }

  private func readWhole(_ path: String) throws {
    try FileTree.requireFile(path)
    let file = try SQLFile(path)
    while try file.read() != nil { try work.watch() }
  }

  private static let block = 512

  /// Follows the headers of a tar file to the blocks of zeros at its end.
  private func checkTar() throws {
    let descriptor = try FileTree.openFile(path)
    defer { close(descriptor) }
    let size = FileTree.size(of: path) ?? 0
    var offset = 0
    var block = [UInt8](repeating: 0, count: Self.block)
    while true {
      guard pread(descriptor, &block, block.count, off_t(offset)) == block.count else {
        throw cut("the file ends at byte \(size), without the end of a tar file")
      }
      if block.allSatisfy({ $0 == 0 }) { break }
      guard let length = Self.length(block[124..<136]), length >= 0 else {
        throw cut("the tar header at byte \(offset) is damaged")
      }
      offset += Self.block + (length + Self.block - 1) / Self.block * Self.block
    }
    guard offset + 2 * Self.block <= size else {
      throw cut("the file ends at byte \(size), without the end of a tar file")
    }
  }

  /// A length in octal digits, or in binary behind a first bit that is set.
  private static func length(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first & 0x80 != 0 {
      let digits = field.suffix(7)
      return digits.reduce(0) { $0 << 8 | Int($1) }
    }
    let digits = field.filter { $0.isDigit }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  private func cut(_ what: String) -> BackupFindings {
    BackupFindings(all: [BackupFinding(.truncated, "the file is truncated or damaged: \(what)")])
  }
}
