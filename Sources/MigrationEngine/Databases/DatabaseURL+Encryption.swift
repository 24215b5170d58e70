import MigrationBasics
import Mongo
import Postgres

extension DatabaseURL {
  /// Makes sure, before a byte is sent, that nothing will leave this machine in the clear.
  ///
  /// - Parameter setting: the setting that holds the URL, for advice.
  package func requireEncryption(setting: String) throws(MigrationError) {
    guard !staysOnThisMachine else { return }
    switch kind {
    case .postgres:
      let mode = (try? ConnectionString(connectionString))?.sslMode ?? "prefer"
      guard !["require", "verify-ca", "verify-full"].contains(mode) else { return }
      throw refusal("has sslmode \(mode)", setting, "add sslmode=verify-full to \(setting)")
    case .mongo:
      guard (try? MongoURL(connectionString))?.usesTLS == false else { return }
      throw refusal("does not enable TLS", setting, "add tls=true to \(setting)")
    case .dump: return
    }
  }

  private func refusal(_ what: String, _ setting: String, _ remedy: String) -> MigrationError {
    MigrationError(
      .configuration, "\(setting) \(what), and MIGRATION_ENCRYPTION_ENABLED requires encryption",
      reason: "notEncrypted", place: redacted, remedy: remedy)
  }

  /// Whether no network lies between: a dump, a Unix socket, or the loopback interface.
  package var staysOnThisMachine: Bool {
    kind == .dump
      || hosts.allSatisfy { host in
        host.name == "localhost" || host.name == "::1" || host.name.hasPrefix("127.")
          || host.name.hasPrefix("/")
      }
  }
}
