import Glibc
import MigrationCore
import Postgres

/// `migrate create-migration-user`: creates a role with only the rights that the plan needs.
enum CreateMigrationUserCommand {
  static let name = Option.text("name", "ROLE", help: "The name of the role (default: migrator).")
  static let onSource = Option.flag(
    "on-source", help: "Create a read-only role in the source, instead of a role in the target.")
  static let days = Option.integer(
    "days", "N", in: 1...3650, otherwise: 7,
    help: "The number of days that it may log in (default: 7).")
  static let owner = Option.flag(
    "as-owner",
    help: "Make it a member of the owners of the plan's tables, so that a run can suspend "
      + "indexes.")
  static let passwordFile = Option.text(
    "password-file", "FILE",
    help: "Write the password to a new file, readable only by its owner, instead of stdout.")

  static let page = CommandPage(
    words: ["create-migration-user"], group: .database,
    summary: "Create a temporary role with only the rights that the plan needs.",
    discussion: [
      "Creates the role with a random password, which is shown once; the server gets only "
        + "its SCRAM verifier. Creates everything in one transaction. The connection's own "
        + "role needs the right to create roles and to grant.",
      "Grants the rights that check-permissions requires. In the target: on the plan's "
        + "tables, their sequences and the ledger; creates the ledger, so that the role needs "
        + "no right to create schemas. In the source: read the plan's tables.",
      "Use the password of a file as DATABASE_PASSWORD=file:FILE.",
    ],
    options: [name.spec, onSource.spec, days.spec, owner.spec, passwordFile.spec],
    examples: [
      (
        "migrate create-migration-user --as-owner --password-file migrator.password",
        "for the target"
      ),
      ("migrate create-migration-user --on-source --name reader", "for the source"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let rights = try RightsOfPlan(invocation)
    let side: NeededRight.Side = invocation[onSource] ? .source : .target
    let connection = try rights.connect(side)
    if side == .target {
      try Ledger(connection, schema: rights.settings.value(.ledgerSchema)).install()
    }
    let role = MigrationRole(invocation[name] ?? "migrator", connection)
    let password = Password.random()
    let file = try invocation[passwordFile].map { try Password.File($0, invocation) }
    let given: [NeededRight]
    do {
      given = try role.create(
        .init(password: password, days: invocation[days], asOwner: invocation[owner])
      ) { try rights.needed(side, connection, role: $0) }
    } catch {
      file?.discard()
      throw error
    }
    try file?.write(password)
    show(role, password, file, given, invocation[days], rights.console)
    return .done
  }

  private static func show(
    _ role: MigrationRole, _ password: String, _ file: Password.File?, _ given: [NeededRight],
    _ days: Int, _ console: Console
  ) {
    if console.isJSON {
      console.result([
        "role": .text(role.name), "days": .int(days),
        "password": file == nil ? .text(password) : .null,
        "passwordFile": .optional(file?.path), "granted": .array(given.map(RightsOfPlan.document)),
      ])
      return
    }
    for right in given { console.result("granted \(right.privilege) on \(right.object)") }
    console.result("role \(role.name) may log in for \(CountText.of(days, "day"))")
    console.result(file.map { "password file: \($0.path)" } ?? "password: \(password)")
    console.result("after the migration: migrate revoke-temp-permissions --name \(role.name)")
  }
}

/// A random password.
enum Password {
  /// 32 letters and digits: 190 bits.
  static func random() -> String {
    let marks = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    var generator = SystemRandomNumberGenerator()
    return String((0..<32).map { _ in marks.randomElement(using: &generator) ?? "x" })
  }

  /// A new file that only its owner can read. Created before the role, so that no password is lost.
  struct File {
    let path: String
    private let descriptor: Int32

    init(_ name: String, _ invocation: Invocation) throws {
      path = invocation.path(name)
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw MigrationError(
          .configuration, "could not create the password file", place: path,
          remedy: errno == EEXIST
            ? "the file exists; pass another" : "check that its folder is writable")
      }
    }

    func write(_ password: String) throws {
      defer { close(descriptor) }
      let bytes = Array((password + "\n").utf8)
      guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
      else {
        throw MigrationError(
          .coded(.disk), "created the role, but could not write its password", place: path,
          remedy: "remove the role and create it again: migrate revoke-temp-permissions")
      }
    }

    func discard() {
      close(descriptor)
      unlink(path)
    }
  }
}
