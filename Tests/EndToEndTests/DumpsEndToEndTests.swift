import Foundation
import TestSupport
import Testing

/// Dumps in the place of the server that they were made of.
@Suite struct DumpsEndToEndTests {
  /// Archives as mongodump writes them, whose collections come in pieces.
  @Test func everyFormOfADumpIsRead() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { orders: { from: "orders", columns: { id: "_id", text: "text", lines: "lines" } },
          users: { from: "users", columns: { id: { id: "user", from: "_id" }, at: "at" } } }
        """,
      targetSQL: """
        create table orders (id int primary key, text text, lines jsonb);
        create table users (id uuid primary key, at bigint);
        """)
    let folder = try TemporaryFolder()
    try mustRun(
      TestServers.python(), [packageRoot + "/Tests/Fixtures/dumps.py", "make", folder.path],
      environment: TestServers.pythonEnvironment())
    for form in ["plain", "compressed", "archive", "archive.gz"] {
      let finished = try fixture.runAgain(from: "dump:\(folder.path)/\(form)", "--batch-size 150")
      #expect(finished.exitCode == 0, "\(form): \(finished.errors)")
      #expect(
        try fixture.query("select count(*), sum(id), max(text) from orders")
          == "2000|1999000|order 999 é", "\(form)")
      #expect(
        try fixture.query("select lines from orders where id = 3")
          == #"[{"n": 3, "sku": "aaa"}]"#)
      #expect(try fixture.query("select count(*), sum(at) from users") == "300|44850")
    }
    let damaged = try fixture.runAgain(from: "dump:\(folder.path)/archive-bad-crc")
    #expect(damaged.exitCode == 1)
    #expect(damaged.errors.contains("ERR_009"))
  }
}
