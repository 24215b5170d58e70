import Foundation
import MigrationCore
import TestSupport
import Testing

/// A receipt is valid until it or the target is changed, and its verification says which was.
@Suite(.serialized) struct ReceiptEndToEndTests {
  @Test func aReceiptIsHeldAgainstTheTarget() throws {
    let (migrate, source, target) = try ValidationFault.migrated()
    defer { withExtendedLifetime(source) {} }
    try write("0123456789abcdef0123456789abcdef", "key", migrate)
    try write("another key, of some length", "other", migrate)
    #expect(try migrate("validate").exitCode == 0)
    let written = try migrate.json("receipt write --key key --output receipt.json")
    #expect(written.exitCode == 0)
    #expect(written.document["signed"] == true)
    let receipt = try JSONValue.parse(read("receipt.json", migrate))
    #expect(receipt.compact.contains("\"verdict\":\"GO\""))

    for options in ["", " --key key"] {
      let (exitCode, found) = try migrate.json("receipt verify receipt.json" + options)
      #expect(exitCode == 0)
      #expect(found["verified"] == true)
      #expect(items(found["tables"]).count == 7)
      for table in items(found["tables"]) {
        #expect(table["rows"] == table["unchanged"])
        #expect(table["goneOrChanged"] == 0)
      }
    }
    #expect(try migrate("receipt verify receipt.json --key other").exitCode == 4)
    #expect(try migrate("receipt verify receipt.json --key nowhere").exitCode == 3)
    #expect(try migrate("receipt verify key").exitCode == 3)

    // A number is changed, and the section named; or everything but the signature is made again.
    let text = try read("receipt.json", migrate)
    let edited = text.replacingOccurrences(of: "\"loaded\" : ", with: "\"loaded\" : 1")
      .replacingOccurrences(of: "\"loaded\": ", with: "\"loaded\": 1")
    #expect(edited != text)
    try write(edited, "edited.json", migrate)
    let refused = try migrate.json("receipt verify edited.json")
    #expect(refused.exitCode == 4)
    #expect(refused.document["faults"]?.compact.contains("books") == true)
    #expect(try migrate("receipt write --output unsigned.json").exitCode == 0)
    #expect(try migrate("receipt verify unsigned.json").exitCode == 0)
    #expect(try migrate("receipt verify unsigned.json --key key").exitCode == 4)

    // The target changes: two rows go, three are changed, four come. The ledger has gone.
    try psql(
      target.url,
      """
      drop schema migrate cascade;
      delete from upload_history where id in (select id from upload_history order by id limit 2);
      update customers set phone = '1' where id in (select id from customers order by id limit 3);
      insert into customers (customer_code, company_name, email)
        select 'new' || g, 'New', 'a@b.cz' from generate_series(1, 4) g;
      """)
    let (exitCode, found) = try migrate.json("receipt verify receipt.json --key key")
    #expect(exitCode == 4)
    #expect(found["verified"] == false)
    let tables = Dictionary(
      uniqueKeysWithValues: items(found["tables"]).map { ($0["table"]?.textValue ?? "", $0) })
    #expect(tables["upload_history"]?["goneOrChanged"] == 2)
    #expect(tables["upload_history"]?["byOthers"] == 0)
    #expect(tables["customers"]?["goneOrChanged"] == 3)
    #expect(tables["customers"]?["byOthers"] == 7)
    #expect(items(tables["customers"]?["chunks"]).isEmpty == false)
    #expect(tables["suppliers"]?["goneOrChanged"] == 0)
    try psql(target.url, "drop table upload_history")
    let gone = try migrate.json("receipt verify receipt.json")
    #expect(gone.exitCode == 4)
    #expect(gone.document.compact.contains("there is no such table"))
  }

  @Test func thereIsNoReceiptOfWhatIsNotDone() throws {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 50").exitCode == 0)
    #expect(try migrate("receipt write").exitCode == 1)
    #expect(try migrate("run customers").exitCode == 0)
    let half = try migrate("receipt write")
    #expect(half.exitCode == 1)
    #expect(half.errors.contains("is complete"))
    #expect(try migrate("receipt verify").exitCode == 2)
  }

  private func write(_ text: String, _ name: String, _ migrate: Migrate) throws {
    try text.write(toFile: migrate.folder.path + "/" + name, atomically: true, encoding: .utf8)
  }

  private func read(_ name: String, _ migrate: Migrate) throws -> String {
    try String(contentsOfFile: migrate.folder.path + "/" + name, encoding: .utf8)
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}
