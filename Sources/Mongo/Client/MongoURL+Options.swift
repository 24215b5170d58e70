import CMongoDriver

extension MongoURL {
  public var tls: Bool {
    get { usesTLS }
    set { setBool(MONGOC_URI_TLS, newValue) }
  }

  /// The file with the certificates of the authorities that are trusted.
  public var tlsCAFile: String? {
    get { utf8(MONGOC_URI_TLSCAFILE) }
    set { change { _ = mongoc_uri_set_option_as_utf8($0, MONGOC_URI_TLSCAFILE, newValue ?? "") } }
  }

  /// The file with this client's own certificate and key.
  public var tlsCertificateKeyFile: String? { utf8(MONGOC_URI_TLSCERTIFICATEKEYFILE) }

  /// The password of that key; it must never be shown.
  var tlsKeyPassword: String? { utf8(MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD) }

  /// Whether any certificate is accepted.
  public var tlsAllowInvalidCertificates: Bool {
    bool(MONGOC_URI_TLSALLOWINVALIDCERTIFICATES) || bool(MONGOC_URI_TLSINSECURE)
  }

  /// Whether a certificate for another host is accepted.
  public var tlsAllowInvalidHostnames: Bool {
    bool(MONGOC_URI_TLSALLOWINVALIDHOSTNAMES) || bool(MONGOC_URI_TLSINSECURE)
  }

  /// The database that the user is defined in.
  public var authSource: String? {
    get { withPointer { text(mongoc_uri_get_auth_source($0)) } }
    set { change { _ = mongoc_uri_set_auth_source($0, newValue ?? "admin") } }
  }

  public var readPreference: ReadPreference {
    get {
      withPointer {
        ReadPreference(mode: mongoc_read_prefs_get_mode(mongoc_uri_get_read_prefs_t($0)))
          ?? .primary
      }
    }
    set {
      newValue.withPointer { preference in
        change { mongoc_uri_set_read_prefs_t($0, preference) }
      }
    }
  }

  /// Which members the URL wants to read from, as it is written there.
  var wantedMembers: String {
    let sets = withPointer { pointer -> BSONDocument? in
      guard let tags = mongoc_read_prefs_get_tags(mongoc_uri_get_read_prefs_t(pointer)) else {
        return nil
      }
      return try? BSONDocument(copying: Reply.bytes(of: tags))
    }
    let texts = (sets ?? [:]).map { $0.value.documentValue?.tagText ?? "none" }
    return "readPreference=\(readPreference.rawValue)"
      + (texts.isEmpty ? "" : " and the tags \(texts.joined(separator: " or "))")
  }

  /// The read concern; nil leaves it to the server.
  public var readConcern: ReadConcern? {
    get {
      withPointer { uri in
        text(mongoc_read_concern_get_level(mongoc_uri_get_read_concern(uri)))
          .flatMap(ReadConcern.init)
      }
    }
    set {
      let concern: OpaquePointer = mongoc_read_concern_new()
      defer { mongoc_read_concern_destroy(concern) }
      mongoc_read_concern_set_level(concern, newValue?.rawValue)
      change { mongoc_uri_set_read_concern($0, concern) }
    }
  }

  /// Whether to talk to the one host named, whatever it says about its replica set.
  public var directConnection: Bool {
    get { bool(MONGOC_URI_DIRECTCONNECTION) }
    set { setBool(MONGOC_URI_DIRECTCONNECTION, newValue) }
  }

  /// The name that the server shows in its log and in `currentOp`; at most 128 bytes.
  public var appName: String? {
    get { withPointer { text(mongoc_uri_get_appname($0)) } }
    set { if let newValue { change { _ = mongoc_uri_set_appname($0, newValue) } } }
  }

  /// Chooses the compressors that are offered to the server, for example "zstd,zlib".
  public mutating func setCompressors(_ names: String) throws(MongoURLError) {
    // The driver only logs what it does not know, and continues without.
    let known = ["snappy", "zlib", "zstd"]
    let accepted =
      names.split(separator: ",").allSatisfy { known.contains(String($0)) }
      && change { mongoc_uri_set_compressors($0, names) }
    guard accepted else {
      throw MongoURLError(.option(name: "compressors", allowed: "snappy, zlib, zstd"))
    }
  }

