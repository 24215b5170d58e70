import MigrationPlan
import MigrationRows
import Postgres

// Expressions that are equal wherever the target's values are.
extension DuplicateCandidates {
  func expressions(for set: [Column], _ feed: TableFeed) -> [String]? {
    let list = set.compactMap { column in
      feed.rule(column.name).flatMap { expression($0, column, column.form, feed) }
    }
    return list.count == set.count ? list : nil
  }

  /// - Parameter form: what the rule's value is made into, which a step takes as a text.
  private func expression(
    _ rule: Rule, _ column: Column, _ form: WireForm, _ feed: TableFeed
  ) -> String? {
    switch rule {
    case .source(let names):
      let isApart = names.allSatisfy { feed.source[$0].map { form.keepsApart($0.type) } == true }
      // A uuid has several forms as a text.
      guard isApart || form == .uuid else { return nil }
      guard isApart else { return expression(rule, column, .text, feed) }
      return Self.text(names).map { column.isNormalised ? Self.normalised($0) : $0 }
    case .identity(let entity, let inner):
      guard form == .uuid, let value = expression(inner, column, .text, feed) else { return nil }
      // A uuid is kept, and so equal in all entities; other ids are made from their entity.
      return "CASE WHEN \(value) OPERATOR(pg_catalog.~) '^[0-9a-f]{32}$' THEN \(value) "
        + "ELSE \(SQL.literal(entity)) OPERATOR(pg_catalog.||) \(value) END"
    case .step(let inner, let step):
      if step.onlyChecks { return expression(inner, column, form, feed) }
      guard step.onlyRewritesText, form == .text || form == .uuid else { return nil }
      return expression(inner, column, .text, feed)
    default: return nil
    }
  }

  /// Leaves ASCII letters and digits, which covers trimming, changes of their case and the forms of a uuid.
  private static func normalised(_ value: String) -> String {
    "pg_catalog.lower(pg_catalog.regexp_replace(\(value), '[^a-zA-Z0-9]', '', 'g'))"
  }

  /// The first value that is not null, as a text whose letters the server compares as bytes.
  private static func text(_ names: [String]) -> String? {
    let columns = names.compactMap { (try? SQL.identifier($0)).map { $0 + "::text" } }
    guard columns.count == names.count, let first = columns.first else { return nil }
    let value = columns.count == 1 ? first : "coalesce(\(columns.joined(separator: ", ")))"
    return "(\(value) COLLATE \"C\")"
  }
}

// Values whose equality the expressions do not decide alone.
extension DuplicateCandidates {
  /// Conditions under which every row has to be checked.
  func exceptions(for set: [Column]) -> [String] {
    set.flatMap { column in
      [mixedIdentities(column.name)].compactMap { $0 }
        + feeds.flatMap { feed in feed.rule(column.name).map { wideLetters($0, feed) } ?? [] }
    }
  }

  /// Beyond ASCII a letter's other case may be several letters, or one of ASCII: ß becomes SS.
  private func wideLetters(_ rule: Rule, _ feed: TableFeed) -> [String] {
    guard rule.changesCase else { return [] }
    return rule.sourceColumns.sorted().compactMap { Self.text([$0]) }.map {
      Self.anyRow(of: feed, "\($0) OPERATOR(pg_catalog.~) E'[^\\x01-\\x7F]'")
    }
  }

  /// The uuid that was made of an id may come on its own, too.
  private func mixedIdentities(_ column: String) -> String? {
    var (made, kept): ([String], [String]) = ([], [])
    for feed in feeds {
      guard let rule = feed.rule(column) else { continue }
      for name in rule.sourceColumns.sorted() {
        guard let type = feed.source[name]?.type, let value = Self.text([name]) else { continue }
        // Only texts may be of both kinds.
        let isUUID =
          "pg_catalog.length(\(value)) OPERATOR(pg_catalog.>=) 32 AND \(Self.normalised(value)) OPERATOR(pg_catalog.~) '^[0-9a-f]{32}$'"
        if rule.makesIdentities, !type.isUUID {
          made.append(Self.anyRow(of: feed, type.isPlainText ? "NOT (\(isUUID))" : nil))
        }
        if type.isUUID || type.isPlainText { kept.append(Self.anyRow(of: feed, isUUID)) }
      }
    }
    guard !made.isEmpty, !kept.isEmpty else { return nil }
    return "((\(made.joined(separator: " OR "))) AND (\(kept.joined(separator: " OR "))))"
  }

  private static func anyRow(of feed: TableFeed, _ condition: String?) -> String {
    "EXISTS (SELECT FROM \(feed.query.table)\(filter(feed, condition)))"
  }
}

extension WireForm {
  /// Whether source values of a type stay different in this form, and equal ones have equal texts.
  func keepsApart(_ type: PostgresType) -> Bool {
    switch self {
    case .text:
      type.isPlainText || type.isUUID || type.isInteger || type.baseOID == TypeOID.bool.number
    case .int2, .int4, .int8, .oid, .numeric: type.isInteger
    case .uuid: type.isUUID
    case .bool: type.baseOID == TypeOID.bool.number
    case .date, .timestamp: type.baseOID == TypeOID.date.number
    default: false
    }
  }
}

extension PostgresType {
  var isUUID: Bool { baseOID == TypeOID.uuid.number }

  fileprivate var isPlainText: Bool {
    [TypeOID.text, .varchar].contains { $0.number == baseOID }
  }

  fileprivate var isInteger: Bool {
    [TypeOID.int2, .int4, .int8].contains { $0.number == baseOID }
  }
}

extension Rule {
  /// Whether the rule, or one inside it, changes the case of letters.
  fileprivate var changesCase: Bool {
    hasStep { step in
      switch step {
      case .lowercase, .uppercase: true
      default: false
      }
    }
  }

  /// Whether the rule, or one inside it, changes blanks or case of a text.
  var rewritesText: Bool { hasStep(\.onlyRewritesText) }

  private func hasStep(_ isMeant: (RuleStep) -> Bool) -> Bool {
    var found = false
    walk { if case .step(_, let step) = $0, isMeant(step) { found = true } }
    return found
  }

  /// Whether the rule makes uuids of other ids.
  fileprivate var makesIdentities: Bool {
    var found = false
    walk { if case .identity = $0 { found = true } }
    return found
  }
}
