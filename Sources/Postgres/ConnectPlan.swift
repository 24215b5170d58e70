/// Everything that is known before the first packet: which servers, in which order, with what.
struct ConnectPlan: Sendable {
  /// One server to try.
  struct Server: Sendable {
    let host: String
    let hostAddress: String?
    let port: String

    /// Whether the host names a folder (or abstract name) of Unix sockets.
    var isLocal: Bool { hostAddress == nil && (host.hasPrefix("/") || host.hasPrefix("@")) }
    var name: String { isLocal ? "\(host)/.s.PGSQL.\(port)" : "\(host):\(port)" }
  }

  private(set) var servers: [Server]
  /// The values of `target_session_attrs` to go through all servers with, one after the other.
  private(set) var passes: [String?]
  var timeout: Duration
  /// The settings for libpq, host and port aside.
  let settings: [String: String]
  let sslMode: String
  let user: String
  /// What must never be seen in a message.
  let password: String?

  init(_ target: ConnectionString, _ options: ConnectionOptions) throws(PostgresError) {
    let lookup = try SettingsLookup(target.settings)
    let effective = lookup.settings
    let attributes =
      target.settings["target_session_attrs"]
      ?? environmentVariable("PGTARGETSESSIONATTRS")
    servers = try Self.servers(effective, defaults: (lookup.defaultHost, lookup.defaultPort))
    // libpq's meaning of prefer-standby: standbys of the whole list first, then anything.
    passes = attributes == "prefer-standby" ? ["standby", "any"] : [attributes]
    timeout = options.connectTimeout ?? Self.timeout(effective["connect_timeout"])
    settings = Self.settings(target.settings, effective, options)
    sslMode = effective["sslmode"] ?? "prefer"
    user = effective["user"] ?? ""
    password = effective["password"]
  }

  /// Returns the settings of one attempt at one address.
  func settings(for server: Server, address: String?, attributes: String?) -> [String: String] {
    var all = settings
    all["host"] = server.host
    all["hostaddr"] = address
    all["port"] = server.port
    all["target_session_attrs"] = attributes
    return all
  }

  /// Returns the plan for another connection to the very server of a session, whatever its role is by now.
  func again(at facts: SessionFacts) -> ConnectPlan {
    var plan = self
    plan.servers = [Server(host: facts.host, hostAddress: facts.address, port: facts.port)]
    plan.passes = [nil]
    return plan
  }

  private static func servers(
    _ settings: [String: String], defaults: (host: String, port: String)
  ) throws(PostgresError) -> [Server] {
    func list(_ keyword: String) -> [String] {
      (settings[keyword] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        .map(String.init)
    }
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
    let count = max(hosts.count, addresses.count)
    guard ports.count == 1 || ports.count == count else {
      throw .invalidSettings(
        "\(ports.count) ports are given for \(count) hosts; give one, or one for each")
    }
    var servers: [Server] = []
    for index in 0..<count {
      let port = ports.count == 1 ? ports[0] : ports[index]
      let address = index < addresses.count && !addresses[index].isEmpty ? addresses[index] : nil
      var host = index < hosts.count ? hosts[index] : ""
      if host.isEmpty { host = address ?? (count == 1 ? defaults.host : "") }
      guard !host.isEmpty else { throw .invalidSettings("the list of hosts has an empty entry") }
      servers.append(
        Server(host: host, hostAddress: address, port: port.isEmpty ? defaults.port : port))
    }
    return settings["load_balance_hosts"] == "random" ? servers.shuffled() : servers
  }

  private static func timeout(_ seconds: String?) -> Duration {
    guard let seconds = seconds.flatMap(Int.init), seconds > 0 else {
      return ConnectionOptions.defaultConnectTimeout
    }
    return .seconds(seconds)
  }

  private static func settings(
    _ given: [String: String], _ effective: [String: String], _ options: ConnectionOptions
  ) -> [String: String] {
    var settings = given
    settings["fallback_application_name"] = options.applicationName
    settings["client_encoding"] = "UTF8"
    settings["options"] = effective["options"]
    let defaults = [
      "tcp_user_timeout": String(options.tcpUserTimeout.milliseconds),
      "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10",
      "keepalives_count": "3",
    ]
    for (keyword, value) in defaults where given[keyword] == nil { settings[keyword] = value }
    // With "prefer" libpq looks for Kerberos tickets first, which may ask the network
    // outside of any deadline. Who wants it says so.
    if given["gssencmode"] == nil && environmentVariable("PGGSSENCMODE") == nil {
      settings["gssencmode"] = "disable"
    }
    return settings
  }
}
