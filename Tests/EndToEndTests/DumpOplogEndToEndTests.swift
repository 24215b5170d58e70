import Foundation
import MigrationCore
import TestSupport
import Testing

/// What lies in a dump and is not read is reported, and changes in its oplog are not omitted unasked.
@Suite struct DumpOplogEndToEndTests {
  private func fixture() throws -> DocumentsFixture {
    try DocumentsFixture(
      tables: #"{ c1: { from: "c1", columns: { id: "_id" } } }"#,
      targetSQL: "create table c1 (id int primary key);")
  }

  /// A dump of documents 0 to 4, with an oplog of some entries in it.
  private func dump(_ oplog: String, archive: Bool = false) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let script = """
      import bson, pathlib, struct, sys
      root, oplog, archive = pathlib.Path(sys.argv[1]), eval(sys.argv[2]), sys.argv[3] == "true"
      rows = [{"_id": n} for n in range(5)]
      if archive:
        sys.path.insert(0, "\(packageRoot)/Tests/Fixtures")
        import dumps
        head = lambda db, name: bson.encode({"db": db, "collection": name, "metadata": "", "size": 0, "type": "collection"})
        out = struct.pack("<I", 0x8199E26D) + bson.encode({"version": "0.1"})
        out += head("db", "c1") + head("", "oplog") + dumps.TERMINATOR
        for db, name, documents in [("db", "c1", rows), ("", "oplog", oplog)]:
          data = b"".join(bson.encode(d) for d in documents)
          out += dumps.block(db, name, data) + dumps.block(db, name, end=True, crc=dumps.crc64(data))
        (root / "dump").write_bytes(out)
      else:
        (root / "dump" / "db").mkdir(parents=True)
        (root / "dump" / "db" / "c1.bson").write_bytes(b"".join(bson.encode(d) for d in rows))
        (root / "dump" / "oplog.bson").write_bytes(b"".join(bson.encode(d) for d in oplog))
      """
    try mustRun(
      TestServers.python(), ["-c", script, folder.path, oplog, "\(archive)"],
      environment: TestServers.pythonEnvironment())
    return folder
  }

  private static let changes = """
    [{"op": "n", "ns": ""}, {"op": "i", "ns": "db.c1", "o": {"_id": 99}},
     {"op": "d", "ns": "db.c1", "o": {"_id": 3}}, {"op": "u", "ns": "config.transactions", "o": {}}]
    """

  @Test(arguments: ["dump", "dump/db", "archive"])
  func changesInAnOplogAreNotLeftOutUnasked(_ form: String) throws {
    let fixture = try fixture()
    let folder = try dump(Self.changes, archive: form == "archive")
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] =
      "dump:\(folder.path)/\(form == "archive" ? "dump" : form)"
    let check = try migrate.json("plan check")
    #expect(check.exitCode == 4)
    #expect(
      check.document.compact.contains("2 changes made during the dump (db.c1)"),
      "\(check.document.pretty)")
    let refused = try migrate("run")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("MIGRATION_LEAVE_OUT_OPLOG"), "\(refused.errors)")
    #expect(try fixture.query("select count(*) from c1") == "0")
    migrate.environment["MIGRATION_LEAVE_OUT_OPLOG"] = "true"
    #expect(try migrate("plan check").exitCode == 0)
    let ran = try migrate("run")
    #expect(ran.exitCode == 0, "\(ran.errors)")
    #expect(ran.errors.contains("2 changes made during the dump"), "\(ran.errors)")
    #expect(try fixture.query("select count(*) from c1") == "5")
  }

  @Test func anOplogWithoutChangesAndOtherFilesAreTold() throws {
    let fixture = try fixture()
    let folder = try dump(#"[{"op": "n", "ns": ""}]"#)
    try "x".write(
      toFile: folder.path + "/dump/db/notes.txt", atomically: false, encoding: .utf8)
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:\(folder.path)/dump"
    for line in ["test-connections", "test-connections --json", "plan check", "run"] {
      let said = try migrate(line)
      #expect(said.exitCode == 0, "\(line): \(said.errors)")
      for name in ["oplog.bson", "notes.txt"] {
        #expect((said.output + said.errors).contains(name), "\(line): \(said)")
      }
    }
  }

  /// A disk that was full, or a dump that was killed, leaves such a file.
  @Test func aCompressedFileOfNoBytesIsDamaged() throws {
    let fixture = try fixture()
    let folder = try TemporaryFolder()
    let database = folder.path + "/dump/db"
    try FileManager.default.createDirectory(
      atPath: database, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: database + "/c1.bson.gz"))
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:\(folder.path)/dump"
    let ran = try migrate("run")
    #expect(ran.exitCode == 3, "\(ran)")
    #expect(ran.errors.contains("c1.bson.gz"), "\(ran.errors)")
  }
}
