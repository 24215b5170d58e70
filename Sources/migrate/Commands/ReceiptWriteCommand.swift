import MigrationCore

/// `migrate receipt write`: writes a receipt that the target can be compared with later.
enum ReceiptWriteCommand {
  static let output = Option.text(
    "output", "FILE",
    help: "The file to write (default: migration-receipt.json in the report folder).")

  static let page = CommandPage(
    words: ["receipt", "write"], group: .validate,
    summary: "Write a receipt of the migration, to verify the target with later.",
    discussion: [
      "The receipt contains the hash of the plan, the runs, the state of the source and "
        + "the row counts of each table. It also contains a hash of the quarantine, the "
        + "verdict of the last validation, and the fingerprint of each chunk.",
      "A chain of SHA-256 hashes covers its sections. With --key, HMAC-SHA256 signs the "
        + "end of the chain, so that a change without the key is detected.",
    ],
    options: [ReceiptOptions.key.spec, output.spec],
    examples: [
      ("migrate receipt write", "after a run and its validation"),
      ("migrate receipt write --key receipt.key --output nxt-receipt.json", "signed"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let key = try ReceiptOptions.key(invocation)
    let receipt = try ReceiptWriting(
      target.plan, target.connect(), ledgerSchema: target.settings.value(.ledgerSchema),
      version: Version.number
    ).run(validation: lastValidation(target.settings, invocation), key: key)
    let file = try write(receipt, target.settings, invocation)
    if target.console.isJSON {
      target.console.result([
        "file": .text(file), "signed": .bool(receipt.signature != nil),
        "hash": .optional(receipt.sections.last?.hash),
      ])
    } else {
      let signed = receipt.signature == nil ? "not signed" : "signed"
      target.console.result("receipt: \(file) (\(signed))")
    }
    return .done
  }

  /// Returns the report of the last validation, if it is readable.
  private static func lastValidation(
    _ settings: Settings, _ invocation: Invocation
  ) -> JSONValue? {
    let given = settings.value(.reportFolder)
    guard
      let bytes = try? ReceiptOptions.read(
        given + "/migration-validation-report.json", invocation)
    else { return nil }
    return try? JSONValue.parse(String(decoding: bytes, as: UTF8.self))
  }

  private static func write(
    _ receipt: Receipt, _ settings: Settings, _ invocation: Invocation
  ) throws -> String {
    guard let path = invocation[output] else {
      return try ReportFile("migration-receipt.json", settings, invocation).write(receipt.json)
    }
    let full = invocation.path(path)
    do {
      try PrivateFile.write(receipt.json.pretty + "\n", to: full)
      return full
    } catch {
      throw MigrationError(
        .coded(.disk), "could not write the receipt: \(error)", place: full,
        remedy: "pass another file with --output")
    }
  }
}
