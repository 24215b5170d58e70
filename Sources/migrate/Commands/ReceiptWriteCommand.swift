import MigrationCore

/// `migrate receipt write`: what was migrated, in one file that can be held against the target later.
enum ReceiptWriteCommand {
  static let output = Option.text(
    "output", "FILE",
    help: "Where to write it; migration-receipt.json in the folder for reports if not given.")

  static let page = CommandPage(
    words: ["receipt", "write"], group: .validate,
    summary: "Write down what was migrated, so that it can be held against the target later.",
    discussion: [
      "The receipt has the plan's hash, the runs, the state of the source, the balance sheet of each table, "
        + "a hash of the quarantine, the verdict of the last validation, and the fingerprint of each chunk. "
        + "Its sections stand under a chain of SHA-256; with --key the end of the chain is signed "
        + "(HMAC-SHA256), so that nobody without the key can change it unseen."
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
      target.console.result("Receipt: \(file) (\(signed))")
    }
    return .done
  }

  /// The report of the last validation, if there is one that can be read.
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
    let full = path.hasPrefix("/") ? path : invocation.program.folder + "/" + path
    do {
      try PrivateFile.write(receipt.json.pretty + "\n", to: full)
      return full
    } catch {
      throw MigrationError(
        .coded(.disk), "the receipt can't be written: \(error)", place: full,
        remedy: "name another place with --output")
    }
  }
}
