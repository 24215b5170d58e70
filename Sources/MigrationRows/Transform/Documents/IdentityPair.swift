/// An ObjectId and the uuid that represents it, one found from the other.
package struct IdentityPair: Sendable, Hashable {
  /// The 24 digits of the ObjectId.
  package let objectID: String
  package let uuid: String
  /// The second since 1970 in which the ObjectId was made.
  package let seconds: Int

  /// Reads either; nil for anything else, and for a uuid that was not made of an ObjectId.
  package init?(_ text: String) {
    var arena = Arena(capacity: 256)
    defer { arena.free() }
    let bytes = Array(text.utf8) + [0]
    let found = bytes.withUnsafeBytes { space -> (id: [UInt8], uuid: [UInt8])? in
      guard let start = space.baseAddress else { return nil }
      let slot = Slot(.text, start, bytes.count - 1)
      if let id = ObjectIDUUID.read(slot, in: &arena) {
        let uuid = ObjectIDUUID.make(id, in: &arena)
        return (Self.bytes(id, 12), Self.bytes(uuid.start, 16))
      }
      guard let uuid = UUIDText.read(slot.start, slot.length, in: &arena),
        let id = ObjectIDUUID.id(of: Self.bytes(uuid, 16))
      else { return nil }
      return (id, Self.bytes(uuid, 16))
    }
    guard let found else { return nil }
    objectID = Self.text(.objectID, found.id)
    uuid = Self.text(.uuid, found.uuid)
    seconds = found.id.prefix(4).reduce(0) { $0 << 8 | Int($1) }
  }

  private static func bytes(_ start: UnsafeRawPointer, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  private static func text(_ kind: SlotKind, _ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { space in
      space.baseAddress.flatMap { TextForm.string(Slot(kind, $0, space.count)) } ?? ""
    }
  }
}
