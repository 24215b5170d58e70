/// A window over a dump file's bytes, from which documents are lent in place.
///
/// The window holds a megabyte, and more only while one document is larger.
final class DumpStream {
  private let file: DumpFile
  private var window: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// The offset of the next byte in the file, after decompression.
  private(set) var offset: Int64
  private static let windowSize = 1 << 20

  init(_ path: String, from offset: Int64 = 0) throws(DumpError) {
    file = try DumpFile(path, from: offset)
    self.offset = offset
    window = .allocate(byteCount: Self.windowSize, alignment: 16)
  }

  deinit { window.deallocate() }

  var path: String { file.path }
  var isCompressed: Bool { file.isCompressed }

  /// Whether nothing is left to read.
  func isFinished() throws(DumpError) -> Bool { try fill(1) < 1 }

  /// Lends the next bytes without consuming them; nil when fewer are left.
  ///
  /// - Warning: They end with the next call on this stream.
  func peek(_ count: Int) throws(DumpError) -> UnsafeRawBufferPointer? {
    guard try fill(count) >= count else { return nil }
    return UnsafeRawBufferPointer(rebasing: window[start..<start + count])
  }

  func consume(_ count: Int) {
    start += count
    offset += Int64(count)
  }

  /// Lends the next document and consumes it; only its length has been checked.
  func nextDocument() throws(DumpError) -> UnsafeRawBufferPointer {
    guard let prefix = try peek(4) else { throw truncated() }
    let length = Int(prefix.int32(at: 0))
    guard length >= 5, length <= BSONLimits.documentLength else {
      throw damaged(BSONError(.badLength, at: 0), at: offset)
    }
    guard let document = try peek(length) else { throw truncated() }
    consume(length)
    return document
  }

  /// Makes the error for damage in a document that began at an offset of the file.
  func damaged(_ error: BSONError, at start: Int64) -> DumpError {
    let place = start + Int64(error.offset)
    let shifted = BSONError(error.code, at: Int(place))
    return DumpError(
      .badDocument, file: path, offset: place, isDecompressedOffset: isCompressed,
      document: shifted, reason: "\(error.explanation) in the document that starts at \(start)")
  }

  func failure(_ code: DumpError.Code, _ reason: String) -> DumpError {
    DumpError(
      code, file: path, offset: offset, isDecompressedOffset: isCompressed, reason: reason)
  }

  private func truncated() -> DumpError {
    DumpError(
      .truncated, file: path, offset: offset + Int64(end - start),
      isDecompressedOffset: isCompressed,
      reason: "the file ends in the middle of the document that starts at \(offset)")
  }

  /// Reads until that many bytes are in the window, or the file ends; returns how many are.
  private func fill(_ count: Int) throws(DumpError) -> Int {
    while end - start < count, !isAtEnd {
      if end == window.count { makeRoom(for: count) }
      let free = UnsafeMutableRawBufferPointer(rebasing: window[end...])
      let read = try file.read(into: free, at: offset + Int64(end - start))
      isAtEnd = read == 0
      end += read
    }
    return end - start
  }

  /// Moves what is left to the front, into a larger window if it must.
  ///
  /// A window grows by doubling as bytes really come, not to what a length claims.
  private func makeRoom(for count: Int) {
    let left = UnsafeRawBufferPointer(rebasing: window[start..<end])
    if left.count == window.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: window.count * 2, alignment: 16)
      larger.copyMemory(from: left)
      window.deallocate()
      window = larger
    } else {
      window.copyMemory(from: left)
    }
    end -= start
    start = 0
  }
}
