/// A failure of a connection, a statement or a copy.
///
/// Decide by `kind`, `sqlState` and `nature`, never by `message`. The
/// description omits detail, hint and context, which quote data.
public struct PostgresError: Error, Sendable {
  /// What was being done.
  public enum Operation: String, Sendable {
    case connect, query, commit, rollback, cancel, close
    case copyIn = "copy in"
    case copyOut = "copy out"
  }

  /// Who failed, and how.
  public enum Kind: Sendable, Hashable {
    /// The server refused; `sqlState` says why.
    case server
    /// No connection was made.
    case connect(ConnectFailure)
    /// The connection broke; `sqlState` is set if the server still gave a reason.
    case connectionLost
    /// Less, or something else, arrived than the server said it sent.
    case copyDamaged
    /// COMMIT found a transaction that had failed before, and rolled it back.
    case rolledBackInsteadOfCommitted
    /// The transaction that exported the snapshot has ended.
    case snapshotGone
    /// A text holds a NUL byte, which would have cut it short unseen.
    case textWithNUL
    /// A value is longer than the protocol can carry.
    case tooLarge
    /// The connection was used while another call or a copy was under way.
    case busy
    /// The connection or copy was used after its end.
    case closed
    /// The statement was of another kind than the call expects.
    case unexpectedStatement
    /// The connection that a cancel request needs could not be made.
    case cancelFailed
    /// libpq itself failed, for want of memory for instance.
    case library
  }

  public let operation: Operation
  public let kind: Kind
  /// One sentence, from the server if it sent one; never holds a password.
  public let message: String
  /// What the server reported, if it was the server.
  public let report: ServerReport?
  /// The rollback that failed after this error, which is the first.
  public internal(set) var rollbackFailures: [PostgresError] = []
  /// Which statement of a pipeline failed, if it was one of a pipeline.
  public internal(set) var pipelineFailure: Pipeline.Failure?

  init(_ operation: Operation, _ kind: Kind, _ message: String, report: ServerReport? = nil) {
    self.operation = operation
    self.kind = kind
    self.message = message
    self.report = report
  }
}

extension PostgresError {
  public var sqlState: SQLState? { report?.sqlState }
  public var severity: Severity? { report?.severity }
  public var detail: String? { report?.detail }
  public var hint: String? { report?.hint }
  public var context: String? { report?.context }
  public var schema: String? { report?.schema }
  public var table: String? { report?.table }
  public var column: String? { report?.column }
  public var dataType: String? { report?.dataType }
  public var constraint: String? { report?.constraint }
  /// Where in the statement the server found the fault, in characters from 1.
  public var position: Int? { report?.position }

  /// Whether the connection is gone with this error.
  public var connectionLost: Bool { kind == .connectionLost }

  /// Whether a COMMIT was sent and its answer lost, so that both outcomes are possible.
  public var commitOutcomeUnknown: Bool { operation == .commit && connectionLost }

  /// Returns what kind of trouble this is, and so what is worth doing about it.
  public var nature: SQLState.Nature {
    switch kind {
    case .connectionLost, .snapshotGone, .cancelFailed: .transient
    case .connect(let failure): failure.isTransient ? .transient : .needsHuman
    case .server: sqlState?.nature ?? .permanent
    default: .permanent
    }
  }
}

extension PostgresError: CustomStringConvertible {
  public var description: String {
    let code = sqlState.map { " (SQLSTATE \($0))" } ?? ""
    return "\(operation.rawValue) failed: \(message)\(code)"
  }

  /// Returns the description with detail, hint and context, which may quote rows.
  public var completeDescription: String {
    var lines = [description]
    if let detail { lines.append("detail: \(detail)") }
    if let hint { lines.append("hint: \(hint)") }
    if let context { lines.append("context: \(context)") }
    if let pipelineFailure { lines.append("pipeline: \(pipelineFailure)") }
    lines += rollbackFailures.map { "after that, \($0)" }
    return lines.joined(separator: "\n")
  }
}
