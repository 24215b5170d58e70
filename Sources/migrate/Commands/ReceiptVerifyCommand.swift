import MigrationCore

/// `migrate receipt verify`: what of a receipt has changed since it was written.
enum ReceiptVerifyCommand {
  static let page = CommandPage(
    words: ["receipt", "verify"], group: .validate,
    summary: "Check a receipt, and hold it against the live target: what has changed since?",
    discussion: [
      "First the chain of hashes and, with --key, the signature; the section that was changed is named. "
        + "Then every row of the target is read and compared with the fingerprints of the receipt. Neither "
        + "the source nor the ledger is needed. The exit code is 4 where the receipt or the target is not "
        + "as it was."
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
        console.result("The receipt is not as it was written; the target was not looked at.")
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
      tell(tables, console)
      let hasRows = tables.contains { $0.rows > 0 }
      let mark = console.output.mark(isSame ? (hasRows ? .pass : .warning) : .failure)
      let verdict =
        isSame
        ? "the target is as the receipt says"
          + (hasRows ? "" : ": no row was loaded, none is there") : "the target has changed since"
      console.result("\(mark) \(verdict) (\(state(receipt, key)))")
    }
    return isSame ? .done : .validation
  }

  private static func read(_ file: String, _ invocation: Invocation) throws -> Receipt {
    let text = String(decoding: try ReceiptOptions.read(file, invocation), as: UTF8.self)
    let document: JSONValue
    do { document = try JSONValue.parse(text) } catch {
      throw MigrationError(.configuration, "the receipt is no JSON: \(error)", place: file)
    }
    return try Receipt(document, file: file)
  }

  private static func state(_ receipt: Receipt, _ key: [UInt8]?) -> String {
    guard receipt.signature != nil else { return "not signed" }
    return key == nil ? "signature not checked: no --key" : "signature checked"
  }

  private static func tell(_ tables: [ReceiptVerification.Table], _ console: Console) {
    let header = ["table", "rows", "unchanged", "gone or changed", "by others since", ""]
    let lines = tables.map { table in
      [
        table.name, "\(table.rows)", "\(table.unchanged)", "\(table.goneOrChanged)",
        "\(table.byOthers)", table.problem ?? (table.isSame ? "ok" : chunks(table.chunks)),
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
