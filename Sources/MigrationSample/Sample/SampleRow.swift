import MigrationRows
import Postgres

/// Writes rows in COPY's text format.
///
/// The words of the samples hold no tab, line end or backslash, so nothing needs escaping.
struct SampleRow {
  let buffer: CopyBuffer
  private var isFirst = true

  init(flushThreshold: Int = 500_000) { buffer = CopyBuffer(flushThreshold: flushThreshold) }

  mutating func endRow() {
    buffer.append(UInt8(ascii: "\n"))
    isFirst = true
  }

  /// Begins a value that is put together with `put`.
  mutating func begin() {
    if !isFirst { buffer.append(UInt8(ascii: "\t")) }
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
    put(second / 3600, digits: 2)
    put(":")
    put(second / 60 % 60, digits: 2)
    put(":")
    put(second % 60, digits: 2)
  }

  func put(_ text: String) { buffer.append(text) }

  func put(_ number: Int, digits: Int = 1) {
    if number < 0 { put("-") }
    withUnsafeTemporaryAllocation(byteCount: 24, alignment: 1) { space in
      var (rest, first) = (number.magnitude, space.count)
      repeat {
        first -= 1
        space[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0 || space.count - first < digits
      buffer.append(UnsafeRawBufferPointer(rebasing: space[first...]))
    }
  }

  func put(amount hundredths: Int) {
    if hundredths < 0 { put("-") }
    put(abs(hundredths) / 100)
    put(".")
    put(abs(hundredths) % 100, digits: 2)
  }

  func put(_ key: SampleKey) {
    switch key {
    case .number(let number): put(number)
    case .padded(let number): put(number, digits: 7)
    case .uuid(let high, let low):
      withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes in
        guard let start = bytes.baseAddress else { return }
        withUnsafeTemporaryAllocation(byteCount: UUIDText.count, alignment: 1) { space in
          guard let place = space.baseAddress else { return }
          UUIDText.write(start, to: place)
          buffer.append(UnsafeRawBufferPointer(space))
        }
      }
    }
  }

  /// The Gregorian calendar by eras of 400 years, counted from 1 March of year 0.
  private func put(date days: Int) {
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
    let row = SampleRow(flushThreshold: 64)
    row.put(self)
    return row.buffer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