  public var serverSelectionTimeout: Duration? {
    get { milliseconds(MONGOC_URI_SERVERSELECTIONTIMEOUTMS) }
    set { setMilliseconds(MONGOC_URI_SERVERSELECTIONTIMEOUTMS, newValue) }
  }

  public var connectTimeout: Duration? {
    get { milliseconds(MONGOC_URI_CONNECTTIMEOUTMS) }
    set { setMilliseconds(MONGOC_URI_CONNECTTIMEOUTMS, newValue) }
  }

  /// How long one read or write on a connection may stay without an answer.
  public var socketTimeout: Duration? {
    get { milliseconds(MONGOC_URI_SOCKETTIMEOUTMS) }
    set { setMilliseconds(MONGOC_URI_SOCKETTIMEOUTMS, newValue) }
  }

  /// Whether server selection gives up after one check of every host; nil leaves it to the client.
  var selectsServerOnce: Bool? {
    get { has(MONGOC_URI_SERVERSELECTIONTRYONCE) ? bool(MONGOC_URI_SERVERSELECTIONTRYONCE) : nil }
    set { if let newValue { setBool(MONGOC_URI_SERVERSELECTIONTRYONCE, newValue) } }
  }

  private func has(_ option: String) -> Bool { withPointer { mongoc_uri_has_option($0, option) } }

  private func bool(_ option: String) -> Bool {
    withPointer { mongoc_uri_get_option_as_bool($0, option, false) }
  }

  private mutating func setBool(_ option: String, _ value: Bool) {
    change { _ = mongoc_uri_set_option_as_bool($0, option, value) }
  }

  private func utf8(_ option: String) -> String? {
    withPointer { text(mongoc_uri_get_option_as_utf8($0, option, nil)) }
  }

  private func milliseconds(_ option: String) -> Duration? {
    guard has(option) else { return nil }
    return .milliseconds(withPointer { mongoc_uri_get_option_as_int32($0, option, 0) })
  }

  private mutating func setMilliseconds(_ option: String, _ value: Duration?) {
    guard let value else { return }
    change { _ = mongoc_uri_set_option_as_int32($0, option, value.wholeMilliseconds) }
  }

  public static let knownOptions: Set<String> = [
    "appname", "authmechanism", "authmechanismproperties", "authsource", "canonicalizehostname",
    "connecttimeoutms", "compressors", "directconnection", "gssapiservicename",
    "heartbeatfrequencyms", "journal", "loadbalanced", "localthresholdms", "maxidletimems",
    "maxpoolsize", "maxstalenessseconds", "minpoolsize", "readconcernlevel", "readpreference",
    "readpreferencetags", "replicaset", "retryreads", "retrywrites", "safe",
    "serverselectiontimeoutms", "serverselectiontryonce", "slaveok", "socketcheckintervalms",
    "sockettimeoutms", "srvservicename", "srvmaxhosts", "ssl", "sslclientcertificatekeyfile",
    "sslclientcertificatekeypassword", "sslcertificateauthorityfile",
    "sslallowinvalidcertificates", "sslallowinvalidhostnames", "tls", "tlscertificatekeyfile",
    "tlscertificatekeyfilepassword", "tlscafile", "tlsallowinvalidcertificates",
    "tlsallowinvalidhostnames", "tlsinsecure", "tlsdisablecertificaterevocationcheck",
    "tlsdisableocspendpointcheck", "w", "waitqueuemultiple", "waitqueuetimeoutms", "wtimeoutms",
    "zlibcompressionlevel",
  ]
}

extension BSONDocument {
  /// The tags of a member or a URL as `name=value`; nil for none.
  var tagText: String? {
    isEmpty ? nil : map { "\($0.key)=\($0.value.stringValue ?? "")" }.joined(separator: ",")
  }
}

extension Duration {
  /// The duration in milliseconds, at least 1 and at most what the driver takes.
  var wholeMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
    return Int32(max(1, min(milliseconds, Double(Int32.max))))
  }
}
