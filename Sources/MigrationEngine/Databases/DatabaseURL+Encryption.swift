import MigrationBasics

extension DatabaseURL {
  /// Makes sure, before a byte is sent, that nothing will leave this machine in the clear.
  ///
  /// - Parameter setting: the setting that holds the URL, for advice.
  package func requireEncryption(setting: String) throws(MigrationError) {
    guard !staysOnThisMachine else { return }
    guard let plain = SourceKinds.kind(of: self)?.plainness(of: self) else { return }
    throw refusal(plain.reason, setting, "add \(plain.remedy) to \(setting)")
  }

  private func refusal(_ what: String, _ setting: String, _ remedy: String) -> MigrationError {
    MigrationError(
      .configuration, "\(setting) \(what), and MIGRATION_ENCRYPTION_ENABLED requires encryption",
      reason: "notEncrypted", place: redacted, remedy: remedy)
  }

  /// Whether no network lies between: files, a Unix socket, or the loopback interface.
  package var staysOnThisMachine: Bool {
    kind.isFile
      || hosts.allSatisfy { host in
        host.name == "localhost" || host.name == "::1" || host.name.hasPrefix("127.")
          || host.name.hasPrefix("/")
      }
  }
}
