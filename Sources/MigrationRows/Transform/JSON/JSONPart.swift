/// Finds and takes parts of JSON text.
enum JSONPart {
  /// Follows a path into JSON, or into a text that may be JSON.
  static func find(
    in value: Slot, path: UnsafeBufferPointer<Slot>, in arena: inout Arena
  ) -> Slot {
    if value.kind == .text,
      let problem = JSONScan.problem(value.start, value.length), problem != .nulByte
    {
      return .failed(problem)
    }
    return find(value, path: path, in: &arena)
  }

  /// Follows a path of keys, or numbers from zero in arrays; null if there is nothing.
  ///
  /// What a path can't lead through is a failure, as in documents. Of a key that comes twice the last
  /// counts, as in jsonb.
  private static func find(
    _ json: Slot, path: UnsafeBufferPointer<Slot>, in arena: inout Arena
  ) -> Slot {
    var scan = JSONScan(json.start, json.length)
    scan.skipBlanks()
    for step in path {
      switch scan.current {
      case UInt8(ascii: "{"): guard enter(&scan, key: step, in: &arena) else { return .null }
      case UInt8(ascii: "["):
        guard let number = BSONPart.index(step) else { return withoutNumber(&scan) }
        guard enter(&scan, index: number) else { return .null }
      case UInt8(ascii: "n"): return .null
      default: return .failed(.notJSON)
      }
    }
    var part = take(&scan, isChecked: json.kind == .jsonb, in: &arena)
    if part.kind == .jsonb { part.tag = json.tag }
    return part
  }

  private static func enter(_ scan: inout JSONScan, key: Slot, in arena: inout Arena) -> Bool {
    scan.offset += 1
    var found = -1
    scan.skipBlanks()
    while scan.current == UInt8(ascii: "\"") {
      let text = takeString(&scan, in: &arena)
      scan.skipBlanks()
      guard text.kind == .text, scan.takes(UInt8(ascii: ":")) else { return false }
      scan.skipBlanks()
      if text.count == key.count, text.start.equals(key.start, key.length) { found = scan.offset }
      guard scan.skipValue(depth: 0) else { return false }
      scan.skipBlanks()
      guard scan.takes(UInt8(ascii: ",")) else { break }
      scan.skipBlanks()
    }
    scan.offset = max(found, 0)
    return found >= 0
  }

  /// What a key that is no number finds in an array: nothing if the array is empty.
  private static func withoutNumber(_ scan: inout JSONScan) -> Slot {
    scan.offset += 1
    scan.skipBlanks()
    return scan.current == UInt8(ascii: "]") ? .null : .failed(.pathIntoArray)
  }

  private static func enter(_ scan: inout JSONScan, index number: Int) -> Bool {
    var index = number
    scan.offset += 1
    scan.skipBlanks()
    guard scan.current != UInt8(ascii: "]") else { return false }
    while index > 0 {
      guard scan.skipValue(depth: 0) else { return false }
      scan.skipBlanks()
      guard scan.takes(UInt8(ascii: ",")) else { return false }
      scan.skipBlanks()
      index -= 1
    }
    return true
  }

  /// Takes the next value of the scan: texts and numbers as such, the rest as JSON.
  static func take(_ scan: inout JSONScan, isChecked: Bool, in arena: inout Arena) -> Slot {
    let first = scan.offset
    if scan.current == UInt8(ascii: "\"") { return takeString(&scan, in: &arena) }
    guard scan.skipValue(depth: 0) else { return .failed(.notJSON) }
    let (start, count) = (scan.start + first, scan.offset - first)
    switch start.byte(0) {
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"): return .bool(true)
    case UInt8(ascii: "f"): return .bool(false)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return Slot(isChecked ? .jsonb : .json, start, count)
    default: return NumericMaker.make(start, count, in: &arena)
    }
  }

  /// Takes a string without its quotes and escapes.
  static func takeString(_ scan: inout JSONScan, in arena: inout Arena) -> Slot {
    let first = scan.offset
    guard scan.skipString() else { return .failed(.notJSON) }
    let (start, count) = (scan.start + first + 1, scan.offset - first - 2)
    for offset in 0..<count where start.byte(offset) == UInt8(ascii: "\\") {
      return unescape(start, count, in: &arena)
    }
    return Slot(.text, start, count)
  }

  private static func unescape(
    _ start: UnsafeRawPointer, _ length: Int, in arena: inout Arena
  ) -> Slot {
    let place = arena.reserve(length)
    var scan = JSONScan(start, length)
    var count = 0
    while scan.offset < length {
      let byte = scan.current
      scan.offset += 1
      guard byte == UInt8(ascii: "\\") else {
        place.put(byte, count)
        count += 1
        continue
      }
      let letter = scan.current
      scan.offset += 1
      if letter == UInt8(ascii: "u") {
        count += putScalar(&scan, to: place + count)
      } else {
        place.put(plain(letter), count)
        count += 1
      }
    }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }

  /// Writes the character of an escape that `skipString` has let pass.
  static func putScalar(
    _ scan: inout JSONScan, to place: UnsafeMutableRawPointer
  ) -> Int {
    var value = scan.takeHex() ?? 0
    if value & 0xFC00 == 0xD800 {
      scan.offset += 2
      let low = (scan.takeHex() ?? 0) & 0x3FF
      value = 0x10000 + ((value & 0x3FF) << 10 | low)
    }
    guard let scalar = Unicode.Scalar(value), let bytes = UTF8.encode(scalar) else { return 0 }
    var count = 0
    for byte in bytes {
      place.put(byte, count)
      count += 1
    }
    return count
  }
}
