/// The manual's code of a failure.
public enum ErrorCode: String, Sendable, CaseIterable {
  case connection = "ERR_001"
  case schema = "ERR_002"
  case data = "ERR_003"
  case foreignKey = "ERR_004"
  case duplicate = "ERR_005"
  case timeout = "ERR_006"
  case memory = "ERR_007"
  case disk = "ERR_008"
  case corruption = "ERR_009"
  case rollback = "ERR_010"
}

/// A failure that ends a command, in three parts: what happened, where, what to do.
public struct MigrationError: Error, Sendable, Equatable {
  /// What sort of ending this is; the command line turns it into an exit code.
  public enum Kind: Sendable, Equatable {
    /// A setting is missing or wrong.
    case configuration
    /// Something else has to be done first.
    case prerequisite
    /// There is nothing that could be done.
    case nothingToDo
    /// A failure that the manual has a code for.
    case coded(ErrorCode)
    /// Anything else.
    case failed
  }

  public let kind: Kind
  /// One word for programs, finer than the code: `refused`, `authentication`, `readOnly`.
  public let reason: String?
  public let what: String
  public let place: String?
  public let remedy: String?

  public init(
    _ kind: Kind, _ what: String, reason: String? = nil, place: String? = nil, remedy: String? = nil
  ) {
    self.kind = kind
    self.reason = reason
    self.what = what
    self.place = place
    self.remedy = remedy
  }
}

extension MigrationError: CustomStringConvertible {
  public var description: String {
    [what, place, remedy].compactMap { $0 }.joined(separator: "; ")
  }
}
