import Foundation
import MigrationCore
import Mongo
import TestSupport
import Testing

/// Backups of others that are not whole, or that would do more than fill tables.
@Suite struct ForeignDamageTests {
  private let database: TemporaryDatabase
  private let migrate: Migrate
  private var folder: String { migrate.folder.path }
  private let programs: String

  init() throws {
    database = try TemporaryDatabase("foreign")
    migrate = try Migrate()
    programs = try TestServers.postgresPrograms()
    try psql(
      database.url,
      """
      create table first (id int, "the, text" text);
      insert into first select n, md5(n::text) from generate_series(1, 3000) n;
      create table second (id int primary key, text text);
      insert into second select n, md5(n::text) from generate_series(1, 3000) n;
      create table narrow (id int); insert into narrow select n from generate_series(1, 50) n;
      create table parts (id int) partition by range (id);
      create table part partition of parts for values from (0) to (100);
      insert into parts select n from generate_series(1, 50) n;
      create function twice(n int) returns int language sql begin atomic
        select case when n > 0 then n * 2 end; end;
      select lo_from_bytea(0, 'a large object');
      """)
  }

  private func dump(_ form: String, _ file: String, _ options: [String] = []) throws {
    try mustRun(
      programs + "/pg_dump",
      ["--format=\(form)", "--file=\(folder)/\(file)", "--dbname=\(database.url)"] + options)
  }

  private func bytes(_ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
  }

  private func write(_ data: Data, _ file: String) throws {
    try data.write(to: URL(fileURLWithPath: folder + "/" + file))
  }

  /// Neither verify nor restore may take it, and the database that is named stays empty.
  private func expectRefused(
    _ file: String, codes: Set<String> = ["truncated", "archive"], _ comment: Comment
  ) throws {
    let (verified, proof) = try migrate.json("backup verify \(folder)/\(file)")
    #expect(verified == 4, comment)
    #expect(!codes.isDisjoint(with: BackupFixture.findings(proof)), "\(comment): \(proof.compact)")
    let target = try TemporaryDatabase("restored")
    let restored = try migrate("backup restore \(folder)/\(file) --to \(target.url) --yes")
    #expect(restored.exitCode == 1, "\(comment): \(restored.errors)")
    #expect(
      try number(
        target, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == 0,
      comment)
  }

  @Test func aCutFileOfSQLIsFoundWhereverItWasCut() throws {
    for (name, options) in [
      ("rows", [String]()), ("inserts", ["--inserts", "--rows-per-insert=7"]),
    ] {
      try dump("plain", name + ".sql", options)
      let whole = try bytes(name + ".sql")
      for share in [10, 37, 60, 85, 98] {
        try write(whole.prefix(whole.count * share / 100), "cut.sql")
        try expectRefused("cut.sql", "\(name) cut at \(share) %")
      }
      // Between two rows, and between two statements: nothing of the text itself is broken.
      let text = String(decoding: whole, as: UTF8.self)
      let lines = text.components(separatedBy: "\n")
      try write(
        Data((lines.prefix(lines.count / 2).joined(separator: "\n") + "\n").utf8), "cut.sql")
      try expectRefused("cut.sql", "\(name) cut at a line")
      let end = try #require(text.range(of: "-- PostgreSQL database dump complete"))
      try write(Data(text[..<end.lowerBound].utf8), "cut.sql")
      try expectRefused("cut.sql", "\(name) without its last line")
      let begin = try #require(text.range(of: "CREATE TABLE"))
      try write(Data(text[begin.lowerBound...].utf8), "cut.sql")
      try expectRefused("cut.sql", "\(name) without its beginning")
      let (code, proof) = try migrate.json("backup verify \(folder)/\(name).sql")
      #expect(code == 0, "\(proof.compact)")
      #expect(proof["rows"] == 6100 && proof["manifest"] == false)
    }
    // A text after the end, as of two files that were put together, is not the end.
    let whole = try bytes("rows.sql")
    try write(whole + whole.prefix(whole.count / 2), "cut.sql")
    try expectRefused("cut.sql", "one and a half")
    // The end of the rows of a table is missing: what follows is no row.
    let text = String(decoding: whole, as: UTF8.self)
    let mark = try #require(text.range(of: "\n\\.\n"))
    try write(Data(text.replacingCharacters(in: mark, with: "\n").utf8), "cut.sql")
    try expectRefused("cut.sql", "without the end of a COPY")
  }

