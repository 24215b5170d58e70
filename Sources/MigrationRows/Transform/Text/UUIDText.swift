import MigrationBasics

/// Uuids as text.
package enum UUIDText {
  package static var count: Int { 36 }

  /// Writes 16 bytes in groups of 8, 4, 4, 4 and 12 digits.
  package static func write(_ bytes: UnsafeRawPointer, to place: UnsafeMutableRawPointer) {
    var offset = 0
    for index in 0..<16 {
      if index == 4 || index == 6 || index == 8 || index == 10 {
        place.put(UInt8(ascii: "-"), offset)
        offset += 1
      }
      ASCII.writeHex(bytes + index, 1, to: place + offset)
      offset += 2
    }
  }

  /// Reads the usual form, with or without hyphens and braces; nil for anything else.
  package static func read(
    _ start: UnsafeRawPointer, _ count: Int, in arena: inout Arena
  ) -> UnsafeRawPointer? {
    let hasBraces = count >= 2 && start.byte(0) == 0x7B && start.byte(count - 1) == 0x7D
    let (text, length) = hasBraces ? (start + 1, count - 2) : (start, count)
    guard length == 36 || length == 32 else { return nil }
    let place = arena.reserve(16)
    var offset = 0
    for index in 0..<16 {
      if length == 36, index == 4 || index == 6 || index == 8 || index == 10 {
        guard text.byte(offset) == UInt8(ascii: "-") else { return nil }
        offset += 1
      }
      guard let high = ASCII.hexValue(text.byte(offset)),
        let low = ASCII.hexValue(text.byte(offset + 1))
      else { return nil }
      place.put(high << 4 | low, index)
      offset += 2
    }
    arena.take(16)
    return UnsafeRawPointer(place)
  }

  /// Makes the version 5 uuid of a name in a namespace (RFC 9562), as `uuid_generate_v5` does.
  static func versionFive(
    namespace: UnsafeRawPointer, _ name: UnsafeRawPointer, _ count: Int, in arena: inout Arena
  ) -> UnsafeRawPointer {
    let place = arena.reserve(20)
    var digest = SHA1()
    digest.update(namespace, 16)
    digest.update(name, count)
    digest.finish(to: place)
    place.put(UnsafeRawPointer(place).byte(6) & 0x0F | 0x50, 6)
    place.put(UnsafeRawPointer(place).byte(8) & 0x3F | 0x80, 8)
    arena.take(16)
    return UnsafeRawPointer(place)
  }
}

/// The uuids that represent the ids of an entity that has none of its own.
///
/// An operator can make the same ones in SQL with the extension `uuid-ossp`:
/// `uuid_generate_v5(uuid_generate_v5(uuid_ns_url(), 'migrate:' || entity), id::text)`.
package enum EntityIdentity {
  /// Namespace of URLs in RFC 9562.
  static let urlNamespace: [UInt8] = [
    0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
  ]

  /// Returns the 16 bytes of an entity's namespace.
  package static func namespace(of entity: String) -> [UInt8] {
    versionFive(namespace: urlNamespace, "migrate:" + entity)
  }

  /// Returns the uuid of a legacy id, as text.
  package static func uuid(of id: String, entity: String) -> String {
    let bytes = versionFive(namespace: namespace(of: entity), id)
    return withUnsafeTemporaryAllocation(byteCount: UUIDText.count, alignment: 1) { space in
      guard let place = space.baseAddress else { return "" }
      bytes.withUnsafeBytes { uuid in
        if let start = uuid.baseAddress { UUIDText.write(start, to: place) }
      }
      return String(decoding: space, as: UTF8.self)
    }
  }

  private static func versionFive(namespace: [UInt8], _ name: String) -> [UInt8] {
    var arena = Arena(capacity: 64)
    defer { arena.free() }
    return (Array(name.utf8) + [0]).withUnsafeBytes { name in
      namespace.withUnsafeBytes { namespace in
        guard let start = name.baseAddress, let space = namespace.baseAddress else { return [] }
        let uuid = UUIDText.versionFive(
          namespace: space, start, name.count - 1, in: &arena)
        return Array(UnsafeRawBufferPointer(start: uuid, count: 16))
      }
    }
  }
}
