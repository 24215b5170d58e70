import Foundation
import MigrationCore
import TestSupport
import Testing

/// What `DatabaseURL` makes of a password is what libpq must make of it, at a real server.
@Suite("Odd passwords at a real server")
struct OddPasswordTests {
  @Test(
    "a password that stands on its own logs in, whatever is in it",
    arguments: ["p@ss:w/rd?#[%41]$x", "it's \\ \"quoted\"", "é😀 &=;+", "file:x", "***"])
  func login(password: String) throws {
    let server = try DatabaseURL(TestServers.postgresURL())
    let role = "odd_\(UUID().uuidString.prefix(8).lowercased())"
    let literal = password.replacingOccurrences(of: "'", with: "''")
    try psql(
      server.connectionString,
      "set standard_conforming_strings = on; create role \(role) login password '\(literal)'")
    defer { _ = try? psql(server.connectionString, "drop role \(role)") }
    let host = try #require(server.hosts.first)
    let port = try #require(host.port)
    let forms = [
      "postgres://\(role)@\(host.name):\(port)/postgres?sslmode=prefer",
      "postgres://\(role):wrong@\(host.name):\(port)/postgres",
      "postgres://\(host.name):\(port)/postgres?user=\(role)",
      "host=\(host.name) port=\(port) user=\(role) dbname=postgres",
    ]
    for form in forms {
      let url = try DatabaseURL(form).with(password: password)
      #expect(try psql(url.connectionString, "select current_user") == role)
      let wrong = try DatabaseURL(form).with(password: password + "x")
      #expect(throws: SubprocessFailure.self) { try psql(wrong.connectionString, "select 1") }
    }
  }
}
