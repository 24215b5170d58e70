import Glibc

/// A file that is read from front to back, decompressed if it is gzip.
final class DumpFile {
  let path: String
  let isCompressed: Bool
  private let descriptor: CInt
  private let inflater: Inflater?
  private var input: [UInt8] = []
  private var inputStart = 0
  private var isAtEnd = false
  private static let inputSize = 256 * 1024

  /// Opens a file and checks its first bytes for gzip's mark; the name decides nothing.
  init(_ path: String, from offset: Int64 = 0) throws(DumpError) {
    self.path = path
    descriptor = try DumpError.opening(path)
    var mark: [UInt8] = [0, 0]
    let count = pread(descriptor, &mark, 2, 0)
    isCompressed = count == 2 && mark == [0x1F, 0x8B]
    // Even of nothing gzip makes a header: a disk that was full, or a dump that was killed, leaves no byte.
    if count == 0, path.hasSuffix(".gz") {
      close(descriptor)
      throw DumpError(
        .truncated, file: path, reason: "the file is empty, which a gzip file cannot be")
    }
    do throws(Inflater.Failure) {
      inflater = isCompressed ? try Inflater() : nil
    } catch {
      close(descriptor)
      throw DumpError(.io, file: path, reason: "no memory to decompress")
    }
    if offset > 0, lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
      throw .system("could not seek in", path)
    }
    if isCompressed { input.reserveCapacity(Self.inputSize) }
  }

  deinit { close(descriptor) }

  /// Reads some bytes into a buffer that is not empty; 0 only at the end.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(DumpError) -> Int {
    guard let inflater else { return try readFile(into: buffer) }
    while true {
      if inputStart == input.count, !isAtEnd { try refill() }
      if inputStart == input.count, inflater.isBetweenMembers { return 0 }
      let isStarved = inputStart == input.count
      let step: Inflater.Step
      do throws(Inflater.Failure) {
        step = try input.withRawBytes { raw throws(Inflater.Failure) in
          try inflater.inflate(UnsafeRawBufferPointer(rebasing: raw[inputStart...]), into: buffer)
        }
      } catch {
        throw DumpError(
          .badGzip, file: path, offset: offset, isDecompressedOffset: true,
          reason: "the gzip data is damaged")
      }
      inputStart += step.consumed
      if step.produced > 0 { return step.produced }
      guard step.consumed > 0 else {
        throw DumpError(
          isStarved ? .truncated : .badGzip, file: path, offset: offset, isDecompressedOffset: true,
          reason: isStarved ? "the gzip data ends too early" : "the gzip data is damaged")
      }
    }
  }

  private func refill() throws(DumpError) {
    var count = 0
    var failure: DumpError?
    input = Array(unsafeUninitializedCapacity: Self.inputSize) { buffer, initialized in
      do throws(DumpError) {
        count = try readFile(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
      initialized = count
    }
    inputStart = 0
    isAtEnd = count == 0
    if let failure { throw failure }
  }

  private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws(DumpError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw .system("could not read", path) }
    }
  }
}

extension DumpError {
  /// Opens a file for reading.
  static func opening(_ path: String) throws(DumpError) -> CInt {
    do throws(PlainFile.Problem) { return try PlainFile.open(path) } catch {
      throw DumpError(.io, file: path, reason: "could not open the file: \(error.reason)")
    }
  }

  /// Makes the error of a system call that just failed.
  static func system(_ what: String, _ path: String) -> DumpError {
    let reason = String(cString: strerror(errno))
    return DumpError(.io, file: path, reason: "\(what) the file: \(reason)")
  }
}
