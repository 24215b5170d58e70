import MigrationCore
import Testing

@Suite("Suggestions")
struct NearestTests {
  static let names = ["status", "rollback", "validate", "customers", "MIGRATION_BATCH_SIZE", "id"]

  @Test(
    "finds the name that was meant",
    arguments: [
      ("stauts", "status"), ("rolback", "rollback"), ("Validate", "validate"),
      ("customer", "customers"), ("MIGRATION_BATCHSIZE", "MIGRATION_BATCH_SIZE"),
    ])
  func near(typed: String, meant: String) {
    #expect(nearest(to: typed, in: Self.names) == meant)
  }

  @Test("suggests nothing for what is far", arguments: ["x", "", "backup", "zzzzzz", "ab"])
  func far(typed: String) {
    #expect(nearest(to: typed, in: Self.names) == nil)
  }

  @Test("takes the nearest of several, the first of equals")
  func several() {
    #expect(nearest(to: "logs", in: ["locks", "log", "logs2"]) == "log")
  }
}
