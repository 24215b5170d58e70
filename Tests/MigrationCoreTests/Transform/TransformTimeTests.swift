import Foundation
import Testing

@testable import MigrationRows

@Suite struct TransformTimeTests {
  private func show(_ slot: Slot) -> String { TextForm.string(slot) ?? "null" }

  private func read(_ text: String) -> Slot {
    (Array(text.utf8) + [0]).withUnsafeBytes {
      TimeReader.read($0.baseAddress.unsafelyUnwrapped, $0.count - 1)
    }
  }

  @Test func daysCountBothWays() {
    for days in stride(from: -2_451_545, through: 3_000_000, by: 97) {
      let date = CivilDate(days: days)
      #expect(date.isValid)
      #expect(date.days == days)
    }
    #expect(CivilDate(year: 2000, month: 1, day: 1).days == 0)
    #expect(CivilDate(year: 1970, month: 1, day: 1).days == -10_957)
    #expect(CivilDate(year: -4713, month: 11, day: 24).days == -2_451_545)
    #expect(CivilDate(days: -2_451_545) == CivilDate(year: -4713, month: 11, day: 24))
  }

  @Test(arguments: [
    "2024-05-01", "0001-01-01", "0044-03-15 BC", "12345-01-01", "2024-05-01 12:30:00",
    "2024-05-01 12:30:00.5", "1999-12-31 23:59:59.999999", "2024-05-01 12:30:00+00",
    "4713-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "infinity", "-infinity",
    "2024-02-29",
  ])
  func momentsAreReadAndShown(_ text: String) { #expect(show(read(text)) == text) }

  @Test(arguments: [
    ("2024-05-01T12:30", "2024-05-01 12:30:00"), ("2024-05-01T12:30:00Z", "2024-05-01 12:30:00+00"),
    ("2024-05-01 12:30:00+02:00", "2024-05-01 10:30:00+00"),
    ("2024-05-01 00:30-0530", "2024-05-01 06:00:00+00"),
    ("2024-05-01 12:30:00.1234560", "2024-05-01 12:30:00.123456"),
    ("2024-05-01 24:00:00", "2024-05-02 00:00:00"),
  ])
  func otherWaysToWriteThem(_ text: String, _ shown: String) {
    #expect(show(read(text)) == shown)
  }

  @Test(arguments: [
    "", "2024", "2024-5-1", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-05-01 ",
    " 2024-05-01", "2024-05-01 25:00", "2024-05-01 12:60", "2024-05-01 12:30:00.1234567",
    "2024-05-01T", "2024-05-01 12:30 CET", "01.05.2024", "2024-05-01 12:30:00+", "now",
    "0000-01-01", "2024-05-01 24:00:01", "20240501",
  ])
  func whatIsNoDateIsRefused(_ text: String) { #expect(show(read(text)) == "notADate") }

  @Test func limitsOfTheCalendar() {
    #expect(show(read("4714-01-01 BC")) == "outOfRange")
    #expect(show(read("294277-01-01 00:00")) == "outOfRange")
    #expect(show(read("294277-01-01")) == "294277-01-01")
    #expect(show(read("5874898-01-01")) == "outOfRange")
  }

  /// Asks the system's own time zone code.
  private func systemOffset(_ zone: TimeZone, _ unix: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(unix))))
  }

  @Test(arguments: [
    "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
    "America/Sao_Paulo", "Pacific/Apia", "Europe/Dublin",
  ])
  func offsetsAgreeWithFoundation(_ name: String) throws {
    let table = try #require(TimeZoneFile.load(name))
    let zone = try #require(TimeZone(identifier: name))
    table.transitions.withUnsafeBufferPointer { transitions in
      // Every 37 hours from 1972 on, for 70 years; past 2037 the zone's rule must continue.
      for unix in stride(from: Int64(63_072_000), to: 2_272_147_200, by: 37 * 3600 + 11) {
        let offset = TimeZoneTable.offset(at: unix, transitions)
        #expect(offset == systemOffset(zone, unix), "\(name) at \(unix)")
      }
    }
  }

  @Test func localTimesAtTheChangeOfClocks() throws {
    func moment(_ text: String, _ zone: String = "Europe/Prague") throws -> Outcome {
      try transform(
        Wire.text(text), Types.text, to: Types.text,
        .step(
          .source(["v"]),
          .date(formats: ["yyyy-MM-dd HH:mm:ss"], timeZone: zone, .quarantine)))
    }
    #expect(try moment("2024-01-15 12:00:00") == .text("2024-01-15 11:00:00+00"))
    #expect(try moment("2024-07-15 12:00:00") == .text("2024-07-15 10:00:00+00"))
    // 02:00 became 03:00 on 2024-03-31: 02:30 never was.
    #expect(try moment("2024-03-31 01:59:59") == .text("2024-03-31 00:59:59+00"))
    #expect(try moment("2024-03-31 02:30:00") == .text("2024-03-31 01:30:00+00"))
    #expect(try moment("2024-03-31 03:00:00") == .text("2024-03-31 01:00:00+00"))
    // 03:00 became 02:00 on 2024-10-27: 02:30 was twice, and the first counts.
    #expect(try moment("2024-10-27 02:30:00") == .text("2024-10-27 00:30:00+00"))
    #expect(try moment("2024-10-27 02:59:59") == .text("2024-10-27 00:59:59+00"))
    #expect(try moment("2024-10-27 03:00:00") == .text("2024-10-27 02:00:00+00"))
    #expect(try moment("2090-07-15 12:00:00") == .text("2090-07-15 10:00:00+00"))
    #expect(
      try moment("2024-01-15 12:00:00", "America/New_York") == .text("2024-01-15 17:00:00+00"))
  }

  @Test func everyLocalTimeComesBack() throws {
    let table = try #require(TimeZoneFile.load("America/New_York"))
    table.transitions.withUnsafeBufferPointer { transitions in
      let words = UnsafeMutablePointer<LookupView>.allocate(capacity: 1)
      defer { words.deallocate() }
      let converter = Converter(zone: transitions, words: UnsafePointer(words))
      for hour in stride(from: Int64(0), to: 24 * 366, by: 1) {
        let utc = Slot(.timestamptz, hour * 3_600_000_000 + 7)
        let local = converter.timestamp(utc)
        let back = converter.timestamptz(local)
        // The hour that comes twice is read as its first.
        #expect(back.number == utc.number || back.number == utc.number - 3_600_000_000)
        #expect(converter.timestamp(back).number == local.number)
      }
    }
  }

  @Test func zonesThatAreNone() {
    #expect(TimeZoneFile.load("Europe/Nowhere") == nil)
    #expect(TimeZoneFile.load("../../../etc/passwd") == nil)
    #expect(TimeZoneFile.load("") == nil)
    #expect(TimeZoneFile.load("tzdata.zi") == nil)
    #expect(TimeZoneFile.load("UTC")?.isFixed == true)
  }

  @Test func rulesOfPosix() throws {
    let rule = try #require(PosixTimeZone(Array("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0".utf8)))
    let changes = rule.transitions(in: 2024)
    #expect(changes.map(\.offset) == [37_800, 39_600])
    #expect(PosixTimeZone(Array("JST-9".utf8))?.transitions(in: 2024).isEmpty == true)
    #expect(PosixTimeZone(Array("".utf8)) == nil)
    let julian = try #require(PosixTimeZone(Array("AAA0BBB,J60/0,300".utf8)))
    let march = Int64(CivilDate(year: 2024, month: 3, day: 1).days + 10_957) * 86_400
    #expect(julian.transitions(in: 2024).first?.instant == march)
  }
}
