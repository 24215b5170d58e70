import Postgres

/// Tells in SQL which source rows could be duplicates, so that only they have to be looked at.
///
/// For each unique set an expression over the source's columns is found that is equal wherever the
/// target's values are equal. It may be equal for more rows than those: they are transformed and
/// compared exactly afterwards. A rule that no such expression is known for makes the whole table
/// a candidate.
struct DuplicateCandidates {
  enum Extent: Equatable {
    /// No two rows can have the same values.
    case none
    /// Only rows that meet a condition; by feed.
    case some([String])
    /// Every row has to be looked at.
    case all
  }

  private let feeds: [TableFeed]

  /// A feed that reads a table.
  private struct TableFeed {
    let feed: Feed
    let source: PostgresTable
    let query: FeedQuery
  }

  /// Returns nil where a feed reads documents, which are not asked for in SQL.
  init?(_ feeds: [FeedWork]) {
    self.feeds = feeds.compactMap { work in
      guard case .table(let table, let query) = work.source else { return nil }
      return TableFeed(feed: work.feed, source: table, query: query)
    }
    if self.feeds.count < feeds.count { return nil }
  }

  /// Tells which rows of the feeds have to be looked at for one unique set.
  func extent(of set: [String]) -> Extent {
    if feeds.count == 1, isUniqueAtSource(set, feeds[0]) { return .none }
    var expressions: [[String]] = []
    for feed in feeds {
      guard let list = self.expressions(for: set, feed) else { return .all }
      expressions.append(list)
    }
    let union = zip(feeds, expressions).map { feed, list in
      let names = list.enumerated().map { "\($1) AS v\($0)" }.joined(separator: ", ")
      let conditions = feed.query.conditions
      let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
      return "SELECT \(names) FROM \(feed.query.table)\(filter)"
    }.joined(separator: " UNION ALL ")
    let values = set.indices.map { "v\($0)" }
    let known = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    let list = values.joined(separator: ", ")
    let repeated =
      "SELECT \(list) FROM (\(union)) u WHERE \(known) GROUP BY \(list) HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1"
    let anyRepeated = Self.anyRepeated(values, of: union)
    return .some(
      expressions.map { "\(anyRepeated) AND (\($0.joined(separator: ", "))) IN (\(repeated))" })
  }

  /// Asks once for the whole statement whether anything is repeated: mostly nothing is, and digests
  /// are counted in a third of the time that grouping the values takes.
  private static func anyRepeated(_ values: [String], of union: String) -> String {
    let digest = values.reduce("0::bigint") {
      "pg_catalog.hashtextextended(\($1) COLLATE \"C\", \($0))"
    }
    return
      "(SELECT pg_catalog.count(h) OPERATOR(pg_catalog.>) pg_catalog.count(DISTINCT h) FROM (SELECT \(digest) AS h FROM (\(union)) u) d)"
  }

  private func rule(_ column: String, _ feed: TableFeed) -> Rule? {
    feed.feed.columns.first { $0.column == column }?.rule
  }

  /// Whether the source's own unique index makes the target's values unique.
  private func isUniqueAtSource(_ set: [String], _ feed: TableFeed) -> Bool {
    let sources = set.map { rule($0, feed).flatMap { unchanged($0, $0.sourceColumns, feed) } }
    let columns = Set(sources.compactMap { $0 })
    guard columns.count == set.count, !feed.source.hasHeirs else { return false }
    let keys = ([feed.source.primaryKey] + feed.source.unique).filter { !$0.isEmpty }
    return keys.contains { columns.isSuperset(of: $0) }
  }

  /// Returns the source column that a rule passes on so that different values stay different.
  private func unchanged(_ rule: Rule, _ sources: Set<String>, _ feed: TableFeed) -> String? {
    switch rule {
    case .source(let names) where names.count == 1:
      return isTextOrExact(names[0], feed) ? names[0] : nil
    case .identity(_, .source(let names)) where names.count == 1:
      return isUUID(names[0], feed) ? names[0] : nil
    case .step(let inner, let step) where step.onlyChecks: return unchanged(inner, sources, feed)
    default: return nil
    }
  }

  private func expressions(for set: [String], _ feed: TableFeed) -> [String]? {
    let list = set.compactMap { name in rule(name, feed).flatMap { expression($0, feed) } }
    return list.count == set.count ? list : nil
  }

  private func expression(_ rule: Rule, _ feed: TableFeed) -> String? {
    switch rule {
    case .source(let names):
      guard names.allSatisfy({ isTextOrExact($0, feed) }) else { return nil }
      return coalesced(names)
    case .identity(let entity, let inner):
      guard let value = expression(inner, feed).map(Self.normalised) else { return nil }
      // A uuid is kept, and so equal in all entities; other ids are made from their entity.
      return "CASE WHEN \(value) OPERATOR(pg_catalog.~) '^[0-9a-f]{32}$' THEN \(value) "
        + "ELSE \(SQL.literal(entity)) OPERATOR(pg_catalog.||) \(value) END"
    case .step(let inner, let step):
      guard let value = expression(inner, feed) else { return nil }
      if step.onlyChecks { return value }
      return step.onlyRewritesText ? Self.normalised(value) : nil
    default: return nil
    }
  }

  /// Leaves letters and digits, which covers trimming, changes of case and the forms of a uuid.
  private static func normalised(_ value: String) -> String {
    "pg_catalog.lower(pg_catalog.regexp_replace(\(value), '[^[:alnum:]]', '', 'g'))"
  }

  private func coalesced(_ names: [String]) -> String? {
    let columns = names.compactMap { (try? SQL.identifier($0)).map { $0 + "::text" } }
    guard columns.count == names.count, let first = columns.first else { return nil }
    return columns.count == 1 ? first : "coalesce(\(columns.joined(separator: ", ")))"
  }

  /// Whether values of a column are equal exactly where their texts are.
  private func isTextOrExact(_ name: String, _ feed: TableFeed) -> Bool {
    guard let type = feed.source[name]?.type else { return false }
    return Self.exactTypes.contains(type.baseOID)
  }

  private func isUUID(_ name: String, _ feed: TableFeed) -> Bool {
    feed.source[name]?.type.baseOID == TypeOID.uuid.number
  }

  private static let exactTypes = Set(
    [TypeOID.text, .varchar, .uuid, .int2, .int4, .int8, .date, .bool].map(\.number))
}

extension RuleStep {
  /// Whether the step lets a value through or not, and never changes it.
  var onlyChecks: Bool {
    switch self {
    case .required, .minimum, .maximum: true
    case .oneOf, .currencyCode, .email: true
    default: false
    }
  }

  /// Whether the step changes nothing but blanks and case of a text.
  var onlyRewritesText: Bool {
    switch self {
    case .trim, .collapseBlanks, .emptyToNull, .lowercase, .uppercase: true
    default: false
    }
  }
}
