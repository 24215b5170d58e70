import MigrationBasics

/// The key of the digests that are in the place of personal data.
///
/// Without one, anybody could find a telephone number or a name by trying them all.
extension Plan {
  private static let shortestKey = 16

  /// Whether any rule has the step `hash`.
  public var hashes: Bool {
    var found = false
    for rule in tables.flatMap(\.feeds).flatMap(\.columns).map(\.rule) {
      rule.walk { if case .step(_, .hash) = $0 { found = true } }
    }
    return found
  }

  /// Refuses to work without a key if rules write digests.
  public func requireHashKey() throws(MigrationError) {
    guard hashes, hashKey.count < Self.shortestKey else { return }
    throw MigrationError(
      .configuration,
      hashKey.isEmpty
        ? "plan \(name) uses the step hash, and MIGRATION_HASH_KEY is not set"
        : "MIGRATION_HASH_KEY has fewer than \(Self.shortestKey) bytes", reason: "hashKey",
      place: file,
      remedy: "set it in the environment or in .env, for example to the output of: "
        + "openssl rand -hex 32; keep it as long as you use the digests")
  }

  /// What a session keeps of the key: a digest by which another key is distinguished from it.
  package var hashKeyNote: JSONObject {
    hashes && !hashKey.isEmpty
      ? JSONObject([(Self.hashKeyNoteName, .text(hashKeyDigest))]) : JSONObject()
  }

  package static let hashKeyNoteName = "hashKey"

  package var hashKeyDigest: String {
    HMACSHA256(key: hashKey).hexadecimal(of: "migrate: the key of digests")
  }
}

extension Settings {
  /// Reads a plan, and gives it what the settings know for it.
  public func plan(at file: String) throws -> Plan {
    var plan = try PlanReader.read(file: file)
    plan.hashKey = value(.hashKey).map { Array($0.utf8) } ?? []
    plan.leavesOutOplog = value(.leavesOutOplog)
    return plan
  }
}
