import Glibc

/// Reads the system's compiled time zone files (TZif, RFC 8536).
package enum TimeZoneFile {
  /// The years for which a zone's standing rule is written out.
  private static let lastYear = 2200

  /// Reads a zone by its name, such as `Europe/Prague`; nil if there is none.
  package static func load(_ name: String, folder: String = "/usr/share/zoneinfo") -> TimeZoneTable?
  {
    if name == "UTC" || name == "Etc/UTC" || name == "Z" { return .utc }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    // A zone's name must not lead out of the folder.
    guard parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }), !name.utf8.contains(0),
      let bytes = read(folder + "/" + name)
    else { return nil }
    return parse(bytes)
  }

  private static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 256 * 1024)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { space in
        Glibc.read(file, space.baseAddress.map { $0 + count }, space.count - count)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { return nil }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }

  /// The numbers of a header: how many of each thing the block behind it has.
  private struct Header {
    static let size = 44
    let (utcFlags, standardFlags, leaps, transitions, types, letters):
      (Int, Int, Int, Int, Int, Int)

    init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count >= Self.size, bytes.prefix(4).elementsEqual("TZif".utf8) else { return nil }
      let at = bytes.startIndex + 20
      func number(_ index: Int) -> Int { TimeZoneFile.integer(bytes, at + 4 * index, 4) }
      (utcFlags, standardFlags, leaps) = (number(0), number(1), number(2))
      (transitions, types, letters) = (number(3), number(4), number(5))
    }

    func size(timeSize: Int) -> Int {
      Self.size + transitions * (timeSize + 1) + types * 6 + letters + leaps * (timeSize + 4)
        + standardFlags + utcFlags
    }
  }

  package static func parse(_ bytes: [UInt8]) -> TimeZoneTable? {
    // The first block has 32-bit times for old readers; the second one everything.
    guard let old = Header(bytes[...]), bytes[4] >= UInt8(ascii: "2") else { return nil }
    let rest = bytes.dropFirst(old.size(timeSize: 4))
    guard let header = Header(rest), header.types > 0 else { return nil }
    let size = header.size(timeSize: 8)
    guard rest.count >= size else { return nil }
    let times = rest.startIndex + Header.size
    let indexes = times + 8 * header.transitions
    let types = indexes + header.transitions
    func offset(_ type: Int) -> Int64 { Int64(integer(rest, types + 6 * type, 4)) }
    var transitions = [TimeZoneTable.Transition(instant: .min, offset: offset(0))]
    for index in 0..<header.transitions {
      let type = Int(rest[indexes + index])
      guard type < header.types else { return nil }
      let instant = Int64(integer(rest, times + 8 * index, 8))
      transitions.append(.init(instant: instant, offset: offset(type)))
    }
    appendRule(rest.dropFirst(size), to: &transitions)
    return TimeZoneTable(transitions: transitions)
  }

  /// Writes out the rule in the file's last line for the years behind its last transition.
  private static func appendRule(
    _ footer: ArraySlice<UInt8>, to transitions: inout [TimeZoneTable.Transition]
  ) {
    let line = footer.dropFirst().prefix { $0 != UInt8(ascii: "\n") }
    guard let rule = PosixTimeZone(Array(line)) else { return }
    let last = transitions[transitions.count - 1].instant
    for year in 1970...lastYear {
      transitions += rule.transitions(in: year).filter { $0.instant > last }
    }
  }

  /// Reads a signed big-endian integer.
  private static func integer(_ bytes: ArraySlice<UInt8>, _ start: Int, _ size: Int) -> Int {
    var value = Int(Int8(bitPattern: bytes[start]))
    for index in 1..<size { value = value << 8 | Int(bytes[start + index]) }
    return value
  }
}