  @Test func aCutArchiveIsFoundWhateverPgRestoreThinks() throws {
    try dump("custom", "custom.dump")
    try dump("tar", "some.tar")
    for file in ["custom.dump", "some.tar"] {
      let whole = try bytes(file)
      for share in [30, 60, 90, 99] {
        try write(whole.prefix(whole.count * share / 100), "cut.dump")
        try expectRefused("cut.dump", "\(file) cut at \(share) %")
      }
    }
    for compression in [0, 6] {
      let name = "dir\(compression)"
      try dump("directory", name, ["--compress=\(compression)"])
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/" + name)
        .filter { $0.contains(".dat") && !$0.hasPrefix("toc") }.sorted()
      #expect(files.count >= 4)
      for file in files where try bytes(name + "/" + file).count > 200 {
        let whole = try bytes(name + "/" + file)
        let text = compression == 0 ? whole.prefix(whole.count / 2) : whole.prefix(whole.count - 40)
        let line = compression == 0 ? text.lastIndex(of: 10).map { text[...$0] } ?? text : text
        try write(Data(line), name + "/" + file)
        try expectRefused(name, "\(file) of \(name) cut")
        try FileManager.default.removeItem(atPath: folder + "/" + name + "/" + file)
        try expectRefused(name, codes: ["archive", "missing"], "\(file) of \(name) missing")
        try write(whole, name + "/" + file)
      }
      #expect(try migrate("backup verify \(folder)/\(name)").exitCode == 0)
    }
  }

