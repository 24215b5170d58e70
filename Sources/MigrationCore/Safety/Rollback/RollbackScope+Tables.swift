/// Which tables of a session a scope means.
extension RollbackScope {
  /// Returns the tables that something was done to and that the scope means, in the order of loading.
  func tables(of progress: [TableProgress], _ plan: Plan) throws -> [TableState] {
    let touched = progress.filter { $0.table.status != .pending || $0.chunks > 0 }.map(\.table)
    switch self {
    case .session: return touched
    case .tables(let names):
      for name in names where !progress.contains(where: { $0.table.name == name }) {
        throw Self.unknown(name, progress.map(\.table.name), "table")
      }
      return touched.filter { names.contains($0.name) }
    case .lastStep:
      let begun = touched.compactMap { table in table.started.map { (table, $0) } }
      return begun.max { ($0.1, $0.0.position) < ($1.1, $1.0.position) }.map { [$0.0] } ?? []
    case .checkpoint(let name): return try Self.after(name, touched, progress)
    }
  }

  private static let ending = "_completed"

  /// Tables that were completed after another one, or are not complete.
  private static func after(
    _ name: String, _ touched: [TableState], _ progress: [TableProgress]
  ) throws -> [TableState] {
    let wanted = name.replacing("-", with: "_")
    let complete = progress.map(\.table).filter { $0.finished != nil }
    let found = complete.first { $0.name + ending == name || $0.name + ending == wanted }
    guard let found, let moment = found.finished else {
      throw unknown(name, complete.map { $0.name + ending }, "checkpoint")
    }
    return touched.filter { table in
      table.id != found.id && table.finished.map { $0 > moment } ?? true
    }
  }

  private static func unknown(_ name: String, _ known: [String], _ what: String) -> MigrationError {
    MigrationError(
      .configuration, "the migration has no \(what) \(name)",
      remedy: nearest(to: name, in: known).map { "did you mean \($0)?" }
        ?? (known.isEmpty ? "there is none yet" : "there are: \(known.joined(separator: ", "))"))
  }
}
