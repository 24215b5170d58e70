import MigrationBasics
import MigrationLedger

/// Rows that earlier sessions have loaded already.
extension RunOpening {
  /// Refuses to load rows again that another session has loaded and that were not deleted.
  ///
  /// Asked of the tables that this session has still to begin, each time: another plan may have loaded them meanwhile.
  func refuseEarlierRows(open: Session?) throws {
    guard request.stage == nil, !request.fresh else { return }
    let chosen = tables.map(\.name)
    let earlier = try ledger.earlierRows(
      in: chosen, schema: request.plan.target.schema, session: open?.id)
    let mayGoOn = request.force || request.dryRun || open?.mayLoadAgain == true
    // A part next to the whole, or next to other parts, may be meant to load other rows.
    let refused = mayGoOn || request.isPart ? [] : earlier.filter { !$0.session.isPart }
    guard refused.isEmpty else { throw refusal(refused, chosen) }
    for rows in earlier {
      tools.warn(
        "\(description(of: rows)); they are loaded again, or quarantined as duplicates if the target has unique "
          + "constraints; \(wayOut(rows))")
    }
  }

  private func refusal(_ earlier: [EarlierRows], _ chosen: [String]) -> MigrationError {
    let filled = Set(earlier.flatMap(\.tables))
    let free = request.plan.tables.filter { chosen.contains($0.name) && !filled.contains($0.name) }
    var ways = earlier.map(wayOut)
    ways.append("start over: migrate run --fresh --empty-tables")
    if !free.isEmpty {
      ways.append(
        "run the other tables alone: migrate run \(free.map(\.command).joined(separator: " "))")
    }
    ways.append("load them again anyway: --force")
    return MigrationError(
      .failed,
      earlier.map(description).joined(separator: "; ") + ", which this run would load again",
      reason: "notEmpty", place: request.plan.file, remedy: ways.joined(separator: "; or "))
  }

  private func description(of rows: EarlierRows) -> String {
    let tables = rows.tables.joined(separator: ", ")
    let session = rows.session
    let label =
      session.plan == request.plan.name ? session.label : "\(session.label) of \(session.plan)"
    if rows.kept > 0 {
      return
        "a rollback of \(label) kept \(CountText.of(rows.kept, "row")) in \(tables) that may have "
        + "changed"
    }
    let isSame = session.isOf(hash: request.plan.hash, meaning: request.plan.meaning)
    let change =
      session.plan == request.plan.name && !isSame ? " by another version of the plan" : ""
    return "\(label) (\(session.status.rawValue)) has loaded rows into \(tables)\(change)"
  }

  private func wayOut(_ rows: EarlierRows) -> String {
    if rows.isOfPart {
      return "delete those of them that come again (migrate report rollback lists their keys)"
    }
    return rows.kept > 0
      ? "delete them (migrate report rollback lists their keys)"
      : "delete them first: migrate rollback --session \(rows.session.id)"
  }
}
