import MigrationCore

/// A session as lines and as a document.
enum SessionText {
  static func line(_ session: Session) -> String {
    let ended = session.ended.map { ", ended \(short($0))" } ?? ""
    return
      "\(session.id)  \(session.title ?? session.name)  \(session.status)  plan \(session.plan), "
      + "begun \(short(session.runTime))\(ended)"
  }

  static func lines(
    _ session: Session, _ sheets: [RowCounts], _ timeline: SessionTimeline
  ) -> [String] {
    var lines = [
      "\(session.label): \(session.status)",
      "plan \(session.plan), \(session.planHash.prefix(12))", "",
    ]
    lines += sheets.map { "\($0.table): \(BooksText.line($0))" }
    lines += session.accepted.map(\.words)
    if !sheets.isEmpty { lines.append("") }
    return lines + timeline.events.map { "\(short($0.at))  \($0.what)" }
  }

  static func document(_ session: Session) -> JSONValue {
    [
      "session": .id(session.id), "title": .optional(session.title), "name": .text(session.name),
      "plan": .text(session.plan), "planHash": .text(session.planHash),
      "part": .bool(session.isPart), "status": .text("\(session.status)"),
      "begun": .text("\(session.runTime)"),
      "ended": .optional(session.ended.map { "\($0)" }),
      "begunBy": .optional(session.startedBy),
    ]
  }

  static func document(_ note: SessionNote) -> JSONValue {
    ["at": .text("\(note.written)"), "by": .text(note.author), "text": .text(note.text)]
  }

  static func document(_ event: SessionTimeline.Event) -> JSONValue {
    ["at": .text("\(event.at)"), "event": .text(event.kind), "what": .text(event.what)]
  }

  /// Returns the time in whole seconds.
  private static func short(_ moment: Moment) -> String {
    String(moment.description.prefix(19)).replacing("T", with: " ")
  }
}
