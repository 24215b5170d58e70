import Foundation
import MigrationCore
import TestSupport
import Testing

/// Notifications are sent, and a migration never waits for them.
@Suite struct NotifyEndToEndTests {
  private func documents(_ hook: WebhookListener) throws -> [JSONValue] {
    try hook.bodies.map { try JSONValue.parse($0) }
  }

  private func events(_ hook: WebhookListener) throws -> [String] {
    try documents(hook).compactMap { $0["event"]?.textValue }
  }

  /// Nothing but the settings of notifications.
  private func bare(_ url: String?, timeout: String = "10s", retries: Int = 3) throws -> Migrate {
    var migrate = try Migrate()
    migrate.environment["NOTIFY_URL"] = url
    migrate.environment["NOTIFY_TIMEOUT"] = timeout
    migrate.environment["NOTIFY_RETRIES"] = "\(retries)"
    return migrate
  }

  @Test func aTrialArrivesOrSaysWhyNot() throws {
    let hook = try WebhookListener(.answer(200))
    let arrived = try bare(hook.url).json("notify test")
    #expect(arrived.exitCode == 0)
    #expect(arrived.document["delivered"] == true)
    #expect(try events(hook) == ["test"])
    #expect(hook.heads[0].hasPrefix("POST /hook/"))
    #expect(hook.heads[0].contains("Content-Type: application/json"))

    let nobody = try bare(nil)("notify test")
    #expect(nobody.exitCode == 3)
    #expect(nobody.errors.contains("NOTIFY_URL"))
    #expect(try bare("ftp://example.com/x")("notify test").exitCode == 3)
  }

  @Test func whatMayPassIsTriedAgainAndWhatMayNotIsNot() throws {
    let later = try WebhookListener(.answer(500), .close, .answer(204))
    #expect(try bare(later.url)("notify test").exitCode == 0)
    #expect(later.bodies.count == 3)
    #expect(Set(later.bodies).count == 1)

    let refused = try WebhookListener(.answer(404))
    let finished = try bare(refused.url).json("notify test")
    #expect(finished.exitCode == 1)
    #expect(finished.document["failures"]?.compact.contains("404") == true)
    #expect(refused.bodies.count == 1)

    // Nobody is followed to another address.
    let other = try WebhookListener(.answer(200))
    let redirect = try WebhookListener(.redirect(other.url))
    #expect(try bare(redirect.url)("notify test").exitCode == 1)
    #expect(other.bodies.isEmpty)

    let gone = try bare("http://127.0.0.1:\(freePort())/x", retries: 0)("notify test")
    #expect(gone.exitCode == 1)
    #expect(gone.errors.contains("could not deliver the notification test"))
  }

  @Test func withoutLibcurlItSaysSo() throws {
    let folder = try TemporaryFolder()
    try "no library".write(
      toFile: folder.path + "/libcurl.so.4", atomically: true, encoding: .utf8)
    let hook = try WebhookListener(.answer(200))
    var migrate = try bare(hook.url)
    migrate.environment["LD_LIBRARY_PATH"] = folder.path
    let finished = try migrate("notify test")
    #expect(finished.exitCode == 1)
    #expect(finished.errors.contains("libcurl is missing"))
    #expect(hook.bodies.isEmpty)
  }

