/// Bytes of a COPY on their way to the server: it grows, is sent, and is filled again.
///
/// One thread at a time. It may be handed on from the thread that fills it to the
/// one that sends it, as long as the previous owner releases it; nothing
/// checks that, because it is in the path of every row.
public final class CopyBuffer: @unchecked Sendable {
  /// The fields live behind a constant pointer: plain memory, which unlike the
  /// stored properties of a class needs no exclusivity check for each access.
  @usableFromInline
  struct Storage {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var count: Int
    @usableFromInline var rowStart: Int
  }

  @usableFromInline let storage: UnsafeMutablePointer<Storage>
  /// From how many bytes on the buffer is worth sending.
  public let flushThreshold: Int
  private let live = LiveHandle()

  /// Makes an empty buffer.
  public init(flushThreshold: Int = 512 * 1024) {
    let threshold = max(1, flushThreshold)
    self.flushThreshold = threshold
    let capacity = threshold + threshold / 4 + 64
    storage = .allocate(capacity: 1)
    storage.initialize(
      to: Storage(
        base: .allocate(byteCount: capacity, alignment: 16), capacity: capacity, count: 0,
        rowStart: 0))
  }

  deinit {
    storage.pointee.base.deallocate()
    storage.deallocate()
  }

  /// How many bytes wait to be sent.
  @inlinable public var count: Int { storage.pointee.count }

  /// Whether enough has come together to be worth sending.
  @inlinable public var isFull: Bool { storage.pointee.count >= flushThreshold }

  /// Makes space for bytes to come and returns where they go.
  @inlinable
  func claim(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let end = storage.pointee.count + byteCount
    if end > storage.pointee.capacity { grow(to: end) }
    let place = storage.pointee.base + storage.pointee.count
    storage.pointee.count = end
    return place
  }

  /// Appends bytes as they are.
  @inlinable
  public func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    claim(bytes.count).copyMemory(from: source, byteCount: bytes.count)
  }

  /// Appends one byte.
  @inlinable
  public func append(_ byte: UInt8) {
    claim(1).storeBytes(of: byte, as: UInt8.self)
  }

  /// Appends the UTF-8 of a text; for the text formats of COPY.
  public func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  /// Lends the bytes; they must not be kept beyond the closure.
  public func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(UnsafeRawBufferPointer(start: storage.pointee.base, count: storage.pointee.count))
  }

  /// Empties the buffer; the memory stays for the next rows, unless one huge row made it large.
  public func removeAll() {
    storage.pointee.count = 0
    storage.pointee.rowStart = 0
    let usual = flushThreshold + flushThreshold / 4 + 64
    if storage.pointee.capacity > max(usual * 8, 1 << 23) { reallocate(capacity: usual) }
  }

  @usableFromInline
  func grow(to needed: Int) {
    reallocate(capacity: max(needed, storage.pointee.capacity * 2))
  }

  private func reallocate(capacity: Int) {
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    fresh.copyMemory(from: storage.pointee.base, byteCount: storage.pointee.count)
    storage.pointee.base.deallocate()
    storage.pointee.base = fresh
    storage.pointee.capacity = capacity
  }
}
