import MigrationLedger
import Mongo

/// A collection or view that a feed reads, and how its rows are found.
struct CollectionFeed: Sendable {
  let namespace: MongoNamespace
  /// The conditions of the plan and of the run.
  let filter: BSONDocument
  /// Whether the index of `_id` can be used, which compares ids of all types with each other. A
  /// view has none of its own.
  let hasIndex: Bool
  /// Whether every `_id` is an ObjectId: then the ids that the plan makes of them are unique too.
  let hasOnlyObjectIDs: Bool
  /// How large a document is on average, by the server's own count.
  let documentBytes: Int
  let documentCount: Int

  /// How much the server sends at once: enough for few round trips, and little memory.
  private static let batchBytes = 2 << 20

  var batchSize: Int32 {
    Int32(clamping: max(100, Self.batchBytes / max(1, documentBytes)))
  }

  /// The way from one end of a range to the other, in the order of `_id`.
  func options(_ bounds: DocumentBounds, batchSize: Int32? = nil) -> FindOptions {
    var options = FindOptions(batchSize: batchSize ?? self.batchSize, sort: ["_id": 1])
    options.hint = ["_id": 1]
    options.minimum = bounds.lower.map { ["_id": $0] }
    options.maximum = bounds.upper.map { ["_id": $0] }
    return options
  }

  /// The stages that find a range in a view.
  func stages(_ bounds: DocumentBounds, filter: BSONDocument) -> [BSONDocument] {
    // `$expr` compares ids of different types, which a plain condition does not.
    func side(_ sign: String, _ value: BSONValue?) -> BSONValue? {
      value.map { [sign: ["$_id", ["$literal": $0]]] }
    }
    let sides = [side("$gte", bounds.lower), side("$lt", bounds.upper)].compactMap { $0 }
    let range: [BSONDocument] =
      sides.isEmpty ? [] : [["$match": ["$expr": ["$and": .array(BSONArray(sides))]]]]
    return range + [["$match": .document(filter)], ["$sort": ["_id": 1]]]
  }
}

/// A range of `_id`: the first value in it, and the first behind it; nil is open-ended.
struct DocumentBounds {
  var lower: BSONValue?
  var upper: BSONValue?

  init(lower: BSONValue? = nil, upper: BSONValue? = nil) {
    (self.lower, self.upper) = (lower, upper)
  }

  /// Reads a range of the ledger, whose keys are extended JSON.
  init(_ range: ChunkRange) throws {
    guard case .keys(let lower, let upper) = range else {
      throw LedgerError(
        .ledgerDamaged, "a chunk of documents has no range of keys", place: range.json().compact)
    }
    (self.lower, self.upper) = (try lower.map(Self.value), try upper.map(Self.value))
  }

  private static func value(_ bound: KeyBound) throws -> BSONValue {
    let text = bound.key.first ?? ""
    guard let value = try? ExtendedJSON.parse("{\"_id\":\(text)}")["_id"] else {
      throw LedgerError(.ledgerDamaged, "a chunk's key can't be understood", place: text)
    }
    return value
  }
}
