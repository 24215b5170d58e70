extension SQLState {
  /// The kind of failure that a code means, and so how to react to it.
  public enum Nature: Sendable, CaseIterable {
    /// The same work may succeed when it is tried again.
    case transient
    /// The data of a row is at fault: trying again with that row fails again.
    case rowFault
    /// The statement or the program is at fault; no repetition helps.
    case permanent
    /// Someone has to change rights, space or settings first.
    case needsHuman
  }

  /// Looks the code up in the table: by the whole code, then by its class.
  ///
  /// An unknown code is `permanent`, the answer that does the least.
  public var nature: Nature {
    Self.natureOfCode[code] ?? Self.natureOfClass[sqlClass] ?? .permanent
  }

  private static let natureOfClass: [String: Nature] = [
    "08": .transient,  // connection exception
    "22": .rowFault,  // data exception
    "23": .rowFault,  // integrity constraint violation
    "25": .permanent,  // invalid transaction state
    "28": .needsHuman,  // invalid authorization specification
    "40": .transient,  // transaction rollback
    "42": .permanent,  // syntax error or access rule violation
    "44": .rowFault,  // WITH CHECK OPTION violation
    "53": .needsHuman,  // insufficient resources
    "54": .permanent,  // program limit exceeded
    "55": .permanent,  // object not in prerequisite state
    "57": .transient,  // operator intervention
    "58": .needsHuman,  // system error outside PostgreSQL
    "P0": .rowFault,  // raised by a trigger's PL/pgSQL
  ]

  private static let natureOfCode: [String: Nature] = [
    // The encoder wrote a malformed stream: no row of the user's is to blame.
    "22P04": .permanent,
    "25006": .needsHuman,  // read-only transaction: a standby, or default_transaction_read_only
    "25P03": .transient,  // idle in transaction too long
    "25P04": .transient,  // transaction timeout (PostgreSQL 17)
    "3D000": .needsHuman,  // unknown database
    "42501": .needsHuman,  // insufficient privilege
    // Memory and connection slots come back on their own; disk space does not.
    "53200": .transient,
    "53300": .transient,
    "55006": .transient,  // object in use
    "55P03": .transient,  // lock not available
    // Also the code of statement_timeout. A caller that cancelled knows it.
    "57014": .transient,
    "57P04": .needsHuman,  // database dropped
    "72000": .transient,  // snapshot too old
    "P0000": .permanent,  // PL/pgSQL itself
    "XX001": .needsHuman,  // data corrupted
    "XX002": .needsHuman,  // index corrupted
  ]
}
