import Foundation
import MigrationCore
import TestSupport
import Testing

/// The example of `docs/library.md`: a program of somebody else's, which uses the library's public names alone.
@Suite struct LibraryEndToEndTests {
  private func fixture() throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", sameColumns: ["id", "name"] } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, name text);
        insert into old_items select n, 'item ' || n from generate_series(1, 300) n;
        """,
      targetSQL: "create table items (id int primary key, name varchar(7));")
  }

  /// The example's executable, which is built beside the tests.
  private var example: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return (tests as NSString).deletingLastPathComponent + "/run-a-plan"
    }
  }

  @Test func theExampleRunsAPlanAndTheExecutableKnowsItsSession() throws {
    let fixture = try fixture()
    let ran = try run(
      example, ["crm", fixture.migrate.folder.path + "/config"],
      environment: fixture.migrate.environment, in: fixture.migrate.folder.path)
    #expect(ran.exitCode == 0, "\(ran.errors)")
    // The names of 100 to 300 have eight characters.
    #expect(ran.output == "items: 99 of 300 rows\n")
    #expect(try fixture.query("select count(*), max(length(name)) from items") == "99|7")
    let status = try fixture.migrate.json("status").document
    #expect(status["status"] == "completed" && status["session"] == 1)
    #expect(try fixture.migrate("run").output.contains("nothing is left to do"))
  }

  @Test func theDocumentationShowsTheExampleAsItIs() throws {
    let page = try String(contentsOfFile: packageRoot + "/docs/library.md", encoding: .utf8)
    let program = try String(
      contentsOfFile: packageRoot + "/docs/example/main.swift", encoding: .utf8)
    #expect(page.contains("```swift\n" + program + "```"))
  }
}
