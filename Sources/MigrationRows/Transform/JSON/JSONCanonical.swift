import Glibc

/// Writes JSON as PostgreSQL shows a jsonb: one blank behind commas and colons, keys in the order of
/// their length and bytes, of keys that come twice the last, numbers without exponents, and no
/// escapes but those that must be.
///
/// So what is sent is what is stored, and equal values are equal bytes. The memory stays for the next
/// value: once it has grown, nothing is allocated.
package struct JSONCanonical {
  package private(set) var base: UnsafeMutableRawPointer
  private var capacity = 4096
  package private(set) var count = 0
  /// The members of the objects that are being written, the innermost last.
  package var members = JSONMembers()

  init() { base = .allocate(byteCount: capacity, alignment: 16) }

  /// Frees everything; nothing can be written afterwards.
  package mutating func free() {
    base.deallocate()
    members.free()
  }

  /// Writes proper JSON, and lends the result until the next call.
  package mutating func write(_ start: UnsafeRawPointer, _ length: Int) -> UnsafeRawBufferPointer {
    count = 0
    members.count = 0
    reserve(length + 16)
    var scan = JSONScan(start, length)
    scan.skipBlanks()
    writeValue(&scan)
    return UnsafeRawBufferPointer(start: base, count: count)
  }

  private mutating func writeValue(_ scan: inout JSONScan) {
    switch scan.current {
    case UInt8(ascii: "\""): _ = writeString(&scan)
    case UInt8(ascii: "{"): writeObject(&scan)
    case UInt8(ascii: "["): writeArray(&scan)
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      let first = scan.offset
      _ = scan.skipValue(depth: 0)
      append(scan.start + first, scan.offset - first)
    default: writeNumber(&scan)
    }
  }

  private mutating func writeArray(_ scan: inout JSONScan) {
    scan.offset += 1
    put(UInt8(ascii: "["))
    scan.skipBlanks()
    if scan.current != UInt8(ascii: "]") {
      writeValue(&scan)
      while scan.takesComma() {
        putSeparator(UInt8(ascii: ","))
        writeValue(&scan)
      }
    }
    _ = scan.takes(UInt8(ascii: "]"))
    put(UInt8(ascii: "]"))
  }

  private mutating func writeObject(_ scan: inout JSONScan) {
    scan.offset += 1
    put(UInt8(ascii: "{"))
    let (start, first) = (count, members.count)
    scan.skipBlanks()
    var isInOrder = true
    if scan.current == UInt8(ascii: "\"") {
      repeat {
        if count > start { putSeparator(UInt8(ascii: ",")) }
        var member = JSONMembers.Member(start: count)
        (member.keyLength, member.hasEscapes) = writeString(&scan)
        scan.skipBlanks()
        _ = scan.takes(UInt8(ascii: ":"))
        scan.skipBlanks()
        putSeparator(UInt8(ascii: ":"))
        writeValue(&scan)
        member.end = count
        members.append(member)
        isInOrder = isInOrder && members.lastIsInOrder(from: first, base)
      } while scan.takesComma() && scan.current == UInt8(ascii: "\"")
    }
    _ = scan.takes(UInt8(ascii: "}"))
    if !isInOrder { putInOrder(start, from: first) }
    members.count = first
    put(UInt8(ascii: "}"))
  }

  /// Writes the members of an object once more, in their final form, and moves them to their place.
  private mutating func putInOrder(_ start: Int, from first: Int) {
    let end = count
    reserve(end - start)
    members.sort(from: first, base)
    for index in first..<members.count where !members.isRepeated(index, base) {
      if count > end { putSeparator(UInt8(ascii: ",")) }
      let member = members[index]
      append(UnsafeRawPointer(base + member.start), member.end - member.start)
    }
    memmove(base + start, base + end, count - end)
    count = start + count - end
  }

  // MARK: Bytes

  /// Makes space for a number of bytes more.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if count &+ more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
  }

  @inline(__always)
  package mutating func put(_ byte: UInt8) {
    reserve(1)
    base.put(byte, count)
    count &+= 1
  }

  @inline(__always)
  private mutating func putSeparator(_ byte: UInt8) {
    put(byte)
    put(UInt8(ascii: " "))
  }

  /// Appends bytes, which may lie in this memory if there is space enough already.
  package mutating func append(_ bytes: UnsafeRawPointer, _ length: Int) {
    reserve(length)
    (base + count).copyMemory(from: bytes, byteCount: length)
    count &+= length
  }

  /// Takes bytes over that were written behind the end, where space was made.
  package mutating func took(_ more: Int) { count &+= more }
}

extension JSONScan {
  /// Steps over a comma and the blanks around it.
  fileprivate mutating func takesComma() -> Bool {
    skipBlanks()
    guard takes(UInt8(ascii: ",")) else { return false }
    skipBlanks()
    return true
  }
}
