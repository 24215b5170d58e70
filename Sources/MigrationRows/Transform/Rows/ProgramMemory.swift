import MigrationBasics

/// The memory of a program: flat lists that its instructions name by number.
///
/// It is written once, by the compiler, and only read after that, so lanes share it.
package struct ProgramMemory: @unchecked Sendable {
  var ops: UnsafeBufferPointer<Op>
  /// The target column that each instruction works for.
  var opColumns: UnsafeBufferPointer<Int32>
  package var sourceForms: UnsafeBufferPointer<WireForm>
  package var columns: UnsafeBufferPointer<TargetColumn>
  package var checks: UnsafeBufferPointer<CompiledCheck>
  package var pieces: UnsafeBufferPointer<JSONPiece>
  /// Numbers of slots that instructions with many inputs read.
  package var lists: UnsafeBufferPointer<Place>
  /// Keys of paths into JSON.
  package var paths: UnsafeBufferPointer<Slot>
  var dateParts: UnsafeBufferPointer<DateFormat.Part>
  var dateFormats: UnsafeBufferPointer<Span32>
  var zones: UnsafeBufferPointer<UnsafeBufferPointer<TimeZoneTable.Transition>>
  /// The word tables of this program, for maps, lists and enums.
  package var words: UnsafeBufferPointer<LookupView>
  /// The slots as every row begins: constants in place, all else null.
  package var slots: UnsafeBufferPointer<Slot>
  var lookupShapes: UnsafeBufferPointer<LookupShape>
  var hmac: UnsafePointer<HMACSHA256>
  /// Slots whose values are watched for being null in every row.
  package var watched: UnsafeBufferPointer<Place>
  /// What is read of documents; nil if rows come as COPY sends them.
  package var documents: UnsafePointer<DocumentShape>?
}

/// Owns blocks of memory that live as long as a program.
package final class MemoryOwner: @unchecked Sendable {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var tables: [LookupTable] = []

  deinit { for block in blocks { block.deallocate() } }

  /// Copies trivial values into memory that stays where it is.
  package func keep<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeBufferPointer<Value> {
    let place = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
    blocks.append(UnsafeMutableRawPointer(place))
    for (index, value) in values.enumerated() { (place + index).initialize(to: value) }
    return UnsafeBufferPointer(start: place, count: values.count)
  }

  /// Keeps tables alive whose memory the program reads.
  package func keep(_ tables: [LookupTable]) { self.tables += tables }

  /// Copies bytes into memory that stays where it is; some bytes behind them can be read as well.
  package func keep(bytes: [UInt8]) -> UnsafeRawPointer {
    let place = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 8, alignment: 16)
    blocks.append(place)
    bytes.withUnsafeBytes { space in
      if let start = space.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
    }
    return UnsafeRawPointer(place)
  }
}
