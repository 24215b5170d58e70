import Mongo

/// Writes the documents of the collections, each from its row's number alone.
struct CRMWriter {
  let layout: CRMLayout
  let pairs: [CRMPairs]
  private(set) var document = SampleDocument()

  init(_ layout: CRMLayout) {
    self.layout = layout
    pairs = CRMRelation.all.enumerated().map { CRMPairs($0.element, number: $0.offset, layout) }
  }

  mutating func write(_ collection: Int, _ row: Int) {
    var random = SampleRandom(seed: layout.seed, table: collection, row: row)
    let fault = layout.fault(collection, row)
    document.begin()
    document.id("_id", layout.id(collection, row))
    for field in CRMCollections.all[collection].fields {
      if let fault, fault.field == field.name {
        write(fault.kind, field, collection, row, &random)
      } else if field.presence != .optional || !isAbsent(field, &random) {
        write(field, collection, row, &random)
      }
    }
    document.end()
  }

  /// Now and then an optional field is not there, or is null.
  private mutating func isAbsent(_ field: CRMField, _ random: inout SampleRandom) -> Bool {
    if case .pairs = field.kind { return false }
    let luck = random.below(24)
    if luck == 0 { document.null(field.name) }
    return luck < 4
  }

  private mutating func write(
    _ field: CRMField, _ collection: Int, _ row: Int, _ random: inout SampleRandom
  ) {
    let name = field.name
    switch field.kind {
    case .version: document.int32(name, random.below(6))
    case .words(let words): document.text(name, words.text(&random, row: row))
    case .oneOf(let texts), .label(let texts): document.text(name, random.pick(texts))
    case .int(let bound): number(name, random.below(bound), &random)
    case .bool: document.bool(name, random.oneIn(2))
    case .moment: document.date(name, moment(&random))
    case .id(let other), .reference(let other):
      let index = CRMCollections.index(other)
      document.id(name, layout.id(index, layout.soundRow(index, &random)))
    case .texts: texts(name, &random)
    case .ids(let other): ids(name, CRMCollections.index(other), &random)
    case .anything: anything(name, &random)
    case .pairs: partners(field, row)
    }
  }

  /// A whole number, in any of the types that drivers write it as.
  private mutating func number(_ name: String, _ value: Int, _ random: inout SampleRandom) {
    switch random.below(10) {
    case 0: document.int64(name, value)
    case 1: document.double(name, Double(value))
    default: document.int32(name, value)
    }
  }

  private func moment(_ random: inout SampleRandom) -> Int {
    (SampleRow.lastSecond - random.below(400_000_000)) * 1000 + random.below(1000)
  }

  private mutating func texts(_ name: String, _ random: inout SampleRandom) {
    document.array(name)
    for place in 0..<random.below(4) { document.text("\(place)", random.pick(SampleWords.goods)) }
    document.end()
  }

  private mutating func ids(_ name: String, _ other: Int, _ random: inout SampleRandom) {
    document.array(name)
    for place in 0..<random.below(4) {
      document.id("\(place)", layout.id(other, layout.soundRow(other, &random)))
    }
    document.end()
  }

  private mutating func anything(_ name: String, _ random: inout SampleRandom) {
    if random.oneIn(2) { return texts(name, &random) }
    document.document(name)
    document.text("label", random.pick(SampleWords.colours))
    document.int32("weight", random.below(100))
    document.double("share", Double(random.below(1000)) / 8)
    document.end()
  }

  /// Writes the array of a relation, with an element more if it is at fault.
  private mutating func partners(_ field: CRMField, _ row: Int, extra: ObjectID?? = .none) {
    guard case .pairs(let number, let isFirst) = field.kind else { return }
    let relation = CRMRelation.all[number]
    let other = CRMCollections.index(isFirst ? relation.second : relation.first)
    let partners = isFirst ? pairs[number].first[row] : pairs[number].second[row]
    document.array(field.name)
    var place = 0
    for partner in partners {
      document.id("\(place)", layout.id(other, Int(partner)))
      place += 1
    }
    if let extra {
      if let id = extra { document.id("\(place)", id) } else { document.null("\(place)") }
    }
    document.end()
  }

  private mutating func write(
    _ fault: CRMFault.Kind, _ field: CRMField, _ collection: Int, _ row: Int,
    _ random: inout SampleRandom
  ) {
    switch fault {
    case .missing: if random.oneIn(2) { document.null(field.name) }
    case .nul: withNUL(field)
    case .duplicate:
      document.text(field.name, CRMWords.ownEmail(layout.winner(collection, row)))
    case .notANumber: document.text(field.name, random.pick(SampleWords.notNumbers))
    case .fraction: document.double(field.name, 1.5)
    case .outOfRange: document.int64(field.name, 9_000_000_000)
    case .notABoolean: document.text(field.name, "perhaps")
    case .notADate: document.text(field.name, "soon")
    case .unknownLabel: document.text(field.name, "SOMEDAY")
    case .orphan: document.id(field.name, layout.strangeID(collection, row))
    case .orphanInArray: partners(field, row, extra: .some(layout.strangeID(collection, row)))
    case .nullInArray: partners(field, row, extra: .some(nil))
    }
  }

  private mutating func withNUL(_ field: CRMField) {
    guard case .anything = field.kind else { return document.text(field.name, "cut\0here") }
    document.array(field.name)
    document.text("0", "cut\0here")
    document.end()
  }
}
