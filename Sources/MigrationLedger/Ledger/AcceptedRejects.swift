import MigrationBasics
import Postgres

/// A table that is done although more of its rows were rejected than its session allowed, and why.
public struct AcceptedRejects: Sendable, Hashable {
  public let table: String
  public let rejected: Int
  public let rows: Int
  /// What let it pass: an option, or a changed plan.
  public let act: String
  /// Who did that, as `user@host`.
  public let by: String
  public let at: String

  package init(table: String, rejected: Int, rows: Int, act: String) {
    (self.table, self.rejected, self.rows, self.act) = (table, rejected, rows, act)
    (by, at) = (OperatorName.current, Moment.now().description)
  }

  package init?(table: String, _ json: JSONValue) {
    guard case .int(let rejected)? = json["rejected"], case .int(let rows)? = json["rows"],
      case .text(let act)? = json["act"], case .text(let by)? = json["by"],
      case .text(let at)? = json["at"]
    else { return nil }
    (self.table, self.rejected, self.rows) = (table, rejected, rows)
    (self.act, self.by, self.at) = (act, by, at)
  }

  /// What happened, in one line.
  public var words: String {
    let share = ShareText.measured(Double(rejected) / Double(max(1, rows)))
    let count = "\(GroupedNumber.text(rejected)) of \(CountText.of(rows, "row"))"
    return "\(table): \(count) rejected (\(share)), accepted by \(by): \(act)"
  }

  package var json: JSONValue {
    [
      "table": .text(table), "rejected": .int(rejected), "rows": .int(rows), "act": .text(act),
      "by": .text(by), "at": .text(at),
    ]
  }
}

extension Session {
  static let acceptedRejects = "acceptedRejects"
  static let stopAtSetting = "stopAt"

  /// The share of rejects at which a run stopped when the session began; nil for an older session.
  package var stopAt: Double? { settings[Self.stopAtSetting]?.number }

  /// Tables that are done with more rejects than that.
  public var accepted: [AcceptedRejects] {
    guard case .object(let tables)? = settings[Self.acceptedRejects] else { return [] }
    return tables.members.compactMap { AcceptedRejects(table: $0.key, $0.value) }
  }
}

extension Ledger {
  /// Keeps that a table is done with more rejects than its session allowed.
  package func note(_ accepted: AcceptedRejects, session: SessionID) throws {
    let entry: JSONValue = .object(JSONObject([(accepted.table, accepted.json)]))
    try connection.query(
      """
      UPDATE \(names.session) SET settings = settings || jsonb_build_object($3::text,
        coalesce(settings->$3::text, '{}'::jsonb) || $2) WHERE id = $1
      """, [session, entry.jsonb, Session.acceptedRejects])
  }
}

extension JSONValue {
  /// A number, whichever way it is written.
  package var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }
}
