import Glibc
import MigrationBasics

/// Makes values of one kind into values of a target column's type, exactly or not at all.
///
/// The results of `convert` have the kind that belongs to the type's form (`WireForm.kind`), are
/// null, or are `failed` with the reason why the value can't be held exactly.
struct Converter {
  /// The zone of times that name none.
  let zone: UnsafeBufferPointer<TimeZoneTable.Transition>
  let words: UnsafePointer<LookupView>
  /// Whether texts are put into JSON as texts, as those of documents are, and not read as JSON.
  var keepsTexts = false
  /// Brings JSON into the server's spelling; nil if values are compared and not written.
  var canonical: UnsafeMutablePointer<JSONCanonical>?

  @inline(__always)
  func convert(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    if slot.kind == .null || slot.kind == .failed { return slot }
    switch type.form {
    case .text:
      if slot.kind == .text { return checkText(slot, type) }
    case .jsonb:
      if slot.isCanonicalJSON { return slot }
    case .json:
      if slot.kind == .jsonb { return slot }
    case .uuid:
      if slot.kind == .uuid { return slot }
    case .timestamp:
      if slot.kind == .timestamp, type.limit < 0 { return slot }
    case .timestamptz:
      if slot.kind == .timestamptz, type.limit < 0 { return slot }
    case .bool:
      if slot.kind == .bool { return slot }
    case .int8:
      if slot.kind == .int { return slot }
    case .int4:
      if slot.kind == .int, slot.number == Int64(Int32(truncatingIfNeeded: slot.number)) {
        return slot
      }
    case .numeric:
      if slot.kind == .numeric { return checkNumeric(slot, type, in: &arena) }
    default: break
    }
    return convertRare(slot, to: type, in: &arena)
  }

  @inline(never)
  private func convertRare(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    switch type.form {
    case .text: return checkText(TextForm.make(slot, in: &arena), type)
    case .padded: return padded(checkText(TextForm.make(slot, in: &arena), type), type, in: &arena)
    case .char: return char(TextForm.make(slot, in: &arena))
    case .json: return plainJSON(slot, in: &arena)
    case .jsonb: return canonicalJSON(json(slot, in: &arena), in: &arena)
    case .bool: return boolean(slot)
    case .int2: return integer(slot, Int64(Int16.min)...Int64(Int16.max), in: &arena)
    case .int4: return integer(slot, Int64(Int32.min)...Int64(Int32.max), in: &arena)
    case .int8: return integer(slot, Int64.min...Int64.max, in: &arena)
    case .oid: return integer(slot, 0...Int64(UInt32.max), in: &arena)
    case .float4, .float8: return real(slot, isSingle: type.form == .float4, in: &arena)
    case .numeric:
      let number = numeric(slot, in: &arena)
      return number.kind == .numeric ? checkNumeric(number, type, in: &arena) : number
    case .uuid: return uuid(slot, in: &arena)
    case .date, .timestamp, .timestamptz: return moment(slot, to: type)
    case .time:
      let time = slot.kind == .text ? TimeReader.readTime(slot.start, slot.length) : slot
      return time.kind == .time ? checkFraction(time, type) : failure(time, .noConversion)
    case .bytes: return bytes(slot, in: &arena)
    case .array: return array(slot, to: type, in: &arena)
    case .raw: return slot.kind == .raw ? slot : .failed(.noConversion)
    case .foreign: return foreign(slot, type, in: &arena)
    }
  }

  /// Keeps a failure that is there already, or makes one.
  func failure(_ slot: Slot, _ reason: Reason) -> Slot {
    slot.kind == .failed ? slot : .failed(reason)
  }

  // MARK: Text

  @inline(__always)
  private func checkText(_ slot: Slot, _ type: TargetType) -> Slot {
    guard slot.kind == .text else { return slot }
    if let problem = TextScan.problem(slot.start, slot.length) { return .failed(problem) }
    if type.limit >= 0, slot.count > type.limit { return checkLength(slot, type) }
    if type.labels >= 0, words[Int(type.labels)].find(slot.start, slot.length) == nil {
      return .failed(.notInList)
    }
    return slot
  }

  @inline(never)
  private func checkLength(_ slot: Slot, _ type: TargetType) -> Slot {
    // A name is limited in bytes; no varchar shorter than its text in bytes may be so in characters.
    let characters = TextScan.characters(slot.start, slot.length)
    return characters > Int(type.limit) ? .failed(.tooLong) : slot
  }

  /// Keeps a text of one byte, or none: of a longer one the server would take the first byte in silence.
  private func char(_ slot: Slot) -> Slot {
    guard slot.kind == .text, slot.length > 0 else { return slot }
    if let problem = TextScan.problem(slot.start, slot.length),
      problem == .nulByte || slot.length > 1
    {
      return .failed(problem)
    }
    return slot.length > 1 ? .failed(.tooLong) : slot
  }

