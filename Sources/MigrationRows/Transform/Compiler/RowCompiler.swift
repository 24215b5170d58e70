import MigrationBasics
import MigrationPlan
import Postgres

/// Turns a feed's rules into a row program.
///
/// Every rule gets a slot for its value, and instructions that fill it from other slots; a slot is
/// filled by one instruction only, except where branches meet. Constants are in their slots from
/// the beginning. All faults are collected, so that one attempt shows everything.
struct RowCompiler {
  let table: TablePlan
  let feed: Feed
  /// The source table; nil if documents are read, of which nothing is known beforehand.
  let source: PostgresTable?
  let target: PostgresTable
  let context: RunContext
  let deferredTables: Set<String>
  /// Tables of the target that rows are looked up in, as far as they are known.
  let referenced: [String: PostgresTable]

  let owner = MemoryOwner()
  var faults: [PlanFault] = []
  /// The slots as a row begins.
  var slots: [Slot] = []
  var copyForm = CopyForm.binary
  var sourceColumns: [String] = []
  var sourceForms: [WireForm] = []
  var sourcePlaces: [String: Place] = [:]
  /// The slot of an array's element, if the elements are the rows; else -1.
  var elementPlace: Place = -1
  var ops: [Op] = []
  var opColumns: [Int32] = []
  var explanation = ProgramExplanation()
  var columns: [TargetColumn] = []
  var pieces: [JSONPiece] = []
  var lists: [Place] = []
  var paths: [Slot] = []
  var dateParts: [DateFormat.Part] = []
  var dateFormats: [Span32] = []
  var zones: [TimeZoneTable] = []
  var words: [LookupTable] = []
  var references: [ReferenceSpec] = []
  var deferredReferences: [DeferredReference] = []
  var watched: [WatchedValue] = []
  var watchedPlaces: [Place] = []

  /// The column that is being compiled.
  var column: ColumnRule?
  var columnType: TargetType?
  /// The keys under which the value stands that is being compiled, in the JSON of its column.
  var keys: [String] = []

  init(
    table: TablePlan, feed: Feed, source: PostgresTable?, target: PostgresTable,
    context: RunContext, deferredTables: Set<String>, referenced: [String: PostgresTable]
  ) {
    (self.table, self.feed, self.source, self.target) = (table, feed, source, target)
    (self.context, self.deferredTables, self.referenced) = (context, deferredTables, referenced)
  }

  mutating func compile(feedNumber: Int) throws(PlanFaults) -> RowProgram {
    _ = zone(context.timeZone)
    copyForm = neededCopyForm()
    let selectItems = source.map { selectSource($0) } ?? []
    let documents = source == nil ? documentShape() : nil
    for rule in feed.columns { compile(rule) }
    let checks = table.checks.compactMap { compile($0) }
    let allSets = uniqueSets()
    let sets = allSets.filter { !target.isJudgedByServer($0.names) }
    guard faults.isEmpty else { throw PlanFaults(faults) }
    return RowProgram(
      RowProgram.Parts(
        table: table.name, feedNumber: feedNumber, selectItems: selectItems,
        sourceColumns: sourceColumns, targetColumns: feed.columns.map(\.column),
        references: references, deferredReferences: deferredReferences,
        uniqueSets: sets.map(\.names), memory: memory(checks, documents),
        uniqueColumns: sets.map(\.places),
        keyColumns: feed.key.compactMap { sourcePlaces[$0].map(Int.init) },
        checkNames: table.checks.map(\.name), explanation: explanation, watched: watched,
        copyForm: copyForm,
        hasServerJudgedSets: sets.count < allSets.count,
        isSpelledByServer: feed.columns.contains(where: isSpelledByServer),
        columnsOfUsers: Set(target.columns.filter(\.type.isOfUsers).map(\.name)), owner: owner))
  }

