import Foundation
import MigrationCore
import TestSupport
import Testing

/// For a role that can't read everything, the missing rights are reported before anything is dumped.
@Suite struct BackupRightsTests {
  @Test func whatARoleCanNotReadIsAskedForBeforehand() throws {
    let fixture = try BackupFixture(rows: 10)
    let role = "bak_" + UUID().uuidString.prefix(8).lowercased()
    try psql(
      fixture.database.url,
      """
      create role \(role) login password 'x';
      create sequence public.alone;
      grant select on all tables in schema public to \(role);
      """)
    defer {
      _ = try? psql(fixture.database.url, "drop owned by \(role) cascade; drop role \(role)")
    }
    var migrate = fixture.migrate
    var url = try #require(URLComponents(string: fixture.database.url))
    (url.user, url.password) = (role, "x")
    migrate.environment["DATABASE_URL"] = url.string
    // Each statement that the error gives gets it further, until nothing is missing.
    var rounds = 0
    while true {
      let made = try migrate("backup create")
      if made.exitCode == 0 { break }
      #expect(made.exitCode == 3, "\(made.errors)")
      #expect(rounds > 0 || made.errors.contains("sequence public.alone"), "\(made.errors)")
      #expect(!FileManager.default.fileExists(atPath: migrate.folder.path + "/backups"))
      let grants = made.errors.split(separator: "\n").joined(separator: " ")
        .split(whereSeparator: { ";:".contains($0) }).map {
          String($0).trimmingCharacters(in: .whitespaces)
        }
        .filter { $0.hasPrefix("GRANT ") }
      try #require(!grants.isEmpty && rounds < 3, "\(made.errors)")
      for grant in grants { try psql(fixture.database.url, grant) }
      rounds += 1
    }
    try psql(fixture.database.url, "alter table public.nothing enable row level security")
    let hidden = try migrate("backup create")
    #expect(hidden.exitCode == 3 && hidden.errors.contains("BYPASSRLS"), "\(hidden.errors)")
  }
}
