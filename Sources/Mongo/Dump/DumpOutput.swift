import Glibc

/// A file that comes to be whole or not at all.
///
/// It is written under a temporary name; `finish` makes it durable and gives it its own. A writer
/// that is let go before leaves nothing behind.
final class DumpOutput {
  let path: String
  private let temporaryPath: String
  private let descriptor: CInt
  private let deflater: Deflater?
  private var buffer: [UInt8] = []
  private var isFinished = false
  private static let bufferSize = 1 << 20

  init(_ path: String, compressed: Bool) throws(DumpError) {
    guard !Files.exists(path) else {
      throw DumpError(.exists, file: path, reason: "the file already exists")
    }
    self.path = path
    temporaryPath = Self.temporaryPath(for: path)
    do throws(Deflater.Failure) {
      deflater = compressed ? try Deflater() : nil
    } catch {
      throw DumpError(.io, file: path, reason: "no memory to compress")
    }
    descriptor = open(
      temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      isFinished = true
      throw .system("could not create", temporaryPath)
    }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    if !isFinished { unlink(temporaryPath) }
  }

  /// A name in the same folder that cannot be guessed, and that stays short: the file's own may be as
  /// long as names can be.
  private static func temporaryPath(for path: String) -> String {
    var random = SystemRandomNumberGenerator()
    return "\(Files.folder(of: path))/.\(String(random.next() as UInt64, radix: 16)).part"
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(DumpError) {
    if let deflater {
      deflater.deflate(bytes, isLast: false, to: &buffer)
    } else {
      buffer.append(contentsOf: bytes)
    }
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Makes the file durable under its own name.
  func finish() throws(DumpError) {
    deflater?.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, to: &buffer)
    try flush()
    guard fsync(descriptor) == 0 else { throw .system("could not sync", temporaryPath) }
    guard rename(temporaryPath, path) == 0 else { throw .system("could not rename to", path) }
    isFinished = true
    try Files.makeDurable(folderOf: path)
  }

  private func flush() throws(DumpError) {
    try buffer.withRawBytes { raw throws(DumpError) in
      var rest = raw[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let count = Glibc.write(descriptor, part.baseAddress, part.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw .system("could not write", temporaryPath) }
        rest = rest.dropFirst(count)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

extension Files {
  /// The folder that a path's file is in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the names in a file's folder survive a power cut.
  static func makeDurable(folderOf path: String) throws(DumpError) {
    let folder = folder(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("could not open", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("could not sync", folder) }
  }
}
