import MigrationCore

/// `migrate receipt verify`: compares a receipt with the live target.
enum ReceiptVerifyCommand {
  static let page = CommandPage(
    words: ["receipt", "verify"], group: .validate,
    summary: "Verify a receipt, and compare it with the live target.",
    discussion: [
      "Verifies the chain of hashes and, with --key, the signature; names the section that "
        + "was changed. Then reads every row of the target and compares it with the "
        + "fingerprints of the receipt. Needs neither the source nor the ledger. Exits with 4 "
        + "if the receipt or the target has changed."
    ],
    operands: [Operand(name: "FILE", help: "The receipt.", isRequired: true)],
    options: [ReceiptOptions.key.spec],
    examples: [("migrate receipt verify reports/migration-receipt.json", "months later")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let file = invocation.operands[0]
    let receipt = try read(file, invocation)
    let key = try ReceiptOptions.key(invocation)
    let faults = receipt.faults(key: key)
    guard faults.isEmpty else {
      if console.isJSON {
        console.result([
          "verified": false, "faults": .array(faults.map(JSONValue.text)), "tables": [],
        ])
      } else {
        for fault in faults { console.result("\(console.output.mark(.failure)) \(fault)") }
        console.result("the receipt was changed after it was written; the target was not read")
      }
      return .validation
    }
    let tables = try ReceiptVerification(receipt, Databases(settings).target()).run()
    let isSame = tables.allSatisfy(\.isSame)
    if console.isJSON {
      console.result([
        "verified": .bool(isSame), "faults": [],
        "signature": .text(state(receipt, key)), "tables": .array(tables.map(document)),
      ])
    } else {
      show(tables, console)
      let hasRows = tables.contains { $0.rows > 0 }
      let mark = console.output.mark(isSame ? (hasRows ? .pass : .warning) : .failure)
      let verdict =
        isSame
        ? "the target matches the receipt"
          + (hasRows ? "" : ": the receipt has no rows") : "the target has changed since"
      console.result("\(mark) \(verdict) (\(state(receipt, key)))")
    }
    return isSame ? .done : .validation
  }

  private static func read(_ file: String, _ invocation: Invocation) throws -> Receipt {
    let text = String(decoding: try ReceiptOptions.read(file, invocation), as: UTF8.self)
    let document: JSONValue
    do { document = try JSONValue.parse(text) } catch {
      throw MigrationError(.configuration, "the receipt is not JSON: \(error)", place: file)
    }
    return try Receipt(document, file: file)
  }

  private static func state(_ receipt: Receipt, _ key: [UInt8]?) -> String {
    guard receipt.signature != nil else { return "not signed" }
    return key == nil ? "signature not checked: no --key" : "signature checked"
  }

  private static func show(_ tables: [ReceiptVerification.Table], _ console: Console) {
    let header = ["table", "rows", "unchanged", "changed or deleted", "added by others", ""]
    let lines = tables.map { table in
      [
        table.name, GroupedNumber.text(table.rows), GroupedNumber.text(table.unchanged),
        GroupedNumber.text(table.goneOrChanged),
        GroupedNumber.text(table.byOthers),
        table.problem ?? (table.isSame ? "ok" : chunks(table.chunks)),
      ]
    }
    console.result(TextLayout.table([header] + lines))
  }

  private static func chunks(_ numbers: [Int]) -> String {
    guard !numbers.isEmpty else { return "differs" }
    let shown = numbers.prefix(5).map(String.init).joined(separator: ", ")
    return "chunks \(shown)" + (numbers.count > 5 ? " and \(numbers.count - 5) more" : "")
  }

  private static func document(_ table: ReceiptVerification.Table) -> JSONValue {
    [
      "table": .text(table.name), "rows": .int(table.rows), "unchanged": .int(table.unchanged),
      "goneOrChanged": .int(table.goneOrChanged), "byOthers": .int(table.byOthers),
      "chunks": .array(table.chunks.map(JSONValue.int)), "problem": .optional(table.problem),
    ]
  }
}
