import CPostgres

/// A message that the server sent next to the results: a NOTICE, WARNING or the like.
public struct Notice: Sendable {
  /// What the server sent, field by field.
  public let report: ServerReport
  public var severity: Severity { report.severity ?? .notice }
  public var message: String { report.message }
  public var sqlState: SQLState? { report.sqlState }
}

/// Takes notices, on the thread that uses the connection and before its call returns.
public typealias NoticeHandler = @Sendable (Notice) -> Void

/// Keeps a handler alive for as long as libpq may call it.
final class NoticeReceiver: Sendable {
  private let handler: NoticeHandler?

  init(_ handler: NoticeHandler?) { self.handler = handler }

  /// Makes libpq call this receiver instead of printing to stderr.
  ///
  /// libpq holds an unretained pointer: the owner of the connection must keep
  /// the receiver until after PQfinish.
  func attach(to connection: OpaquePointer) {
    let receive: PQnoticeReceiver = { context, result in
      guard let context, let result else { return }
      let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
      // The result is libpq's and dies with this call: its fields are copied.
      receiver.handler?(Notice(report: ServerReport(copying: result)))
    }
    _ = PQsetNoticeReceiver(connection, receive, Unmanaged.passUnretained(self).toOpaque())
  }
}
