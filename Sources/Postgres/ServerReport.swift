import CPostgres

/// How grave a message of the server is, in its untranslated form.
public enum Severity: String, Sendable {
  case debug = "DEBUG"
  case log = "LOG"
  case info = "INFO"
  case notice = "NOTICE"
  case warning = "WARNING"
  case error = "ERROR"
  case fatal = "FATAL"
  case panic = "PANIC"
}

/// The fields of an error or notice as the server sent them.
public final class ServerReport: Sendable {
  public let severity: Severity?
  public let sqlState: SQLState?
  public let message: String
  public let detail: String?
  public let hint: String?
  public let context: String?
  public let schema: String?
  public let table: String?
  public let column: String?
  public let dataType: String?
  public let constraint: String?
  public let position: Int?

  /// Whether the server hangs up after a message of this severity.
  var endsSession: Bool { severity == .fatal || severity == .panic }

  /// Copies the fields out of a result, which stays the caller's.
  init(copying result: OpaquePointer) {
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    // The letters are those of PG_DIAG_* in postgres_ext.h, part of the protocol:
    // https://www.postgresql.org/docs/current/protocol-error-fields.html
    severity = field("V").flatMap(Severity.init(rawValue:))
    sqlState = field("C").map(SQLState.init)
    message =
      field("M") ?? PQresultErrorMessage(result).map { firstLine(String(cString: $0)) } ?? ""
    detail = field("D")
    hint = field("H")
    context = field("W")
    schema = field("s")
    table = field("t")
    column = field("c")
    dataType = field("d")
    constraint = field("n")
    position = field("P").flatMap { Int($0) }
  }

  /// Keeps what is known of a refusal at connect time, which comes as text alone.
  init(sqlState: SQLState?, message: String, detail: String? = nil, hint: String?) {
    severity = .fatal
    self.sqlState = sqlState
    self.message = message
    self.detail = detail
    self.hint = hint
    context = nil
    schema = nil
    table = nil
    column = nil
    dataType = nil
    constraint = nil
    position = nil
  }
}

/// Returns a text up to its first line break.
func firstLine(_ text: String) -> String {
  String(text.prefix { !$0.isNewline })
}
