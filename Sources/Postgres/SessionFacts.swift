import CPostgres

/// What is known of a session from its beginning, without asking the server again.
public struct SessionFacts: Sendable {
  /// How a session is encrypted.
  public struct TLS: Sendable, Hashable {
    public let version: String
    public let cipher: String
    public let keyBits: Int?
  }

  public let serverVersion: ServerVersion
  /// The version as the server words it, such as `15.18 (Debian 15.18-0+deb12u1)`.
  public let serverVersionText: String
  public let serverEncoding: String
  /// The server's process for this session, also behind a pooler.
  public private(set) var backendPID: Int32
  /// Whether a pooler is between program and server.
  public private(set) var isPooled = false
  /// The listed settings that had another value before the session set them.
  public private(set) var changedSettings: [ChangedSetting] = []
  /// Whether server, database, role or URL make new transactions read-only.
  public private(set) var isReadOnlyByDefault = false
  /// Where statements of the program look for names: the usual path of every session.
  private(set) var systemPath = SearchPath.catalog
  /// Where code of the database's users looks for names; see `SearchPath.init(givenToSession:system:)`.
  public private(set) var ownPath = SearchPath.catalog
  public let host: String
  /// The address that was connected to, if it is not a Unix socket.
  public let address: String?
  public let port: String
  public let database: String
  public let user: String
  /// How the session is encrypted; nil if it is not.
  public let tls: TLS?

  /// Reads a connection, which stays the caller's.
  init(reading connection: OpaquePointer) {
    func parameter(_ name: String) -> String {
      PQparameterStatus(connection, name).map { String(cString: $0) } ?? ""
    }
    func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
      pointer.map { String(cString: $0) } ?? ""
    }
    serverVersion = ServerVersion(number: Int(PQserverVersion(connection)))
    serverVersionText = parameter("server_version")
    serverEncoding = parameter("server_encoding")
    backendPID = PQbackendPID(connection)
    host = text(PQhost(connection))
    let numeric = text(PQhostaddr(connection))
    address = numeric.isEmpty ? nil : numeric
    port = text(PQport(connection))
    database = text(PQdb(connection))
    user = text(PQuser(connection))
    tls = PQsslInUse(connection) == 0 ? nil : TLS(reading: connection)
  }

  init(reading connection: OpaquePointer, _ session: SessionSetup.Outcome) {
    self.init(reading: connection)
    (backendPID, isPooled) = (session.backendPID, session.isPooled)
    changedSettings = session.changed
    (systemPath, ownPath) = (session.systemPath, session.ownPath)
    isReadOnlyByDefault = session.before["default_transaction_read_only"] == "on"
  }
}

extension SessionFacts.TLS {
  fileprivate init(reading connection: OpaquePointer) {
    func attribute(_ name: String) -> String? {
      PQsslAttribute(connection, name).map { String(cString: $0) }
    }
    version = attribute("protocol") ?? ""
    cipher = attribute("cipher") ?? ""
    keyBits = attribute("key_bits").flatMap { Int($0) }
  }
}
