/// Statements that go to the server together, in one round trip.
///
/// The server runs them in order. The first error ends them: the statements after it do not run. Outside of a
/// transaction all of them are one, so that an error undoes the statements before it too. In an open
/// transaction, and after a `begin` of the pipeline, an error leaves a failed transaction to roll back.
///
/// Each is a single statement, and no COPY, which takes a round trip of its own. What needs a transaction
/// block, such as a cursor or the session's own path, needs a `begin` before it.
///
/// For example:
///
///     var pipeline = Pipeline()
///     pipeline.begin()
///     let name = pipeline.query("delete from users where id = $1 returning name", [42])
///     pipeline.commit()
///     print(try connection.run(pipeline)[name].text(0, 0))
public struct Pipeline: Sendable {
  /// What a statement says; the words of some depend on the session.
  enum Words: Sendable {
    case sql(String)
    case useOwnPath, useUsualPath, commit
  }

  struct Statement: Sendable {
    let words: Words
    var parameters: [(any ParameterConvertible)?] = []
    var format = ValueFormat.text
  }

  /// A statement's place in its pipeline, by which its result is found.
  public struct Place: Sendable, Hashable { let index: Int }

  private(set) var statements: [Statement] = []

  public init() {}

  public var isEmpty: Bool { statements.isEmpty }

  /// Whether the last statement commits.
  var commits: Bool {
    if case .commit? = statements.last?.words { true } else { false }
  }

  /// Adds a statement with values for its placeholders.
  @discardableResult
  public mutating func query(
    _ sql: String, _ parameters: [(any ParameterConvertible)?] = [], format: ValueFormat = .text
  ) -> Place {
    add(Statement(words: .sql(sql), parameters: parameters, format: format))
  }

  /// Adds a statement in which SQL or code of the database's users has a part; see `executeOnOwnPath`.
  @discardableResult
  public mutating func queryOnOwnPath(
    _ sql: String, _ parameters: [(any ParameterConvertible)?] = []
  ) -> Place {
    add(Statement(words: .useOwnPath))
    defer { add(Statement(words: .useUsualPath)) }
    return query(sql, parameters)
  }

  /// Adds a condition without which the statements after it do not run: a pipeline in which it does not hold
  /// fails there; see `PostgresError.isUnmet`.
  @discardableResult
  public mutating func require(
    _ condition: String, _ parameters: [(any ParameterConvertible)?] = []
  ) -> Place {
    query("SELECT 1 / (CASE WHEN \(condition) THEN 1 ELSE 0 END)", parameters)
  }

  /// Begins a transaction that lasts until `commit`, or beyond the pipeline.
  public mutating func begin(_ mode: TransactionMode = TransactionMode()) {
    query(mode.beginStatement)
  }

  /// Commits; no statement follows.
  ///
  /// Deferred triggers, which run now, find names along the session's own path.
  public mutating func commit() {
    add(Statement(words: .useOwnPath))
    add(Statement(words: .commit))
  }

  @discardableResult
  private mutating func add(_ statement: Statement) -> Place {
    precondition(!commits, "a statement after the COMMIT of a pipeline")
    statements.append(statement)
    return Place(index: statements.count - 1)
  }
}

extension Pipeline {
  /// The results of a pipeline, whose statements have all succeeded.
  public struct Results: Sendable {
    private let all: [QueryResult]

    init(_ all: [QueryResult]) { self.all = all }

    /// Returns the result of a statement of the pipeline that was run.
    public subscript(place: Place) -> QueryResult { all[place.index] }
  }

  /// Which statement of a pipeline failed, and what became of the others.
  public struct Failure: Sendable, Hashable {
    /// What became of the statements before the one that failed; those after it did not run.
    public enum Earlier: Sendable, Hashable {
      /// No transaction was open, and the server has undone them.
      case undone
      /// Their transaction is open, takes no other statement, and has to be rolled back.
      case inFailedTransaction
      /// The connection broke: they are undone, unless `commitOutcomeUnknown` says that a COMMIT was on its way.
      case lost
    }

    /// How many statements came before it; if the connection broke, how many results had come.
    public let index: Int
    public let earlier: Earlier
  }
}

extension Pipeline.Failure: CustomStringConvertible {
  public var description: String {
    let fate =
      switch earlier {
      case .undone: "the statements before it are undone"
      case .inFailedTransaction: "the transaction has failed"
      case .lost: "the connection is lost"
      }
    return "statement \(index + 1) failed; \(fate), and those after it did not run"
  }
}

extension PostgresError {
  /// Whether a condition of a pipeline did not hold.
  public func isUnmet(_ condition: Pipeline.Place) -> Bool {
    sqlState == .divisionByZero && pipelineFailure?.index == condition.index
  }
}
