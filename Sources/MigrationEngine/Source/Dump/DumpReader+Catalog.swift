import MigrationBasics
import MigrationPlan
import Mongo

// What a dump has for a plan, and what it says against it.
extension DumpReader {
  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    var catalog = SourceCatalog()
    catalog.collections = collections()
    catalog.faults = plan.tables.flatMap(\.feeds).flatMap {
      faults(of: $0, condition, catalog.collections)
    }
    let file = PlanPlace(file: plan.file, line: 0, column: 0)
    catalog.remarks = dump.notes.map {
      PlanFault(.warning, at: file, $0, remedy: "check that you do not need its contents")
    }
    let oplog = try SourceError.wrapping(dump.path) { try dump.oplog() }
    if let oplog, oplog.changes > 0 { catalog.remarks.append(remark(oplog, plan, file)) }
    return catalog
  }

  /// No server is behind a dump that could choose documents, or distinguish databases.
  private func faults(
    of feed: Feed, _ condition: String?, _ collections: [String]
  ) -> [PlanFault] {
    var faults: [PlanFault] = []
    if let filter = condition ?? feed.filter {
      faults.append(
        PlanFault(
          .error, at: feed.place, "a dump cannot be filtered by a condition: \(filter)",
          remedy:
            "restore the dump into a MongoDB server, or move all documents of \(feed.from)"))
    }
    if collections.count(where: { $0 == feed.from }) > 1 {
      faults.append(
        PlanFault(
          .error, at: feed.place, "the dump has several collections named \(feed.from)",
          remedy: "name the folder of one database: dump:PATH/NAME"))
    }
    return faults
  }

  /// Changes in its oplog belong to the moment at which the dump ended: without them the collections are as
  /// of several moments, and rows are missing or too many.
  private func remark(_ oplog: DumpOplog, _ plan: Plan, _ file: PlanPlace) -> PlanFault {
    let what =
      "the dump's oplog holds \(CountText.of(oplog.changes, "change")) made during the dump "
      + "(\(oplog.namespaces.joined(separator: ", "))), which migrations do not read: \(oplog.path)"
    let setting = SettingKey<Bool>.leavesOutOplog.name
    if plan.leavesOutOplog {
      return PlanFault(.warning, at: file, what, remedy: "\(setting) allows this")
    }
    return PlanFault(
      .error, at: file, what,
      remedy:
        "restore the dump into a server with mongorestore --oplogReplay and migrate from there, or ignore them: "
        + "\(setting)=true")
  }
}
