import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres
import Synchronization

/// A kind of source that is in no room of the engine: its addresses are `fake://here/NAME`, and its rows are made when
/// they are read.
///
/// It has what a new kind needs, and nothing in the engine knows of it.
struct FakeKind: SourceKind {
  static let address = DatabaseURL.Kind(
    name: "fake", product: "Fake", schemes: ["fake"], plan: "fake", address: "a fake:// URL",
    expected: "the URL of a fake (fake://…)")

  /// Enters the kind into the table, once.
  static let registered: Void = SourceKinds.register(FakeKind.self)

  private static let data = Mutex<[String: FakeData]>([:])

  private let data: FakeData

  init(_ data: FakeData) { self.data = data }

  init(_ url: DatabaseURL, setting: String) throws {
    guard let found = Self.data.withLock({ $0[url.database ?? ""] }) else {
      throw MigrationError(.configuration, "there is no such fake", place: url.redacted)
    }
    data = found
  }

  static func keep(_ data: FakeData, as name: String) { Self.data.withLock { $0[name] = data } }

  func open(_ opening: SourceOpening) -> any RowSource { FakeSource(data) }

  var connectionsBesideLanes: Int { 0 }

  static func probe(
    _ database: ConfiguredDatabase, _ options: ProbeOptions
  ) throws(MigrationError) -> DatabaseFacts {
    throw MigrationError(.failed, "a fake has nothing to tell")
  }

  static func measure(_ reading: inout NetworkReading, by test: NetworkTest) {}
}

/// The rows of a fake: ids in some order, each with a text.
final class FakeData: Sendable {
  private struct State {
    var ids: [Int]
    var version = 0
  }

  private let state: Mutex<State>
  private let cut = Atomic(false)
  let bytes: Int

  init(ids: [Int], bytes: Int) {
    state = Mutex(State(ids: ids))
    self.bytes = bytes
  }

  var ids: [Int] { state.withLock { $0.ids } }
  var version: Int { state.withLock { $0.version } }

  var isCut: Bool {
    get { cut.load(ordering: .acquiring) }
    set { cut.store(newValue, ordering: .releasing) }
  }

  func reverse() {
    state.withLock { state in
      state.ids.reverse()
      state.version += 1
    }
  }
}

private final class FakeSource: RowSource {
  private let data: FakeData
  init(_ data: FakeData) { self.data = data }

  var isOneMoment: Bool { true }
  func noteChange() {}
  func open(timeout: Duration?) -> any RowReader { FakeReader(data) }
  func release() {}
}

final class FakeReader: RowReader {
  let data: FakeData
  let isCancelled = Cancel()

  init(_ data: FakeData) { self.data = data }

  final class Cancel: Cancelling {
    let isSent = Atomic(false)
    func send() { isSent.store(true, ordering: .releasing) }
  }

  var isUsable: Bool { !data.isCut }

  func requireOpen() throws {
    if data.isCut { throw SourceError(.connection, "the fake is away", isTransient: true) }
    if isCancelled.isSent.load(ordering: .acquiring) {
      throw SourceError(.timeout, "the fake was cancelled", isTransient: false)
    }
  }

  var cancels: [any Cancelling] { [isCancelled] }

  func catalog(of plan: Plan, condition: String?) -> SourceCatalog {
    var catalog = SourceCatalog()
    catalog.tables = [Self.table("items"), Self.table("nothing")]
    return catalog
  }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed {
    guard ["items", "nothing"].contains(feed.from) else {
      throw MigrationError(.coded(.schema), "the fake has no table \(feed.from)")
    }
    return FakeFeed(name: feed.from)
  }

  static func table(_ name: String) -> PostgresTable {
    PostgresTable(
      schema: "public", name: name,
      columns: [
        PostgresColumn(name: "id", type: PostgresType(oid: 20, name: "bigint"), isNotNull: true),
        PostgresColumn(name: "text", type: PostgresType(oid: 25, name: "text")),
      ], primaryKey: ["id"])
  }
}

