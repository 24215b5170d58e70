import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationOperations

/// `MIGRATION_ENCRYPTION_ENABLED` lets nothing leave the machine in the clear.
@Suite struct OpsEncryptionTests {
  private func databases(_ url: String, isEncrypting: Bool = true) throws -> Databases {
    let folder = try TemporaryFolder()
    let environment = [
      "DATABASE_URL": url, "MIGRATION_ENCRYPTION_ENABLED": "\(isEncrypting)",
      "DATABASE_CONNECTION_TIMEOUT": "3s",
    ]
    return Databases(try Settings.resolve(environment: environment, folder: folder.path))
  }

  // 192.0.2.0/24 is kept free of machines by RFC 5737.
  @Test(arguments: ["", "?sslmode=disable", "?sslmode=allow", "?sslmode=prefer"])
  func aPlainConnectionToAnotherMachineIsRefusedBeforeItIsMade(parameters: String) throws {
    let databases = try databases("postgres://u:secret@192.0.2.1:5432/shop" + parameters)
    let begun = ContinuousClock.now
    let error = #expect(throws: MigrationError.self) { try databases.target() }
    #expect(ContinuousClock.now - begun < .milliseconds(2900))
    #expect(error?.reason == "notEncrypted")
    #expect(error?.what.contains("MIGRATION_ENCRYPTION_ENABLED") == true)
    #expect(error?.remedy?.contains("sslmode=verify-full") == true)
    #expect(error?.place?.contains("secret") == false)
  }

  @Test(arguments: [
    "postgres://u:secret@192.0.2.1/shop", "mongodb://u:secret@192.0.2.1/shop",
    "mongodb://u:secret@192.0.2.1/shop?tls=false",
  ])
  func aLookAtAnotherMachineIsRefusedBeforeThePasswordIsSent(url: String) throws {
    let database = ConfiguredDatabase(
      role: .source, setting: "MONGODB_URL", url: try DatabaseURL(url))
    let options = ProbeOptions(timeout: .seconds(3), requiresEncryption: true)
    let begun = ContinuousClock.now
    let failure = DatabaseProbe.look(at: database, options).failure
    #expect(ContinuousClock.now - begun < .milliseconds(2900))
    #expect(failure?.reason == "notEncrypted")
    #expect(failure?.place?.contains("secret") == false)
  }

  @Test(arguments: ["require", "verify-ca", "verify-full"])
  func anEncryptedOneMayBeMade(mode: String) throws {
    let databases = try databases("postgres://u@192.0.2.1/shop?sslmode=" + mode)
    #expect(try databases.place(.target).sslMode == mode)
  }

  @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "127.8.8.8"])
  func onThisMachineNothingIsAskedFor(host: String) throws {
    _ = try databases("postgres://u@\(host)/shop?sslmode=disable").place(.target)
  }

  @Test(arguments: ["127.0.0.1,192.0.2.1", "localhost.example.com", "128.0.0.1"])
  func oneHostElsewhereIsEnough(hosts: String) throws {
    let databases = try databases("postgres://u@\(hosts)/shop?sslmode=disable")
    #expect(throws: MigrationError.self) { try databases.place(.target) }
  }

  @Test func withoutTheSettingNothingIsAskedFor() throws {
    let databases = try databases("postgres://u@192.0.2.1/shop", isEncrypting: false)
    _ = try databases.place(.target)
  }
}

/// What `migrate check` says of a database that was reached.
@Suite struct OpsDatabaseCheckTests {
  private func check(
    _ name: String, skew: Duration? = .zero, version: Int = 150_000, tls: String? = nil,
    url: String = "postgres://u@127.0.0.1/shop"
  ) throws -> Check? {
    let facts = DatabaseFacts(
      product: "PostgreSQL", serverVersion: "15.0", driver: "libpq", place: "h:5432",
      database: "shop", user: "u", tls: tls, roundTrips: [.milliseconds(1)], tableCount: 7,
      byteCount: 1 << 20, readOnlyReason: nil, clockSkew: skew,
      postgres: PostgresDetails(
        versionNumber: version, encoding: "UTF8", collation: "C", isInRecovery: false,
        canCreateSchema: true, canCreateTable: true, unreadableTables: [], unwritableTables: [],
        changedSettings: [], isPooled: false, dataDirectory: nil, isLocal: true))
    let database = ConfiguredDatabase(
      role: .source, setting: "SOURCE_DATABASE_URL", url: try DatabaseURL(url))
    let result = ProbeResult(database: database, outcome: .success(facts))
    return DatabaseChecks(result: result, sourceByteCount: nil).run().first { $0.name == name }
  }

  @Test(arguments: [0, 1999, -1999])
  func clocksThatAgreePass(milliseconds: Int) throws {
    #expect(try check("clock", skew: .milliseconds(milliseconds))?.verdict == .pass)
  }

  @Test(arguments: [(2000, "2 s ahead of this"), (-90_000, "90 s behind this")])
  func clocksApartAreAWarning(milliseconds: Int, words: String) throws {
    let check = try #require(try check("clock", skew: .milliseconds(milliseconds)))
    #expect(check.verdict == .warning)
    #expect(check.finding.contains(words))
    #expect(check.remedy?.contains("NTP") == true)
  }

  @Test func anUnknownClockIsNeitherGoodNorBad() throws {
    #expect(try check("clock", skew: nil) == nil)
  }

  @Test(arguments: [120_000, 120_022, 150_018, 180_001])
  func testedVersionsPass(version: Int) throws {
    #expect(try check("version", version: version)?.verdict == .pass)
  }

  @Test(arguments: [(90_624, "9"), (110_022, "11"), (190_000, "19")])
  func otherVersionsAreAWarning(version: Int, major: String) throws {
    let check = try #require(try check("version", version: version))
    #expect(check.verdict == .warning)
    #expect(check.finding.contains("PostgreSQL \(major) is not tested"))
  }

  @Test func aPlainConnectionToAnotherMachineIsAWarning() throws {
    let remote = "postgres://u@db.example.com/shop"
    #expect(try check("encryption", url: remote)?.verdict == .warning)
    #expect(try check("encryption", tls: "TLSv1.3", url: remote)?.verdict == .pass)
    #expect(try check("encryption")?.verdict == .pass)
  }
}
