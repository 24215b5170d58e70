import CMongoDriver

/// Where a MongoDB deployment is and how to reach it: a parsed `mongodb://` or `mongodb+srv://` URL.
///
/// The password is in it, but in none of its descriptions. The hosts of a `mongodb+srv://` URL are
/// looked up only when a client connects.
public struct MongoURL: Sendable {
  private var uri: URIHandle
  /// The options that this driver does not know, as written: most often typing mistakes.
  public let unknownOptions: [String]

  /// Parses a URL.
  ///
  /// - Parameter password: replaces the password in the URL, as it is, without percent-encoding.
  public init(_ text: String, password: String? = nil) throws(MongoURLError) {
    MongoLibrary.start()
    let parts = try MongoURLText(text)
    uri = try URIHandle(parsing: parts)
    unknownOptions = parts.optionNames.filter { !Self.knownOptions.contains($0.lowercased()) }
    if let password { setPassword(password) }
    try Self.checkFile("tlsCAFile", tlsCAFile)
    try Self.checkFile("tlsCertificateKeyFile", tlsCertificateKeyFile)
  }

  /// The driver would wait for ever for a pipe; it reports a missing file itself.
  private static func checkFile(_ option: String, _ path: String?) throws(MongoURLError) {
    guard let path else { return }
    do throws(PlainFile.Problem) { try PlainFile.require(path) } catch {
      if error.code == 0 { throw MongoURLError(.malformed("\(option) \(path): \(error.reason)")) }
    }
  }

  /// Whether the hosts are found through DNS SRV records.
  public var usesSRV: Bool { mongoc_uri_get_srv_hostname(uri.pointer) != nil }

  /// The hosts named in the URL as `host:port`; for `mongodb+srv://`, the one name to look up.
  public var hosts: [String] {
    if let name = mongoc_uri_get_srv_hostname(uri.pointer) { return [String(cString: name)] }
    return HostList(mongoc_uri_get_hosts(uri.pointer)).names
  }

  /// The hosts as name and port; a path for a Unix socket, whose port is 0.
  var endpoints: [(name: String, host: String, port: UInt16)] {
    usesSRV ? [] : HostList(mongoc_uri_get_hosts(uri.pointer)).endpoints
  }

  /// The database named in the URL's path.
  public var database: String? {
    get { text(mongoc_uri_get_database(uri.pointer)) }
    set { change { _ = mongoc_uri_set_database($0, newValue ?? "") } }
  }

  public var userName: String? { text(mongoc_uri_get_username(uri.pointer)) }

  public var hasPassword: Bool { mongoc_uri_get_password(uri.pointer) != nil }

  /// The name of the replica set that the servers must belong to.
  public var replicaSet: String? { text(mongoc_uri_get_replica_set(uri.pointer)) }

  public var usesTLS: Bool { mongoc_uri_get_tls(uri.pointer) }

  /// Replaces the password, given as it is, without percent-encoding.
  public mutating func setPassword(_ password: String) {
    change { _ = mongoc_uri_set_password($0, password) }
  }

  /// Lends the C object, which must not be changed nor kept after the call.
  func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(uri) { try body(uri.pointer) }
  }

  /// Changes the C object, after copying it if another value shares it.
  mutating func change<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
    if !isKnownUniquelyReferenced(&uri) { uri = URIHandle(copying: uri) }
    return try body(uri.pointer)
  }

  func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
}

extension MongoURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The place and the way, without user name and password.
  public var description: String {
    var text = usesSRV ? "mongodb+srv://" : "mongodb://"
    text += hosts.joined(separator: ",") + "/" + (database ?? "")
    var options: [String] = []
    if let replicaSet { options.append("replicaSet=\(replicaSet)") }
    if usesTLS { options.append("tls=true") }
    return options.isEmpty ? text : text + "?" + options.joined(separator: "&")
  }

  public var debugDescription: String { description }

  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

/// Owns one `mongoc_uri_t`; changed only while it has a single owner.
private final class URIHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(parsing parts: MongoURLText) throws(MongoURLError) {
    var error = bson_error_t()
    if let parsed = mongoc_uri_new_with_error(parts.text, &error) {
      pointer = parsed
      return
    }
    // The driver quotes what it does not understand, so its words are asked for again
    // without the secrets; when it then has no complaint, the secrets were the reason.
    guard let parsed = mongoc_uri_new_with_error(parts.redacted, &error) else {
      throw MongoURLError(.malformed(MongoError.text(of: error)))
    }
    mongoc_uri_destroy(parsed)
    throw MongoURLError(
      .malformed("the driver does not accept the user name, the password or a secret option"))
  }

  init(copying other: URIHandle) { pointer = mongoc_uri_copy(other.pointer) }

  deinit { mongoc_uri_destroy(pointer) }
}

/// Copies the driver's linked list of hosts.
struct HostList {
  var endpoints: [(name: String, host: String, port: UInt16)] = []
  var names: [String] { endpoints.map(\.name) }

  init(_ first: UnsafePointer<mongoc_host_list_t>?) {
    var next = first
    while let host = next {
      endpoints.append((Self.name(host), Self.text(of: host.pointee.host), host.pointee.port))
      next = UnsafePointer(host.pointee.next)
    }
  }

  /// Returns `host:port` of one entry.
  static func name(_ host: UnsafePointer<mongoc_host_list_t>) -> String {
    text(of: host.pointee.host_and_port)
  }

  private static func text(of buffer: some Any) -> String {
    withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