  private func memory(
    _ checks: [CompiledCheck], _ documents: DocumentShape?
  ) -> ProgramMemory {
    owner.keep(words)
    let zones = zones.map { owner.keep($0.transitions) }
    return ProgramMemory(
      ops: owner.keep(ops), opColumns: owner.keep(opColumns),
      sourceForms: owner.keep(sourceForms), columns: owner.keep(columns),
      checks: owner.keep(checks), pieces: owner.keep(pieces), lists: owner.keep(lists),
      paths: owner.keep(paths), dateParts: owner.keep(dateParts),
      dateFormats: owner.keep(dateFormats), zones: owner.keep(zones),
      words: owner.keep(words.map(\.view)), slots: owner.keep(slots),
      lookupShapes: owner.keep(references.map(\.shape)),
      hmac: owner.keep(one: HMACSHA256(key: context.hashKey)),
      watched: owner.keep(watchedPlaces),
      documents: documents.map { owner.keep(one: $0) })
  }

  /// Notes a fault of the column at hand.
  mutating func fault(_ what: String, _ remedy: String) {
    let subject = column.map { "\($0.column): " } ?? ""
    faults.append(PlanFault(at: column?.place ?? feed.place, subject + what, remedy: remedy))
  }

  /// Has a value reported that is null in every row, if its rule reads the source.
  mutating func watch(_ place: Place, _ rule: Rule, _ part: WatchedValue.Part) {
    guard let column, rule.readsSource else { return }
    watched.append(WatchedValue(column: column.column, part: part, rule: rule))
    watchedPlaces.append(place)
  }

  // MARK: Parts of a program

  /// Adds a slot.
  mutating func slot(_ initial: Slot = .null) -> Place {
    slots.append(initial)
    return Place(slots.count - 1)
  }

  /// Adds an instruction with its description; jumps have none.
  mutating func emit(_ op: Op, _ text: String = "", _ inputs: [Place] = [], _ output: Place? = nil)
  {
    ops.append(op)
    opColumns.append(Int32(columns.count))
    explanation.steps.append(.init(text: text, inputs: inputs, output: output))
  }

  /// Adds an instruction that will jump to a place that is not known yet.
  mutating func emitJump(_ op: Op) -> Int {
    emit(op)
    return ops.count - 1
  }

  /// Lets a jump lead to the next instruction.
  mutating func land(_ jump: Int) {
    let here = Int32(ops.count)
    switch ops[jump] {
    case .jump: ops[jump] = .jump(to: here)
    case .jumpIfNotNull(let place, _): ops[jump] = .jumpIfNotNull(place, to: here)
    case .jumpIfFalse(let place, _): ops[jump] = .jumpIfFalse(place, to: here)
    default: break
    }
  }

  mutating func list(_ places: [Place]) -> Span32 {
    defer { lists += places }
    return Span32(first: Int32(lists.count), count: Int32(places.count))
  }

  func text(_ text: String) -> Slot {
    Slot(.text, owner.keep(bytes: Array(text.utf8)), text.utf8.count)
  }

  /// Adds a table of words, each with a small number.
  mutating func wordTable(_ pairs: [(word: String, number: Int)]) -> Int32 {
    let builder = LookupTableBuilder()
    for (word, number) in pairs {
      builder.insert(key: word, value: [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)])
    }
    words.append(builder.finish())
    return Int32(words.count - 1)
  }

  /// Adds a time zone and returns its number; the plan's is 0.
  mutating func zone(_ name: String) -> Int32 {
    if let table = TimeZoneFile.load(name) {
      zones.append(table)
    } else {
      zones.append(.utc)
      fault(
        "there is no time zone \(name)", "use a name from the tz database, such as Europe/Prague")
    }
    return Int32(zones.count - 1)
  }
}

extension MemoryOwner {
  /// Copies one trivial value into memory that stays where it is.
  package func keep<Value: BitwiseCopyable>(one value: Value) -> UnsafePointer<Value> {
    let values = keep([value])
    return values.baseAddress.unsafelyUnwrapped
  }
}
