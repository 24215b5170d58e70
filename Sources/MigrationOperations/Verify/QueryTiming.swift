import MigrationBasics
import MigrationEngine
import MigrationPlan
import Postgres

/// Times the plan's queries against their limits, and reports why a slow one is slow.
package struct QueryTiming {
  package struct Result: Sendable {
    package let query: TimedQuery
    package let runs: Int
    package let median: Duration
    package let slowest: Duration
    /// How the server goes about it; only of a query that misses its limit.
    package let plan: String?
    /// A table that is read from end to end although the query looks for few rows.
    package let scanned: [String]
    /// Why it could not be timed; nil if it was.
    package var failure: String? = nil

    /// The limit holds for the usual case; a first look into a cold cache may take longer.
    package var isInTime: Bool { failure == nil && runs > 0 && median <= query.limit }

    package var json: JSONValue {
      [
        "query": .text(query.name), "inTime": .bool(isInTime),
        "milliseconds": .double(median / .milliseconds(1)),
        "limitMilliseconds": .double(query.limit / .milliseconds(1)), "runs": .int(runs),
        "failure": .optional(failure),
      ]
    }
  }

  package let plan: Plan
  package let target: Connection

  package init(_ plan: Plan, target: Connection) { (self.plan, self.target) = (plan, target) }

  package func run() throws -> [Result] {
    try target.begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    try target.use(SearchPath(reading: [plan.target.schema]))
    let results = try plan.queries.map(attempt)
    try target.rollback()
    return results
  }

  /// Times a query; one that the server refuses does not keep the others from being timed.
  private func attempt(_ query: TimedQuery) throws -> Result {
    try target.execute("SAVEPOINT migrate_query")
    do {
      let result = try time(query)
      try target.execute("RELEASE SAVEPOINT migrate_query")
      return result
    } catch {
      guard target.isUsable, !CheckFailure.isUnreachable(error) else { throw error }
      try target.execute("ROLLBACK TO SAVEPOINT migrate_query; RELEASE SAVEPOINT migrate_query")
      return Result(query, failure: error)
    }
  }

  private func time(_ query: TimedQuery) throws -> Result {
    let arguments = try query.arguments.map { sql in
      try target.query("SELECT a.value::text FROM (\(sql)\n) AS a(value) LIMIT 20").rows
        .map { $0.text(0) }
    }
    guard arguments?.isEmpty != true else {
      throw MigrationError(
        .failed, "the query \(query.name) has no arguments",
        place: "\(query.place)", remedy: "load the tables first, or change its \"arguments\"")
    }
    var times: [Duration] = []
    for argument in arguments ?? Array(repeating: nil, count: 10) {
      let parameters: [(any ParameterConvertible)?] = arguments == nil ? [] : [argument]
      let start = ContinuousClock.now
      _ = try target.query(query.sql, parameters)
      times.append(ContinuousClock.now - start)
    }
    times.sort()
    let median = times[times.count / 2]
    let isSlow = median > query.limit
    let explained = isSlow ? try explain(query, arguments?.first ?? nil) : []
    return Result(
      query: query, runs: times.count, median: median, slowest: times[times.count - 1],
      plan: isSlow ? explained.joined(separator: "\n") : nil, scanned: Self.scanned(explained))
  }

  private func explain(_ query: TimedQuery, _ argument: String?) throws -> [String] {
    let parameters: [(any ParameterConvertible)?] = query.arguments == nil ? [] : [argument]
    return try target.query("EXPLAIN (ANALYZE, BUFFERS) \(query.sql)", parameters).rows
      .compactMap { $0.text(0) }
  }

  private static func scanned(_ lines: [String]) -> [String] {
    lines.compactMap { line in
      guard let start = line.range(of: "Seq Scan on ") else { return nil }
      return line[start.upperBound...].split(separator: " ").first.map(String.init)
    }
  }
}

extension QueryTiming.Result {
  /// A query that could not be timed.
  init(_ query: TimedQuery, failure error: any Error) {
    self.init(
      query: query, runs: 0, median: .zero, slowest: .zero, plan: nil, scanned: [],
      failure: CheckFailure(error).what)
  }
}

extension StringProtocol {
  /// Finds a text in this one.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