  @Test func nothingIsCalledAsItWasWithoutAManifest() throws {
    try dump("plain", "whole.sql")
    try dump("custom", "whole.dump")
    for file in ["whole.sql", "whole.dump"] {
      let proof = try migrate("backup verify \(folder)/\(file)")
      #expect(proof.exitCode == 0)
      #expect(!proof.output.contains("are unchanged"), "\(proof.output)")
      #expect(proof.output.contains("the restore has all of its rows (6,100)"), "\(proof.output)")
      #expect(proof.output.contains("no manifest"))
      let target = try TemporaryDatabase("restored")
      let restored = try migrate("backup restore \(folder)/\(file) --to \(target.url) --yes")
      #expect(restored.exitCode == 0, "\(restored.errors)")
      #expect(restored.output.contains("no manifest"), "\(restored.output)")
      #expect(try number(target, "select count(*) from first") == 3000)
      #expect(
        try psql(target.url, "select twice(4), count(*) from pg_largeobject_metadata") == "8|1")
    }
  }

  /// A trigger of the database that was dumped keeps rows away: the file has more than came back.
  @Test func rowsThatDoNotComeBackAreTold() throws {
    try dump("plain", "whole.sql", ["--inserts"])
    let whole = String(decoding: try bytes("whole.sql"), as: UTF8.self)
    let place = try #require(whole.range(of: "INSERT INTO public.narrow"))
    var changed = whole
    changed.insert(
      contentsOf:
        "CREATE RULE less AS ON INSERT TO public.narrow WHERE new.id > 30 DO INSTEAD NOTHING;\n",
      at: place.lowerBound)
    try write(Data(changed.utf8), "less.sql")
    let (code, proof) = try migrate.json("backup verify \(folder)/less.sql")
    #expect(code == 4 && BackupFixture.findings(proof) == ["contents"], "\(proof.compact)")
    #expect(proof.compact.contains("30 rows instead of 50"))
    let target = try TemporaryDatabase("restored")
    let restored = try migrate("backup restore \(folder)/less.sql --to \(target.url) --yes")
    #expect(restored.exitCode == 4)
    #expect(
      try number(
        target, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == 0)
  }

  /// Where statements of the file keep its rows from being counted at the end, each COPY is.
  @Test func rowsThatATriggerDropsAreToldWhereRowsCantBeCounted() throws {
    try dump("plain", "whole.sql")
    let whole = String(decoding: try bytes("whole.sql"), as: UTF8.self)
    let place = try #require(whole.range(of: "COPY public.narrow"))
    var changed = whole
    changed.insert(
      contentsOf: """
        CREATE FUNCTION public.less() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER less BEFORE INSERT ON public.narrow FOR EACH ROW WHEN (new.id > 30)
          EXECUTE FUNCTION public.less();
        DO 'BEGIN END';

        """, at: place.lowerBound)
    try write(Data(changed.utf8), "less.sql")
    #expect(try migrate("backup verify \(folder)/less.sql").exitCode != 0)
    let target = try TemporaryDatabase("restored")
    let restored = try migrate("backup restore \(folder)/less.sql --to \(target.url) --yes")
    #expect(restored.exitCode == 1)
    #expect(restored.errors.contains("50 rows were sent, and the server accepted 30"))
    #expect(
      try number(
        target, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == 0)
  }

  @Test func noFileOfSQLLeavesItsTransactionOrReachesAShell() throws {
    try dump("plain", "whole.sql")
    let whole = String(decoding: try bytes("whole.sql"), as: UTF8.self)
    let end = try #require(whole.range(of: "--\n-- PostgreSQL database dump complete"))
    let mark = folder + "/mark"
    for evil in [
      "\\! touch \(mark)", "\\o | touch \(mark)\nselect 1;", "select 1 \\g | touch \(mark)",
      "\\copy first to program 'touch \(mark)'", "\\i \(folder)/other.sql", "\\gexec",
      "\\set x `touch \(mark)`", "\\setenv PAGER touch", "\\q", "\\connect postgres",
      "\\c postgres",
      "copy first to program 'touch \(mark)';", "copy first from program 'touch \(mark)';",
      "copy first to '\(mark)';", "commit;", "COMMIT; create table left_over ();", "rollback;",
      "end;",
      "abort;", "begin;", "savepoint a;", "prepare transaction 'x';", "commit and chain;",
      "create database other;",
    ] {
      var text = whole
      text.insert(contentsOf: evil + "\n", at: end.lowerBound)
      try write(Data(text.utf8), "evil.sql")
      try expectRefused("evil.sql", codes: ["commands", "truncated"], "\(evil)")
      #expect(!FileManager.default.fileExists(atPath: mark), "\(evil)")
    }
    // What the scan can't see, the server refuses: two statements where the text shows one.
    let hidden = whole.replacingOccurrences(
      of: "SET standard_conforming_strings = on;",
      with: "SELECT set_config('standard_conforming_strings', 'off', false);\n"
        + "SELECT 'a\\'; COMMIT; CREATE TABLE public.left_over (); SELECT ';")
    #expect(hidden != whole)
    try write(Data(hidden.utf8), "evil.sql")
    let target = try TemporaryDatabase("restored")
    #expect(
      try migrate("backup restore \(folder)/evil.sql --to \(target.url) --yes").exitCode == 1)
    #expect(try number(target, "select count(*) from pg_class where relname = 'left_over'") == 0)
    // The same words in a text, an identifier, a comment or a function's body are none.
    var harmless = whole
    harmless.insert(
      contentsOf: """
        COMMENT ON TABLE public.first IS 'a; COMMIT; \\! b -- c';
        CREATE TABLE public."; COMMIT; \\q" (a int DEFAULT length($x$;\\! $y$ COMMIT;$x$)); -- COMMIT; \\q
        CREATE TABLE public.escaped (a text DEFAULT E'it''s \\'; \\\\! COMMIT;', b text /* ; \\q /* */ ; */);

        """, at: end.lowerBound)
    try write(Data(harmless.utf8), "fine.sql")
    let (code, proof) = try migrate.json("backup verify \(folder)/fine.sql")
    #expect(code == 0, "\(proof.compact)")
  }
}
