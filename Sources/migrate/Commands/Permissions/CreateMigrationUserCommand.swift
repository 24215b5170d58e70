import Glibc
import MigrationCore
import Postgres

/// `migrate create-migration-user`: a role that may do what the plan needs, and nothing else.
enum CreateMigrationUserCommand {
  static let name = Option.text("name", "ROLE", help: "What it is called; migrator if not given.")
  static let onSource = Option.flag(
    "on-source", help: "Make it in the source, where it may only read, and not in the target.")
  static let days = Option.integer(
    "days", "N", in: 1...3650, otherwise: 7, help: "For how long it may log in; 7 if not given.")
  static let owner = Option.flag(
    "as-owner",
    help: "Make it a member of the owners of the plan's tables, so that indexes can be set aside.")
  static let passwordFile = Option.text(
    "password-file", "FILE", help: "Write the password to a new file for its owner, not to stdout.")

  static let page = CommandPage(
    words: ["create-migration-user"], group: .database,
    summary: "Make a role that may do for some days what the plan needs, and no more.",
    discussion: [
      "The role gets a random password, of which the server sees only the SCRAM verifier; it is shown once. "
        + "Its rights are those that check-permissions asks for: in the target the plan's tables, their "
        + "sequences and the ledger, which is made here, so that the role needs no right to make schemas; "
        + "in the source to read the plan's tables. All of it is done, or nothing. The connection's own "
        + "role needs the right to create roles and to grant. A password that the named file holds is "
        + "used as DATABASE_PASSWORD=file:FILE."
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
    tell(role, password, file, given, invocation[days], rights.console)
    return .done
  }

  private static func tell(
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
    console.result("the role \(role.name) may log in for \(days) days")
    console.result(file.map { "its password stands in \($0.path)" } ?? "its password: \(password)")
    console.result("when all is done: migrate revoke-temp-permissions --name \(role.name)")
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

  /// A new file that only its owner can read. It is made before the role, so that no password is lost.
  struct File {
    let path: String
    private let descriptor: Int32

    init(_ name: String, _ invocation: Invocation) throws {
      path = name.hasPrefix("/") ? name : invocation.program.folder + "/" + name
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw MigrationError(
          .configuration, "the file for the password can't be made", place: path,
          remedy: errno == EEXIST
            ? "it is there already; name another" : "see that its folder can be written to")
      }
    }

    func write(_ password: String) throws {
      defer { close(descriptor) }
      let bytes = Array((password + "\n").utf8)
      guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
      else {
        throw MigrationError(
          .coded(.disk), "the role is there, but its password could not be written", place: path,
          remedy: "remove the role and make it again: migrate revoke-temp-permissions")
      }
    }

    func discard() {
      close(descriptor)
      unlink(path)
    }
  }
}
