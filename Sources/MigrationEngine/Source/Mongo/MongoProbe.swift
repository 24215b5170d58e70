import MigrationBasics
import Mongo

/// Reaches a MongoDB deployment and asks it about itself.
struct MongoProbe {
  let database: ConfiguredDatabase
  let options: ProbeOptions

  func run() throws(MigrationError) -> DatabaseFacts {
    let url: MongoURL
    do {
      url = try MongoURL(database.url.connectionString)
    } catch {
      throw MigrationError(
        .configuration, "\(database.setting): \(error)", reason: "badURL",
        place: database.url.redacted)
    }
    let client: MongoClient
    do {
      client = try MongoClient(
        url, options: .init(timeout: options.timeout, operationTimeout: options.statementTimeout))
    } catch {
      throw MigrationError(connecting: error, to: database.url, setting: database.setting)
    }
    do {
      return try facts(of: client, url)
    } catch {
      throw MigrationError(
        .coded(.connection), "could not read the server's facts: \(error)", reason: "server",
        place: database.url.redacted,
        remedy: "check the user's roles: read and clusterMonitor are enough")
    }
  }

  private func facts(of client: MongoClient, _ url: MongoURL) throws(MongoError) -> DatabaseFacts {
    var trips: [Duration] = []
    try client.ping()
    for _ in 0..<options.repetitions { trips.append(try client.ping()) }
    let server = try client.facts()
    let name = url.database ?? "test"
    let collections = try client.collections(in: name).filter { !$0.isSystem }
    let sizes = try client.sizes(ofDatabase: name)
    return DatabaseFacts(
      product: "MongoDB", serverVersion: server.version,
      driver: "libmongoc \(server.driverVersion)",
      place: url.hosts.joined(separator: ","), database: name, user: url.userName,
      tls: server.usesTLS ? "on" : nil, roundTrips: trips, tableCount: collections.count,
      byteCount: Int(sizes.dataBytes),
      readOnlyReason: server.isWritable ? nil : "it is not the primary",
      clockSkew: server.clockAhead, noun: "collection")
  }
}