  /// Fills a text up with blanks to the length of its column, as the server would.
  private func padded(_ slot: Slot, _ type: TargetType, in arena: inout Arena) -> Slot {
    guard slot.kind == .text, type.limit >= 0 else { return slot }
    let blanks = Int(type.limit) - TextScan.characters(slot.start, slot.length)
    guard blanks > 0 else { return slot }
    let place = arena.reserve(slot.length + blanks)
    place.copyMemory(from: slot.start, byteCount: slot.length)
    for index in 0..<blanks { place.put(0x20, slot.length + index) }
    arena.take(slot.length + blanks)
    return Slot(.text, UnsafeRawPointer(place), slot.length + blanks)
  }

  /// Brings JSON into the spelling in which the server shows a jsonb.
  private func canonicalJSON(_ slot: Slot, in arena: inout Arena) -> Slot {
    guard slot.kind == .jsonb, !slot.isCanonicalJSON, let canonical else { return slot }
    let text = canonical.pointee.write(slot.start, slot.length)
    // PostgreSQL holds no field of a gibibyte or more.
    guard let start = text.baseAddress, text.count < 1 << 30 else { return .failed(.tooLong) }
    return .canonicalJSON(UnsafeRawPointer(arena.copy(start, text.count)), text.count)
  }

  /// Keeps the text of what goes into a column of type json, which is not as strict as jsonb.
  private func plainJSON(_ slot: Slot, in arena: inout Arena) -> Slot {
    let isJSON = slot.kind == .json
    guard isJSON || slot.kind == .text && !keepsTexts else { return json(slot, in: &arena) }
    // A server has checked the grammar of what comes from such a column.
    let problem =
      isJSON
      ? TextScan.problem(slot.start, slot.length)
      : JSONScan.grammarProblem(slot.start, slot.length)
    return problem.map(Slot.failed) ?? Slot(.json, slot.start, slot.length)
  }

  private func json(_ slot: Slot, in arena: inout Arena) -> Slot {
    if slot.kind == .jsonb { return slot }
    if slot.kind == .json || slot.kind == .text && !keepsTexts {
      if let problem = JSONScan.problem(slot.start, slot.length) { return .failed(problem) }
      return Slot(.jsonb, slot.start, slot.length)
    }
    let place = arena.reserve(JSONValueText.bound(slot))
    let (count, problem) = JSONValueText.write(slot, to: place)
    if let problem { return .failed(problem) }
    arena.take(count)
    return Slot(.jsonb, UnsafeRawPointer(place), count)
  }

  private func uuid(_ slot: Slot, in arena: inout Arena) -> Slot {
    if slot.kind == .objectID { return ObjectIDUUID.make(slot.start, in: &arena) }
    if slot.kind == .bytes, slot.count == 16 { return Slot(.uuid, slot.start, 16) }
    guard slot.kind == .text, let bytes = UUIDText.read(slot.start, slot.length, in: &arena) else {
      return .failed(.notAUUID)
    }
    return Slot(.uuid, bytes, 16)
  }

  private func bytes(_ slot: Slot, in arena: inout Arena) -> Slot {
    if slot.kind == .bytes || slot.kind == .uuid || slot.kind == .objectID {
      return Slot(.bytes, slot.start, slot.length)
    }
    guard slot.kind == .text, slot.count >= 2, slot.count % 2 == 0,
      slot.start.byte(0) == UInt8(ascii: "\\"), slot.start.byte(1) == UInt8(ascii: "x")
    else { return .failed(.notBytes) }
    let count = (slot.length - 2) / 2
    let place = arena.reserve(count)
    for index in 0..<count {
      guard let high = ASCII.hexValue(slot.start.byte(2 + 2 * index)),
        let low = ASCII.hexValue(slot.start.byte(3 + 2 * index))
      else { return .failed(.notBytes) }
      place.put(high << 4 | low, index)
    }
    arena.take(count)
    return Slot(.bytes, UnsafeRawPointer(place), count)
  }

  private func boolean(_ slot: Slot) -> Slot {
    if slot.kind == .int, slot.number == 0 || slot.number == 1 { return .bool(slot.number == 1) }
    guard slot.kind == .text else { return .failed(.notBoolean) }
    return BooleanWords.read(slot.start, slot.length).map(Slot.bool) ?? .failed(.notBoolean)
  }
}

/// PostgreSQL's own words for true and false.
enum BooleanWords {
  static let truthy = ["true", "t", "yes", "y", "on", "1"]
  static let falsy = ["false", "f", "no", "n", "off", "0"]

  static func read(_ start: UnsafeRawPointer, _ count: Int) -> Bool? {
    func isOne(of words: (StaticString, StaticString, StaticString, StaticString)) -> Bool {
      ASCII.equalsIgnoringCase(start, count, words.0)
        || ASCII.equalsIgnoringCase(start, count, words.1)
        || ASCII.equalsIgnoringCase(start, count, words.2)
        || ASCII.equalsIgnoringCase(start, count, words.3)
    }
    if isOne(of: ("t", "true", "y", "yes")) || isOne(of: ("on", "1", "on", "1")) { return true }
    if isOne(of: ("f", "false", "n", "no")) || isOne(of: ("off", "0", "off", "0")) { return false }
    return nil
  }
}
