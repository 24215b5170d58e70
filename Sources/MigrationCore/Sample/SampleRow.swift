/// Writes rows in COPY's text format.
///
/// The words of the samples hold no tab, line end or backslash, so nothing needs escaping.
struct SampleRow {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  init() { bytes.reserveCapacity(1 << 20) }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func endRow() {
    bytes.append(UInt8(ascii: "\n"))
    isFirst = true
  }

  /// Begins a value that is put together with `put`.
  mutating func begin() {
    if !isFirst { bytes.append(UInt8(ascii: "\t")) }
    isFirst = false
  }

  mutating func null() { begin(); put("\\N") }

  mutating func null(_ count: Int) { for _ in 0..<count { null() } }

  mutating func text(_ text: String?) {
    begin()
    put(text ?? "\\N")
  }

  mutating func int(_ number: Int) { begin(); put(number) }

  mutating func bool(_ value: Bool) { text(value ? "t" : "f") }

  mutating func key(_ key: SampleKey) { begin(); put(key) }

  /// Writes an amount that is given in hundredths.
  mutating func amount(_ hundredths: Int) { begin(); put(amount: hundredths) }

  /// Writes a date in days since 1970-01-01.
  mutating func date(_ days: Int) { begin(); put(date: days) }

  /// Writes a time in seconds since 1970-01-01.
  mutating func timestamp(_ seconds: Int) {
    begin()
    put(date: seconds / 86_400)
    put(" ")
    let second = seconds % 86_400
    for (index, part) in [second / 3600, second / 60 % 60, second % 60].enumerated() {
      if index > 0 { put(":") }
      put(part, digits: 2)
    }
  }

  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func put(_ number: Int, digits: Int = 1) {
    if number < 0 { put("-") }
    var rest = number.magnitude
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0 || bytes.count - start < digits
    bytes[start...].reverse()
  }

  mutating func put(amount hundredths: Int) {
    if hundredths < 0 { put("-") }
    put(abs(hundredths) / 100)
    put(".")
    put(abs(hundredths) % 100, digits: 2)
  }

  mutating func put(_ key: SampleKey) {
    switch key {
    case .number(let number): put(number)
    case .padded(let number): put(number, digits: 7)
    case .uuid(let high, let low):
      put(hex: high >> 32, digits: 8)
      for (word, shift) in [(high, 16), (high, 0), (low, 48)] as [(UInt64, UInt64)] {
        put("-")
        put(hex: word >> shift, digits: 4)
      }
      put("-")
      put(hex: low, digits: 12)
    }
  }

  private mutating func put(hex value: UInt64, digits: Int) {
    for place in stride(from: digits - 1, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(place * 4)) & 15
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  /// The Gregorian calendar by eras of 400 years, counted from 1 March of year 0.
  private mutating func put(date days: Int) {
    let shifted = days + 719_468
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    put(yearOfEra + shifted / 146_097 * 400 + (month <= 2 ? 1 : 0), digits: 4)
    put("-")
    put(month, digits: 2)
    put("-")
    put(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, digits: 2)
  }
}

extension SampleKey: CustomStringConvertible {
  var description: String {
    var row = SampleRow()
    row.put(self)
    return String(decoding: row.bytes, as: UTF8.self)
  }
}
