import MigrationPlan
import MigrationRows
import Postgres

/// Reports in SQL which source rows could be duplicates, so that only they have to be checked.
///
/// For each unique set an expression over the source's columns is found that is equal wherever the
/// target's values are equal. It may be equal for more rows than those: they are transformed and
/// compared exactly afterwards. A rule that no such expression is known for makes the whole table
/// a candidate: a text that becomes a number, for one, as '7' and '007' are one number.
struct DuplicateCandidates {
  let feeds: [TableFeed]
  let target: PostgresTable

  /// A feed that reads a table.
  struct TableFeed {
    let feed: Feed
    let source: PostgresTable
    let query: FeedQuery

    func rule(_ column: String) -> Rule? { feed.columns.first { $0.column == column }?.rule }
  }

  /// A column of a unique set.
  struct Column {
    let name: String
    let form: WireForm
    /// Whether its texts are compared by nothing but their ASCII letters and digits, in all feeds.
    let isNormalised: Bool
  }

  /// Returns nil if a feed reads documents, of which SQL asks nothing.
  init?(_ feeds: [FeedWork], target: PostgresTable) {
    self.target = target
    self.feeds = feeds.compactMap { work in
      guard let source = work.source as? PostgresFeed else { return nil }
      return TableFeed(feed: work.feed, source: source.table, query: source.query)
    }
    if self.feeds.count < feeds.count { return nil }
  }

  /// Reports which rows of the feeds have to be checked for one unique set.
  func extent(of set: [String]) -> DuplicateExtent {
    let columns = set.compactMap(column)
    guard columns.count == set.count else { return .all }
    if feeds.count == 1, isUniqueAtSource(columns, feeds[0]) { return .none }
    var expressions: [[String]] = []
    for feed in feeds {
      guard let list = self.expressions(for: columns, feed) else { return .all }
      expressions.append(list)
    }
    let union = zip(feeds, expressions).map(Self.selection).joined(separator: " UNION ALL ")
    let values = set.indices.map { "v\($0)" }
    let known = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    let list = values.joined(separator: ", ")
    let repeated =
      "SELECT \(list) FROM (\(union)) u WHERE \(known) GROUP BY \(list) HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1"
    let anyRepeated = Self.anyRepeated(values, of: union)
    let exceptions = self.exceptions(for: columns)
    let conditions = expressions.map { expressions in
      let isRepeated =
        "\(anyRepeated) AND (\(expressions.joined(separator: ", "))) IN (\(repeated))"
      return (exceptions + [isRepeated]).joined(separator: " OR ")
    }
    return .some(conditions, mayBeAll: !exceptions.isEmpty)
  }

  private func column(_ name: String) -> Column? {
    guard let form = target[name].flatMap({ TargetType($0.type)?.form }) else { return nil }
    let isRewritten = feeds.contains { $0.rule(name)?.rewritesText == true }
    return Column(name: name, form: form, isNormalised: form == .uuid || isRewritten)
  }

  private static func selection(_ feed: TableFeed, _ expressions: [String]) -> String {
    let names = expressions.enumerated().map { "\($1) AS v\($0)" }.joined(separator: ", ")
    return "SELECT \(names) FROM \(feed.query.table)\(filter(feed))"
  }

  static func filter(_ feed: TableFeed, _ further: String? = nil) -> String {
    let conditions = feed.query.conditions + [further].compactMap { $0 }
    return conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
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

  /// Whether the source's own unique index makes the target's values unique.
  private func isUniqueAtSource(_ set: [Column], _ feed: TableFeed) -> Bool {
    let sources = set.compactMap { column in
      feed.rule(column.name).flatMap { unchanged($0, column.form, feed) }
    }
    let columns = Set(sources)
    guard columns.count == set.count, !feed.source.hasHeirs else { return false }
    let keys = ([feed.source.primaryKey] + feed.source.unique).filter { !$0.isEmpty }
    return keys.contains { columns.isSuperset(of: $0) }
  }

  /// Returns the source column that a rule passes on so that different values stay different.
  private func unchanged(_ rule: Rule, _ form: WireForm, _ feed: TableFeed) -> String? {
    switch rule {
    case .source(let names) where names.count == 1:
      return feed.source[names[0]].map { form.keepsApart($0.type) } == true ? names[0] : nil
    case .identity(_, .source(let names)) where names.count == 1 && form == .uuid:
      return feed.source[names[0]]?.type.isUUID == true ? names[0] : nil
    case .step(let inner, let step) where step.onlyChecks: return unchanged(inner, form, feed)
    default: return nil
    }
  }
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
