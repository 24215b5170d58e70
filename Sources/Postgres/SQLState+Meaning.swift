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

  /// What a code is about.
  public enum Subject: Sendable, CaseIterable {
    /// The connection, or the server itself.
    case connection
    /// Who may log in.
    case login
    /// A statement that took too long, was cancelled, or waited too long for a lock.
    case time
    case diskSpace
    case memory
    /// Values that another row has already.
    case duplicate
    /// A row that another one refers to.
    case reference
    /// Damaged data or indexes.
    case corruption
    /// Tables, columns, types, rights, or the statement's own words.
    case definition
    case other
  }

  private struct Meaning {
    let nature: Nature
    let subject: Subject

    init(_ nature: Nature, _ subject: Subject = .other) {
      (self.nature, self.subject) = (nature, subject)
    }
  }

  public var nature: Nature { meaning.nature }
  public var subject: Subject { meaning.subject }

  /// Looks the code up in the table: by the whole code, then by its class.
  ///
  /// An unknown code is `permanent`, the answer that does the least.
  private var meaning: Meaning {
    Self.meaningOfCode[code] ?? Self.meaningOfClass[sqlClass] ?? Meaning(.permanent)
  }

  private static let meaningOfClass: [String: Meaning] = [
    "08": Meaning(.transient, .connection),  // connection exception
    "22": Meaning(.rowFault),  // data exception
    "23": Meaning(.rowFault),  // integrity constraint violation
    "25": Meaning(.permanent),  // invalid transaction state
    "28": Meaning(.needsHuman, .login),  // invalid authorization specification
    "3F": Meaning(.permanent, .definition),  // invalid schema name
    "40": Meaning(.transient),  // transaction rollback
    "42": Meaning(.permanent, .definition),  // syntax error or access rule violation
    "44": Meaning(.rowFault),  // WITH CHECK OPTION violation
    "53": Meaning(.needsHuman),  // insufficient resources
    "54": Meaning(.permanent),  // program limit exceeded
    "55": Meaning(.permanent),  // object not in prerequisite state
    "57": Meaning(.transient, .connection),  // operator intervention
    "58": Meaning(.needsHuman),  // system error outside PostgreSQL
    "P0": Meaning(.rowFault),  // raised by a trigger's PL/pgSQL
  ]

  private static let meaningOfCode: [String: Meaning] = [
    // The encoder wrote a malformed stream: no row of the user's is to blame.
    "22P04": Meaning(.permanent),
    "23503": Meaning(.rowFault, .reference),  // foreign key violation
    "23505": Meaning(.rowFault, .duplicate),  // unique violation
    "23P01": Meaning(.rowFault, .duplicate),  // exclusion violation
    // Read-only transaction: a standby, or default_transaction_read_only.
    "25006": Meaning(.needsHuman),
    "25P03": Meaning(.transient),  // idle in transaction too long
    "25P04": Meaning(.transient),  // transaction timeout (PostgreSQL 17)
    "3D000": Meaning(.needsHuman),  // unknown database
    "42501": Meaning(.needsHuman, .definition),  // insufficient privilege
    "53100": Meaning(.needsHuman, .diskSpace),
    // Memory and connection slots come back on their own; disk space does not.
    "53200": Meaning(.transient, .memory),
    "53300": Meaning(.transient, .connection),
    "55006": Meaning(.transient),  // object in use
    "55P03": Meaning(.transient, .time),  // lock not available
    // Also the code of statement_timeout. A caller that cancelled knows it.
    "57014": Meaning(.transient, .time),
    "57P04": Meaning(.needsHuman, .connection),  // database dropped
    "72000": Meaning(.transient),  // snapshot too old
    "P0000": Meaning(.permanent),  // PL/pgSQL itself
    "XX001": Meaning(.needsHuman, .corruption),  // data corrupted
    "XX002": Meaning(.needsHuman, .corruption),  // index corrupted
  ]
}