  @Test func aCertificateThatNobodyVouchesForIsRefused() throws {
    let folder = try TemporaryFolder()
    let (key, certificate) = (folder.path + "/key", folder.path + "/certificate")
    try mustRun(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
        "-keyout", key, "-out", certificate,
      ])
    let server = try spawn(
      [
        "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert",
        certificate, "-www",
      ], [:], output: folder.path + "/output", errors: folder.path + "/errors")
    defer {
      kill(server, SIGKILL)
      _ = waitForEnd(of: server, until: .now + .seconds(5))
    }
    var port: Substring?
    try eventually("the server") {
      let told = try String(contentsOfFile: folder.path + "/output", encoding: .utf8)
      port = told.firstMatch(of: /ACCEPT 127\.0\.0\.1:([0-9]+)/)?.1
      return port != nil
    }
    let refused = try bare("https://localhost:\(try #require(port))/hook")("notify test")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("certificate"))
  }

  @Test func whoNeverAnswersIsGivenUp() throws {
    let silent = try WebhookListener(.silence)
    let begun = ContinuousClock.now
    let finished = try bare(silent.url, timeout: "500ms")("notify test")
    #expect(finished.exitCode == 1)
    #expect(ContinuousClock.now - begun < .seconds(30))
    // The address may be a secret.
    #expect(!(finished.output + finished.errors).contains("5ECRET"))
    let shown = try bare(silent.url)("config")
    #expect(shown.output.contains("NOTIFY_URL = ***"))
  }

  @Test func aCommandGetsTheSameOnItsInputAndNoSettings() throws {
    var migrate = try bare(nil, timeout: "5s", retries: 0)
    let file = migrate.folder.path + "/told"
    migrate.environment["NOTIFY_COMMAND"] =
      "{ cat; echo $NOTIFY_EVENT; env; } > \(file)"
    migrate.environment["DATABASE_PASSWORD"] = "hunter22"
    migrate.environment["STAGING_DATABASE_PASSWORD"] = "hunter23"
    #expect(try migrate("notify test").exitCode == 0)
    let told = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(try JSONValue.parse(String(told[0]))["event"] == "test")
    #expect(told[1] == "test")
    #expect(!told.contains { $0.contains("hunter") })
    #expect(told.contains { $0.hasPrefix("PATH=") })

    migrate.environment["NOTIFY_COMMAND"] = "echo no route >&2; exit 3"
    let failed = try migrate("notify test")
    #expect(failed.exitCode == 1)
    #expect(failed.errors.contains("no route"))
    migrate.environment["NOTIFY_COMMAND"] = "sleep 60"
    migrate.environment["NOTIFY_TIMEOUT"] = "300ms"
    #expect(try migrate("notify test", timeout: .seconds(20)).exitCode == 1)
  }

  @Test func aRunTellsItsWayAndItsEnd() throws {
    let hook = try WebhookListener(.answer(200))
    var fixture = try TriggersFixture(
      #"limits: { leastRows: 200 }, triggers: { errors: "rollback session", rollback: "on" }"#,
      faulty: 400)
    fixture.migrate.environment["NOTIFY_URL"] = hook.url
    fixture.migrate.environment["NOTIFY_EVENTS"] = "all"
    #expect(try fixture.migrate("run --parallel 1").exitCode == 6)
    #expect(try events(hook) == ["run-started", "table-done", "limit", "rollback"])
    let limit = try documents(hook)[2]
    #expect(limit["text"]?.textValue?.hasPrefix("shop: stopped, ERR_003: ") == true)
    #expect(limit["plan"] == "shop" && limit["session"] == 1)
    let password = try #require(URL(string: fixture.target.url)?.password)
    #expect(!hook.bodies.joined().contains(password))

    // Without a word on which, the steps of the way are omitted.
    fixture.migrate.environment["NOTIFY_EVENTS"] = nil
    try psql(fixture.source.url, "update old_items set name = 'mended' where name is null")
    #expect(try fixture.migrate("run").exitCode == 0)
    try psql(fixture.target.url, "update items set name = 'x' where id = 5")
    #expect(try fixture.migrate("validate --fingerprint").exitCode == 4)
    #expect(try fixture.migrate("rollback --table items --yes").exitCode == 0)
    try psql(fixture.source.url, "alter table old_items rename to elsewhere")
    #expect(try fixture.migrate("run").exitCode != 0)
    let told = try documents(hook).dropFirst(4)
    #expect(
      told.compactMap { $0["event"]?.textValue }
        == ["run-done", "validation-failed", "rollback", "run-failed"])
    #expect(told.last?["exitCode"] != nil)

    let emergency = try fixture.migrate("notify --emergency the shop is down")
    #expect(emergency.exitCode == 0)
    let last = try #require(try documents(hook).last)
    #expect(last["event"] == "emergency")
    #expect(last["text"]?.textValue?.hasPrefix("EMERGENCY: the shop is down: session 2") == true)
    #expect(last["tablesDone"] == 1 && last["tables"] == 2)
  }

  @Test func nobodyWhoAnswersChangesNothingOfARun() throws {
    let silent = try WebhookListener(.silence)
    var fixture = try TriggersFixture(#"limits: { leastRows: 200 }"#)
    fixture.migrate.environment["NOTIFY_URL"] = silent.url
    fixture.migrate.environment["NOTIFY_EVENTS"] = "all"
    fixture.migrate.environment["NOTIFY_TIMEOUT"] = "500ms"
    let (exitCode, report) = try fixture.migrate.json("run")
    #expect(exitCode == 0)
    #expect(report["ending"] == "completed")
    let failures = try fixture.logged("notifyFailed")
    #expect(failures.count >= 4)
    #expect(failures.contains { $0["notification"] == "run-done" })
    let told = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(told.exitCode == 0)
    #expect(told.errors.contains("could not deliver the notification run-done"))
  }
}
