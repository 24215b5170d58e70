import CPostgres
import Synchronization

/// Whether a pooler keeps one server session for a client from its beginning to its end.
///
/// In transaction and statement mode each transaction may get another session of the server: what
/// was set, locked or seen in the one before is not there, and stays behind for other clients.
///
/// No pooler reports its mode. But a session that is kept belongs to no one else while it is idle, and
/// is the same after each statement.
struct PoolerCheck {
  let plan: ConnectPlan
  let connection: OpaquePointer
  let deadline: Deadline

  private static let repetitions = 3
  /// A pooler without a free session lets the second client wait.
  private static let patience = Duration.seconds(3)
  /// Poolers that were found to keep sessions, once for each process.
  private static let keeping = Mutex<Set<String>>([])

  func requireSession() throws(PostgresError) {
    let facts = SessionFacts(reading: connection)
    let pooler = "\(facts.host):\(facts.port)/\(facts.database)/\(facts.user)"
    guard !Self.keeping.withLock({ $0.contains(pooler) }) else { return }
    let own = try backend(connection, deadline)
    let isShared = try isGivenToAnother(own)
    let now = try backend(connection, deadline)
    guard !isShared, now == own else {
      throw .session(
        .transactionPooler, facts,
        "the connection goes through a pooler in transaction or statement mode: settings, locks and snapshots of "
          + "a session would be lost",
        hint: "connect to the server directly, or set pool_mode = session for this database in the "
          + "pooler")
    }
    _ = Self.keeping.withLock { $0.insert(pooler) }
  }

  private func isGivenToAnother(_ own: Int32) throws(PostgresError) -> Bool {
    guard let other = try? Connector(again).connect() else { return false }
    defer { PQfinish(other) }
    for _ in 0..<Self.repetitions {
      guard try backend(connection, deadline) == own else { return true }
      guard let theirs = try? backend(other, Deadline(after: Self.patience)) else { return false }
      if theirs == own { return true }
    }
    return false
  }

  private var again: ConnectPlan {
    var again = plan.again(at: SessionFacts(reading: connection))
    again.timeout = Self.patience
    return again
  }

  private func backend(
    _ connection: OpaquePointer, _ deadline: Deadline
  ) throws(PostgresError) -> Int32 {
    let answer = try TimedQuery.ask(
      connection, "SELECT pg_catalog.pg_backend_pid()", until: deadline)
    return Int32(clamping: answer.int(0, 0) ?? 0)
  }
}

/// The settings in libpq's `options`, which poolers drop or refuse.
struct PooledOptions {
  private(set) var settings: [(name: String, value: String?)] = []

  /// Reads `-c name=value`, `-cname=value` and `--name=value`, with a backslash before a blank.
  init(_ options: String?) {
    var isValue = false
    for word in Self.words(options ?? "") {
      var rest = Substring(word)
      if !isValue {
        isValue = word == "-c"
        if isValue { continue }
        guard rest.hasPrefix("--") || rest.hasPrefix("-c") else { continue }
        rest = rest.dropFirst(2)
      }
      isValue = false
      let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      settings.append((name: String(parts[0]).replacing("-", with: "_"), value: String(parts[1])))
    }
  }

  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        word.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character.isWhitespace {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}
