import MigrationBasics
import Postgres

/// What one layer says of how a run works. Most of it can be changed while the run is under way, and
/// stays with its session.
///
/// What is nil was not said. `automatic` gives a choice back to the engine or the plan, or removes it.
public struct RunAdjustments: Sendable, Hashable {
  public var lanes: Count?
  /// Rows of a chunk, for tables that are not cut into chunks yet.
  public var batchSize: Count?
  /// The same for single tables, by their names.
  public var batchSizes: [String: Int] = [:]
  public var maximumRejects: Count?
  public var maximumMinutes: Count?
  public var maximumRetries: Int?
  /// How long a chunk may take; zero is for ever.
  public var chunkTimeout: Duration?
  /// The share of time that lanes rest, in percent.
  public var throttle: Int?
  /// How long this run may take, to the second; the session does not keep it.
  public var timeLimit: Duration?
  /// Bytes of memory of this process; the session does not keep it.
  public var memoryLimit: Int?
  /// Bytes that stay free on the target's disk; the session does not keep it.
  public var freeDisk: Int?

  public init() {}

  /// The largest share of rest: a lane always moves on.
  public static let mostThrottle = 95

  public var isEmpty: Bool { self == RunAdjustments() }

  /// Takes the values of another set, which has precedence.
  public mutating func merge(_ other: RunAdjustments) {
    lanes = other.lanes ?? lanes
    batchSize = other.batchSize ?? batchSize
    batchSizes.merge(other.batchSizes) { $1 }
    maximumRejects = other.maximumRejects ?? maximumRejects
    maximumMinutes = other.maximumMinutes ?? maximumMinutes
    maximumRetries = other.maximumRetries ?? maximumRetries
    chunkTimeout = other.chunkTimeout ?? chunkTimeout
    throttle = other.throttle ?? throttle
    timeLimit = other.timeLimit ?? timeLimit
    memoryLimit = other.memoryLimit ?? memoryLimit
    freeDisk = other.freeDisk ?? freeDisk
  }
}

extension RunAdjustments {
  /// Reads what the ledger keeps; what is not understood is omitted.
  package init(_ json: JSONValue) {
    func count(_ key: String) -> Count? {
      switch json[key] {
      case .int(let number)?: .exactly(number)
      case .text("auto")?: .automatic
      default: nil
      }
    }
    func number(_ key: String) -> Int? {
      if case .int(let number)? = json[key] { number } else { nil }
    }
    (lanes, batchSize) = (count("lanes"), count("batchSize"))
    (maximumRejects, maximumMinutes) = (count("maxRejects"), count("maxMinutes"))
    (maximumRetries, throttle) = (number("maxRetries"), number("throttle"))
    chunkTimeout = number("timeout").map { .milliseconds($0) }
    if case .object(let sizes)? = json["batchSizes"] {
      for member in sizes.members {
        if case .int(let rows) = member.value { batchSizes[member.key] = rows }
      }
    }
  }

  /// What is said, as the ledger keeps it.
  package var json: JSONValue {
    var object = JSONObject()
    object["lanes"] = lanes?.json
    object["batchSize"] = batchSize?.json
    if !batchSizes.isEmpty {
      object["batchSizes"] = .object(
        JSONObject(batchSizes.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }))
    }
    object["maxRejects"] = maximumRejects?.json
    object["maxMinutes"] = maximumMinutes?.json
    object["maxRetries"] = maximumRetries.map(JSONValue.int)
    object["timeout"] = chunkTimeout.map { .int(Int($0 / .milliseconds(1))) }
    object["throttle"] = throttle.map(JSONValue.int)
    return .object(object)
  }
}

extension Count {
  /// The number; nil if the choice is left to others.
  package var number: Int? { if case .exactly(let number) = self { number } else { nil } }

  package var json: JSONValue { number.map(JSONValue.int) ?? "auto" }
}
