import MigrationBasics
import MigrationPlan

extension RowEngine {
  mutating func runText(_ op: TextOp, _ counter: Int) {
    switch op {
    case .trim(let from, let to):
      let slot = slots[Int(from)]
      slots[Int(to)] = slot.kind == .text ? TextSteps.trim(slot) : slot
    case .collapseBlanks(let from, let to):
      let slot = slots[Int(from)]
      slots[Int(to)] = slot.kind == .text ? TextSteps.collapseBlanks(slot, in: &arena) : slot
    case .emptyToNull(let from, let to):
      let slot = slots[Int(from)]
      slots[Int(to)] = slot.kind == .text && slot.count == 0 ? .null : slot
    case .changeCase(let from, let upper, let to):
      let slot = slots[Int(from)]
      slots[Int(to)] =
        slot.kind == .text ? TextSteps.changeCase(slot, upper: upper, in: &arena) : slot
    case .truncate(let from, let characters, let to):
      let value = TextForm.make(slots[Int(from)], in: &arena)
      slots[Int(to)] = truncate(value, Int(characters), counter)
    case .mask(let from, let keepLast, let to):
      let value = TextForm.make(slots[Int(from)], in: &arena)
      slots[Int(to)] =
        value.isNull ? value : TextSteps.mask(value, keepLast: Int(keepLast), in: &arena)
    case .hash(let from, let to): slots[Int(to)] = hash(slots[Int(from)])
    }
  }

  mutating func runTextCheck(_ op: TextCheckOp, _ counter: Int) -> Bool {
    switch op {
    case .phone(let from, let to, let policy):
      let value = TextForm.make(slots[Int(from)], in: &arena)
      if value.isNull {
        slots[Int(to)] = value
        return true
      }
      let phone = ContactChecks.phone(value, in: &arena) ?? .failed(.badPhone)
      return settle(phone, of: value, into: to, policy, counter)
    case .email(let from, let to, let policy):
      let value = TextForm.make(slots[Int(from)], in: &arena)
      let isGood = value.isNull || ContactChecks.isEmail(value)
      return settle(isGood ? value : .failed(.badEmail), of: value, into: to, policy, counter)
    case .nul(let from, let to, let policy):
      let value = slots[Int(from)]
      let clean: Slot
      switch value.kind {
      case .text: clean = withoutNUL(value, policy, counter)
      case .document, .list: clean = withoutNULs(inside: value, policy, counter)
      default: clean = value
      }
      return settle(clean, of: value, into: to, .quarantine, counter)
    }
  }

  private mutating func withoutNUL(_ text: Slot, _ policy: NULPolicy, _ counter: Int) -> Slot {
    let clean = TextSteps.withoutNUL(text, replace: policy == .replace, in: &arena)
    // Nothing was removed where the text stayed where it was.
    if clean.bits == text.bits { return text }
    if policy == .quarantine { return .failed(.nulByte) }
    warnings.add(column: memory.opColumns[counter], .nulByte)
    return clean
  }

  /// Makes JSON of a document or list that has NULs in its texts; others stay what they are.
  private mutating func withoutNULs(
    inside value: Slot, _ policy: NULPolicy, _ counter: Int
  ) -> Slot {
    let place = arena.reserve(BSONJSON.bound(value))
    var json = BSONJSON(to: place, nuls: policy == .replace ? .replace : .strip)
    json.write(value)
    // What else is wrong with it is reported where it is converted.
    guard json.problem == nil, json.hadNUL else { return value }
    if policy == .quarantine { return .failed(.nulByte) }
    warnings.add(column: memory.opColumns[counter], .nulByte)
    arena.take(json.count)
    return Slot(.jsonb, UnsafeRawPointer(place), json.count)
  }

  private mutating func truncate(_ text: Slot, _ characters: Int, _ counter: Int) -> Slot {
    // No text has more characters than bytes.
    guard text.kind == .text, text.length > characters else { return text }
    let cut = TextSteps.truncate(text, characters: characters)
    if cut.count < text.count { warnings.add(column: memory.opColumns[counter], .truncated) }
    return cut
  }

  private mutating func hash(_ slot: Slot) -> Slot {
    let text = TextForm.make(slot, in: &arena)
    guard text.kind == .text else { return text }
    let digest = arena.reserve(SHA256.size)
    arena.take(SHA256.size)
    memory.hmac.pointee.digest(text.start, text.length, to: digest)
    let place = arena.reserve(2 * SHA256.size)
    arena.take(2 * SHA256.size)
    ASCII.writeHex(UnsafeRawPointer(digest), SHA256.size, to: place)
    return Slot(.text, UnsafeRawPointer(place), 2 * SHA256.size)
  }
}
