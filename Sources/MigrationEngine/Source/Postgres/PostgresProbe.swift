import Glibc
import MigrationBasics
import Postgres

/// Reaches a PostgreSQL database and asks it about itself.
struct PostgresProbe {
  let database: ConfiguredDatabase
  let options: ProbeOptions

  func run() throws(MigrationError) -> DatabaseFacts {
    let string: ConnectionString
    do {
      string = try ConnectionString(database.url.connectionString)
    } catch {
      throw MigrationError(
        .configuration, "\(database.setting): \(error)", reason: "badURL",
        place: database.url.redacted)
    }
    var settings = ConnectionOptions()
    settings.connectTimeout = options.timeout
    settings.statementTimeout = options.statementTimeout
    do {
      let connection = try Connection(to: string, options: settings)
      return try facts(of: connection)
    } catch {
      throw MigrationError(connecting: error, to: database.url, setting: database.setting)
    }
  }

  private func facts(of connection: Connection) throws(PostgresError) -> DatabaseFacts {
    let trips = try roundTrips(connection)
    let session = connection.facts
    let sent = WallClock.now
    let answer = try connection.query(Self.question, [schema])
    let received = WallClock.now
    let row = Row(answer)
    let serverTime = Duration.seconds(row.double("clock"))
    // The clock was read somewhere between sending and receiving.
    let skew = serverTime - (sent + (received - sent) / 2)
    return DatabaseFacts(
      product: "PostgreSQL", serverVersion: session.serverVersionText,
      driver: "libpq \(ServerVersion.ofClientLibrary)",
      place: "\(session.host):\(session.port)", database: session.database, user: session.user,
      tls: session.tls.map { "\($0.version), \($0.cipher)" }, roundTrips: trips,
      tableCount: row.int("tables"), byteCount: row.int("bytes"),
      readOnlyReason: readOnlyReason(row), clockSkew: skew,
      postgres: details(row, connection))
  }

  private var schema: String { options.schema }

  private func roundTrips(_ connection: Connection) throws(PostgresError) -> [Duration] {
    _ = try connection.ping()
    var trips: [Duration] = []
    for _ in 0..<options.repetitions { trips.append(try connection.ping()) }
    return trips
  }

  private func readOnlyReason(_ row: Row) -> String? {
    if row.bool("in_recovery") { return "it is a standby" }
    if row.bool("read_only") {
      return "default_transaction_read_only is on"
    }
    return nil
  }

  private func details(_ row: Row, _ connection: Connection) -> PostgresDetails {
    PostgresDetails(
      versionNumber: connection.facts.serverVersion.number, encoding: row.text("encoding"),
      collation: row.text("collation"), isInRecovery: row.bool("in_recovery"),
      canCreateSchema: row.bool("can_create_schema"), canCreateTable: row.bool("can_create_table"),
      unreadableTables: row.list("unreadable"), unwritableTables: row.list("unwritable"),
      changedSettings: connection.facts.changedSettings, isPooled: connection.facts.isPooled,
      dataDirectory: row.optionalText("data_directory"),
      isLocal: connection.facts.address.map { $0 == "::1" || $0.hasPrefix("127.") } ?? true)
  }

  /// Everything in one question, for the schema in $1; what the user may not see is null.
  private static let question = """
    with tables as (
      select c.oid, format('%I', c.relname) as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname = $1
    )
    select
      extract(epoch from clock_timestamp())::float8 as clock,
      pg_is_in_recovery() as in_recovery,
      current_setting('transaction_read_only') = 'on' as read_only,
      pg_encoding_to_char(d.encoding) as encoding,
      d.datcollate as collation,
      case when has_database_privilege(d.oid, 'CONNECT') then pg_database_size(d.oid) else 0 end as bytes,
      (select count(*) from tables) as tables,
      has_database_privilege(d.oid, 'CREATE') as can_create_schema,
      coalesce((select has_schema_privilege(n.oid, 'CREATE') from pg_namespace n where n.nspname = $1), false)
        as can_create_table,
      (select string_agg(name, chr(10) order by name) from tables
        where not has_table_privilege(oid, 'SELECT')) as unreadable,
      (select string_agg(name, chr(10) order by name) from tables
        where not has_table_privilege(oid, 'INSERT')) as unwritable,
      case when pg_has_role(current_user, 'pg_read_all_settings', 'MEMBER')
        then current_setting('data_directory', true) end as data_directory
    from pg_catalog.pg_database d where d.datname = current_database()
    """
}

/// The one row of an answer, by the names of its columns.
private struct Row {
  let result: QueryResult

  init(_ result: QueryResult) { self.result = result }

  func optionalText(_ name: String) -> String? {
    result.column(named: name).flatMap { result.text(0, $0) }
  }
  func text(_ name: String) -> String { optionalText(name) ?? "" }
  func int(_ name: String) -> Int { Int(text(name)) ?? 0 }
  func double(_ name: String) -> Double { Double(text(name)) ?? 0 }
  func bool(_ name: String) -> Bool { text(name) == "t" }
  func list(_ name: String) -> [String] { text(name).split(separator: "\n").map(String.init) }
}

/// The time of day as other machines know it.
enum WallClock {
  /// Since the beginning of 1970.
  static var now: Duration {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
