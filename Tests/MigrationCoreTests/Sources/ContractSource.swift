import Foundation
import Mongo
import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationPlan

/// A source that the contract is tried on: `items` has rows with the ids from 0 on, in an order that is not theirs,
/// and `nothing` has none.
protocol ContractSource: AnyObject {
  /// Where it is.
  var place: SourcePlace { get }
  /// Rows are in other places now.
  func reorder() throws
  /// Nothing more can be read by those who read now.
  func cut() throws
  /// It can be read again.
  func mend() throws
  /// How many bytes have come from the server; nil for files.
  var bytesReceived: Int? { get }
}

/// The sources of the contract.
enum ContractKind: String, CaseIterable, CustomTestStringConvertible {
  case postgres, postgresWithoutKey, mongo, folder, archive, fake

  var testDescription: String { rawValue }

  /// - Parameter bytes: the length of each row's text.
  func make(rows: Int, bytes: Int = 20) throws -> any ContractSource {
    switch self {
    case .postgres: try PostgresContract(rows, bytes, hasKey: true)
    case .postgresWithoutKey: try PostgresContract(rows, bytes, hasKey: false)
    case .mongo: try MongoContract(rows, bytes)
    case .folder, .archive: try DumpContract(rawValue, rows, bytes)
    case .fake: FakeContract(rows, bytes)
    }
  }

  /// The plan that reads it.
  var plan: Plan {
    get throws {
      _ = FakeKind.registered
      let (kind, id, key) =
        switch self {
        case .postgres: ("postgres", "id", #"key: "id","#)
        case .postgresWithoutKey: ("postgres", "id", "key: [],")
        case .mongo, .folder, .archive: ("mongo", "_id", "")
        case .fake: ("fake", "id", #"key: "id","#)
        }
      return try readPlan(
        """
        { name: "contract", source: { kind: "\(kind)" }, tables: {
          items: { from: "items", \(key) columns: { id: "\(id)", text: "text" } },
          nothing: { from: "nothing", \(key) columns: { id: "\(id)", text: "text" } } } }
        """)
    }
  }

  var hasKeys: Bool { self != .postgresWithoutKey }

  /// Ranges that none of its chunks can have.
  var foreignRanges: [ChunkRange] {
    switch self {
    case .postgres, .postgresWithoutKey: [.bytes(from: 0, to: nil)]
    case .mongo: [.bytes(from: 0, to: nil), .blocks(from: 0, to: nil)]
    case .folder, .archive, .fake: [.everything, .blocks(from: 0, to: nil)]
    }
  }

  /// So many rows of 4,000 bytes are more than what sockets or files are read ahead by.
  var manyRows: Int { isServer ? 4000 : 700 }

  /// Whether what is lost can be had again by trying again.
  var isServer: Bool { self != .folder && self != .archive }
}

/// An order of numbers that is not their own; see `items` in dumps.py.
func shuffled(_ rows: Int) -> [Int] { (0..<rows).map { $0 * 7919 % rows } }

private final class PostgresContract: ContractSource {
  let place: SourcePlace
  private let database: TemporaryDatabase
  private let proxy: CuttingProxy

  init(_ rows: Int, _ bytes: Int, hasKey: Bool) throws {
    database = try TemporaryDatabase("contract")
    let key = hasKey ? " primary key" : ""
    try psql(
      database.url,
      """
      create table items (id bigint\(key), text text);
      create table nothing (id bigint\(key), text text);
      alter table items alter text set storage plain;
      insert into items select n * 7919 % \(rows), rpad('row ' || n, \(bytes), 'x')
        from generate_series(0::bigint, \(rows - 1)) n;
      analyze items;
      """)
    proxy = try CuttingProxy(to: database.url)
    place = .postgres(try ConnectionString(proxy.url(database.url, query: "sslmode=disable")))
  }

  func reorder() throws {
    try psql(
      database.url,
      """
      create table copied as select * from items; truncate items;
      insert into items select * from copied order by id desc;
      """)
  }

  func cut() { proxy.cut() }
  func mend() {}
  var bytesReceived: Int? { proxy.bytesReceived }
}

private final class MongoContract: ContractSource {
  let place: SourcePlace
  private let client: MongoClient
  private let database = "contract_\(UUID().uuidString.prefix(8).lowercased())"
  private let proxy: CuttingProxy
  private let documents: [BSONDocument]

  init(_ rows: Int, _ bytes: Int) throws {
    let server = try TestServers.mongoURL()
    client = try MongoClient(MongoURL(server))
    documents = shuffled(rows).map { number in
      let text = "row \(number) ".padding(toLength: bytes, withPad: "x", startingAt: 0)
      return ["_id": BSONValue(number), "text": BSONValue(text)]
    }
    proxy = try CuttingProxy(to: server)
    let direct = url(
      proxy.url(server, query: "authSource=admin&directConnection=true"), database: database)
    place = SourcePlace(MongoKind(try DatabaseURL(direct), setting: "MONGODB_URL"))
    try fill(documents)
    try client.createCollection(MongoNamespace(database: database, collection: "nothing"))
  }

  deinit { try? client.dropDatabase(database) }

  private func fill(_ documents: some Sequence<BSONDocument>) throws {
    try client.insert(documents, into: MongoNamespace(database: database, collection: "items"))
  }

  func reorder() throws {
    _ = try client.runCommand(["drop": "items"], on: database)
    try fill(documents.reversed())
  }

  func cut() { proxy.cut() }
  func mend() {}
  var bytesReceived: Int? { proxy.bytesReceived }
}

private final class DumpContract: ContractSource {
  let place: SourcePlace
  private let folder: TemporaryFolder
  private let form: String
  private let rows: Int
  private let bytes: Int

  init(_ form: String, _ rows: Int, _ bytes: Int) throws {
    folder = try TemporaryFolder()
    (self.form, self.rows, self.bytes) = (form, rows, bytes)
    place = SourcePlace(
      DumpKind(try DatabaseURL("dump:\(folder.path)/\(form)"), setting: "MONGODB_URL"))
    try write("forwards")
  }

  private func write(_ order: String) throws {
    try mustRun(
      TestServers.python(),
      [
        packageRoot + "/Tests/Fixtures/dumps.py", "items", folder.path, "\(rows)", "\(bytes)",
        order, form,
      ],
      environment: TestServers.pythonEnvironment())
  }

  func reorder() throws { try write("backwards") }

  /// Half of the file is gone, in the middle of a document.
  func cut() throws {
    let file = folder.path + "/" + (form == "folder" ? "folder/shop/items.bson" : form)
    let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
    try FileHandle(forWritingTo: URL(fileURLWithPath: file)).truncate(
      atOffset: UInt64(size / 2 + 9))
  }

  func mend() throws { try write("forwards") }
  var bytesReceived: Int? { nil }
}