/// Rows with columns, cut by their places.
struct FakeFeed: BoundFeed {
  let name: String

  var title: String { "the fake table \(name)" }
  var form: RowForm { .columns(FakeReader.table(name)) }
  var isInKeyOrder: Bool { false }

  func key(of feed: Feed, _ program: RowProgram) -> RowKey {
    .fields(feed.key.compactMap { program.sourceColumns.firstIndex(of: $0) }.sorted())
  }

  private func ids(_ reader: FakeReader) -> [Int] { name == "items" ? reader.data.ids : [] }

  func survey(
    _ cutting: ChunkCutting, through reader: FakeReader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    let state = SourceState(json: ["version": .int(reader.data.version)])
    let step = if case .rows(let rows) = cutting.size { rows } else { 1000 }
    let count = min(ids(reader).count, cutting.limit ?? .max)
    var chunks: [PlannedChunk] = []
    for start in stride(from: 0, to: max(1, count), by: step) {
      guard isWanted() else { throw SurveyAbandoned() }
      let end = min(start + step, count)
      chunks.append(
        PlannedChunk(.bytes(from: start, to: end), rowEstimate: end - start, byteEstimate: 100))
    }
    return (state, chunks)
  }

  func misfit(since before: SourceState, isLater: Bool, through reader: FakeReader) -> String? {
    before.json["version"] == .int(reader.data.version) ? nil : "the fake's rows were moved"
  }

  func count(each: [String]?, through reader: FakeReader) -> Int { ids(reader).count }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: FakeReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let all = ids(reader)
    switch part {
    case .chunk(.bytes(let from, let to)):
      try send(all[min(from, all.count)..<min(to ?? all.count, all.count)], feed, reader, body)
    case .chunk(let range):
      throw LedgerError(
        .ledgerDamaged, "a chunk of a fake has no range of places", place: range.json().compact)
    case .all: try send(all[...], feed, reader, body)
    case .first(let count), .sample(let count): try send(all.prefix(count), feed, reader, body)
    case .keys(let keys):
      let wanted = keys.map { $0["id"] }
      try send(all.filter { wanted.contains(.int($0)) }[...], feed, reader, body)
    case .typed(let texts): try send(all.filter { texts == ["\($0)"] }[...], feed, reader, body)
    case .matching: throw MigrationError(.failed, "a fake knows no conditions")
    }
  }

  private func send(
    _ ids: ArraySlice<Int>, _ feed: FeedWork, _ reader: FakeReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    // One row, of which the id alone changes.
    var (row, place) = ([UInt8](), 0)
    func put<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.bigEndian) { row.append(contentsOf: $0) }
    }
    put(Int16(feed.program.sourceColumns.count))
    for column in feed.program.sourceColumns {
      put(Int32(column == "id" ? 8 : reader.data.bytes))
      if column == "id" { place = row.count }
      row += [UInt8](repeating: UInt8(ascii: "x"), count: column == "id" ? 8 : reader.data.bytes)
    }
    try row.withUnsafeMutableBytes { row in
      for (number, id) in ids.enumerated() {
        // Atomics take memory in debug builds.
        if number % 16 == 0 { try reader.requireOpen() }
        row.storeBytes(of: Int64(id).bigEndian, toByteOffset: place, as: Int64.self)
        try body(UnsafeRawBufferPointer(row))
      }
    }
  }
}

final class FakeContract: ContractSource {
  let data: FakeData
  let place: SourcePlace

  init(_ rows: Int, _ bytes: Int) {
    _ = FakeKind.registered
    data = FakeData(ids: shuffled(rows), bytes: bytes)
    place = SourcePlace(FakeKind(data))
  }

  func reorder() { data.reverse() }
  func cut() { data.isCut = true }
  func mend() { data.isCut = false }
  var bytesReceived: Int? { nil }
}
