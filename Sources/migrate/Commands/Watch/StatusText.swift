import MigrationCore

/// The state of a migration as lines and as a document.
enum StatusText {
  static func lines(_ status: MigrationStatus) -> [String] {
    var lines = [
      "\(status.session.label) of \(status.session.plan): \(status.session.status.rawValue), "
        + "begun \(status.session.runTime)",
      holder(status.holder) + other(status),
    ]
    let header = ["table", "state", "rows", "of", "loaded", "quarantined", "warnings", "chunks"]
    let rows = status.tables.map { table in
      [
        table.table.name, state(of: table.table, status), "\(table.counts.read)",
        "\(max(table.rowEstimate, table.counts.read))", "\(table.counts.loaded)",
        "\(open(table, status))", "\(table.counts.warned)",
        "\(table.chunksDone)/\(table.chunks)",
      ]
    }
    lines.append(TextLayout.table([header] + rows))
    lines += status.feeds.map(line)
    if status.setAside > 0 {
      lines.append(
        "\(CountText.of(status.setAside, "index or constraint is", "indexes or constraints are")) suspended until their tables are loaded"
      )
    }
    if let rollback = status.rollback {
      lines.append(
        "a rollback (\(rollback.scope)) is not finished"
          + (status.holder == nil ? "; continue it: migrate rollback --resume" : ""))
    }
    if status.openRows > 0 {
      let part = status.session.isPart ? " --session \(status.session.id)" : ""
      lines.append(
        "\(CountText.of(status.openRows, "row is", "rows are")) quarantined: migrate errors\(part)")
    }
    lines += status.parts.map {
      "\($0.label): \($0.status.rawValue); see: migrate session show \($0.id)"
    }
    return lines
  }

  /// How much of a source has arrived: read, and what became of it.
  private static func line(_ feed: FeedProgress) -> String {
    var parts = ["\(GroupedNumber.text(feed.loaded)) migrated"]
    if feed.merged > 0 { parts.append("\(GroupedNumber.text(feed.merged)) merged into other rows") }
    if feed.filtered > 0 { parts.append("\(GroupedNumber.text(feed.filtered)) filtered") }
    if feed.quarantined > 0 { parts.append("\(GroupedNumber.text(feed.quarantined)) quarantined") }
    let left = feed.chunks - feed.chunksDone
    let state = left == 0 ? "complete" : "\(feed.chunksDone)/\(feed.chunks) chunks"
    return "source \(feed.source): \(GroupedNumber.text(feed.read)) read, "
      + parts.joined(separator: ", ") + "; \(state)"
  }

  private static func document(_ feed: FeedProgress) -> JSONValue {
    [
      "source": .text(feed.source), "read": .int(feed.read), "loaded": .int(feed.loaded),
      "merged": .int(feed.merged), "filtered": .int(feed.filtered),
      "quarantined": .int(feed.quarantined), "chunks": .int(feed.chunks),
      "chunksDone": .int(feed.chunksDone), "planned": .int(feed.rowEstimate),
    ]
  }

  /// A table is at work only while a run is.
  private static func state(of table: TableState, _ status: MigrationStatus) -> String {
    let isAtWork = table.status == .running || table.status == .restoring
    return isAtWork && status.holder == nil ? "unfinished" : table.status.rawValue
  }

  /// Rows that wait in quarantine; rows that a retry loaded or that were settled are not counted.
  private static func open(_ table: TableProgress, _ status: MigrationStatus) -> Int {
    status.sheets.first { $0.table == table.table.name }?.open ?? table.counts.quarantined
  }

  /// Says so if the run at work is of another session than the one that is shown.
  private static func other(_ status: MigrationStatus) -> String {
    guard let running = status.runningSession, running != status.session.id else { return "" }
    return " (session \(running))"
  }

  static func holder(_ holder: LockHolder?) -> String {
    guard let holder else { return "nothing is running" }
    let who = holder.host.map { "\($0), process \(holder.process ?? 0)" } ?? "a program"
    return "running: \(who)" + (holder.isAlive == false ? ", gives no sign of life" : "")
  }

  static func document(_ status: MigrationStatus) -> JSONValue {
    [
      "session": .id(status.session.id), "name": .text(status.session.name),
      "status": .text(status.session.status.rawValue),
      "begun": .text(status.session.runTime.description), "running": document(status.holder),
      "runningSession": status.runningSession.map(JSONValue.id) ?? .null,
      "part": .bool(status.session.isPart), "parts": .array(status.parts.map(SessionText.document)),
      "rollback": status.rollback?.json ?? .null,
      "openRows": .int(status.openRows), "setAside": .int(status.setAside),
      "tables": .array(status.tables.map(document)),
      "sources": .array(status.feeds.map(document)),
      "books": .array(status.sheets.map(BooksText.json)),
    ]
  }

  static func document(_ holder: LockHolder?) -> JSONValue {
    guard let holder else { return .null }
    return [
      "host": .optional(holder.host), "process": holder.process.map(JSONValue.int) ?? .null,
      "alive": holder.isAlive.map(JSONValue.bool) ?? .null,
    ]
  }

  private static func document(_ progress: TableProgress) -> JSONValue {
    [
      "table": .text(progress.table.name), "state": .text(progress.table.status.rawValue),
      "read": .int(progress.counts.read), "planned": .int(progress.rowEstimate),
      "loaded": .int(progress.counts.loaded), "quarantined": .int(progress.counts.quarantined),
      "warnings": .int(progress.counts.warned), "chunks": .int(progress.chunks),
      "chunksDone": .int(progress.chunksDone),
      "lastCommit": .optional(progress.lastCommit?.description),
      "lastKey": .array(progress.lastKey.map(JSONValue.text)),
    ]
  }
}

/// The current chunks of lanes, as lines and as documents.
enum LanesText {
  static func lines(_ lanes: [LaneInHand]) -> [String] {
    guard !lanes.isEmpty else { return ["no lane has a chunk"] }
    let header = ["server process", "table", "chunk", "since", "waits for", "blocked by"]
    let rows = lanes.map { lane in
      [
        "\(lane.backend)", lane.table, "\(lane.chunk)", lane.since?.description ?? "",
        lane.waitsFor, lane.blockers.map { "\($0)" }.joined(separator: ", "),
      ]
    }
    return [TextLayout.table([header] + rows)]
  }

  static func document(_ lane: LaneInHand) -> JSONValue {
    [
      "backend": .int(lane.backend), "table": .text(lane.table), "chunk": .int(lane.chunk),
      "since": .optional(lane.since?.description), "waitsFor": .text(lane.waitsFor),
      "blockers": .array(lane.blockers.map(JSONValue.int)),
    ]
  }
}
