import MigrationBasics

/// Changes of text; each works on a text slot and makes another.
enum TextSteps {
  static func trim(_ text: Slot) -> Slot {
    var (first, end) = (0, text.length)
    let start = text.start
    while first < end, ASCII.isBlank(start.byte(first)) { first += 1 }
    while end > first, ASCII.isBlank(start.byte(end - 1)) { end -= 1 }
    return Slot(.text, start + first, end - first)
  }

  /// Trims, and makes one space of every run of blanks.
  static func collapseBlanks(_ text: Slot, in arena: inout Arena) -> Slot {
    let trimmed = trim(text)
    let start = trimmed.start
    let place = arena.reserve(trimmed.length)
    var count = 0
    var afterBlank = false
    for offset in 0..<trimmed.length {
      let byte = start.byte(offset)
      let isBlank = ASCII.isBlank(byte)
      if isBlank, afterBlank { continue }
      place.put(isBlank ? 0x20 : byte, count)
      (count, afterBlank) = (count + 1, isBlank)
    }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  static func changeCase(_ text: Slot, upper: Bool, in arena: inout Arena) -> Slot {
    let start = text.start
    let place = arena.reserve(text.length)
    for offset in 0..<text.length {
      let byte = start.byte(offset)
      // Beyond ASCII a character's other case may be longer; that is for the slow path.
      if byte >= 0x80 { return changeWideCase(text, upper: upper, in: &arena) }
      place.put(upper ? ASCII.upper(byte) : ASCII.lower(byte), offset)
    }
    arena.take(text.length)
    return Slot(.text, UnsafeRawPointer(place), text.length)
  }

  @inline(never)
  private static func changeWideCase(_ text: Slot, upper: Bool, in arena: inout Arena) -> Slot {
    guard TextScan.isUTF8(text.start, text.length) else { return text }
    // No character's case mapping has more than three code points, and none of those more than
    // four bytes; the shortest that grows has two bytes.
    let place = arena.reserve(text.length * 6)
    let bytes = UnsafeRawBufferPointer(start: text.start, count: text.length)
    var decoder = UTF8()
    var source = bytes.makeIterator()
    var count = 0
    while case .scalarValue(let scalar) = decoder.decode(&source) {
      let properties = scalar.properties
      for byte in (upper ? properties.uppercaseMapping : properties.lowercaseMapping).utf8 {
        place.put(byte, count)
        count += 1
      }
    }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  /// Cuts text to a number of characters.
  static func truncate(_ text: Slot, characters: Int) -> Slot {
    Slot(.text, text.start, TextScan.prefix(text.start, text.length, characters: characters))
  }

  /// Puts a star in the place of every character but the last ones.
  static func mask(_ text: Slot, keepLast: Int, in arena: inout Arena) -> Slot {
    let start = text.start
    let characters = TextScan.characters(start, text.length)
    // Of a text that is no longer than what may be seen, nothing is shown.
    let shown = characters > keepLast ? keepLast : 0
    let hidden = characters - shown
    let kept = TextScan.prefix(start, text.length, characters: hidden)
    let count = hidden + text.length - kept
    let place = arena.reserve(count)
    for offset in 0..<hidden { place.put(UInt8(ascii: "*"), offset) }
    (place + hidden).copyMemory(from: start + kept, byteCount: text.length - kept)
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  /// Removes NUL bytes, or puts U+FFFD in their place.
  static func withoutNUL(_ text: Slot, replace: Bool, in arena: inout Arena) -> Slot {
    let start = text.start
    var found = 0
    for offset in 0..<text.length where start.byte(offset) == 0 { found += 1 }
    guard found > 0 else { return text }
    let place = arena.reserve(text.length + 2 * found)
    var count = 0
    for offset in 0..<text.length {
      let byte = start.byte(offset)
      if byte != 0 {
        place.put(byte, count)
        count += 1
      } else if replace {
        place.put("\u{FFFD}", count)
        count += 3
      }
    }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }
}
