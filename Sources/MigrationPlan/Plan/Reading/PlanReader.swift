import MigrationBasics

/// Reads a plan's file.
///
/// The file is JSON5; `docs/plan.md` describes its language and `config/plan.schema.json` lets
/// editors complete it. Reading uses no database: it checks that the plan is well formed and makes
/// sense in itself. `PlanCheck` checks it against live tables.
package enum PlanReader {
  /// The largest file that is read.
  package static let maximumByteCount = 16 << 20

  /// Reads the plan of a file.
  ///
  /// - Throws: Every fault of the file at once.
  package static func read(file: String) throws(PlanFaults) -> Plan {
    let bytes: [UInt8]
    do throws(FileProblem) {
      bytes = try InputFile.read(file)
    } catch {
      let isThere = error.code != .missing
      throw unreadable(
        file, isThere ? "could not read the plan: \(error.reason)" : "there is no such plan",
        isThere ? "make the file readable for this user" : "check the path")
    }
    return try read(bytes: bytes, file: file)
  }

  /// Reads the plan that bytes hold, whatever they are; `file` is the name that faults show.
  ///
  /// - Throws: Every fault of the bytes at once.
  package static func read(bytes: [UInt8], file: String = "plan.json5") throws(PlanFaults) -> Plan {
    guard bytes.count <= maximumByteCount else {
      throw unreadable(
        file, "the plan is too large: \(CountText.of(bytes.count, "byte"))", "split it into several"
      )
    }
    let root: JSONNode
    do {
      root = try JSON5.parse(bytes: bytes, file: file)
    } catch {
      throw broken(file, error)
    }
    var reading = PlanReading(file: file)
    let plan = reading.plan(root, hash: SHA256.hexadecimal(of: bytes))
    guard let plan, reading.faults.isEmpty else {
      throw PlanFaults(reading.faults.inPlanOrder())
    }
    return plan
  }

  /// Reads nothing but the settings that the plan of a file holds.
  ///
  /// - Throws: Every fault of the file, if it speaks of settings at all.
  package static func settings(file: String) throws(PlanFaults) -> [String: String] {
    let key = Array("settings".utf8)
    guard let bytes = try? InputFile.read(file), bytes.count <= maximumByteCount,
      bytes.contains(key)
    else { return [:] }
    return try read(bytes: bytes, file: file).settings
  }

  private static func unreadable(_ file: String, _ what: String, _ remedy: String) -> PlanFaults {
    PlanFaults([PlanFault(at: PlanPlace(file: file, line: 0, column: 0), what, remedy: remedy)])
  }

  private static func broken(_ file: String, _ error: ParseError) -> PlanFaults {
    let place = PlanPlace(file: file, line: error.position.line, column: error.position.column)
    let found = error.found.map { ", found \($0)" } ?? ""
    return PlanFaults([
      PlanFault(
        at: place, "expected \(error.expected)\(found)",
        remedy: "fix the JSON5 syntax", excerpt: error.excerpt)
    ])
  }
}
