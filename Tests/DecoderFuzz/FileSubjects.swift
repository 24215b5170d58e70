import Glibc
import MigrationCore

/// Plans, from the text to the rules.
final class PlanSubject: Subject {
  let name = "plans"
  let share = 60
  private let plans: [[UInt8]]

  init() {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    plans = ["nxt", "nextcrm"].map { Self.bytes(of: "\(root)/config/\($0)/plan.json5") }
    precondition(plans.allSatisfy { $0.count > 1000 }, "the plans of the repository are not there")
  }

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var mutator = Mutator(random: random)
    let plan = plans[mutator.random.below(plans.count)]
    let input = mutator.mutate(plan, with: plan)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    do throws(PlanFaults) {
      _ = try PlanReader.read(bytes: input)
      return true
    } catch {
      guard !error.faults.isEmpty, error.faults.allSatisfy({ !$0.what.isEmpty }) else {
        throw BrokenPromise(reason: "a plan was refused without a reason")
      }
      return false
    }
  }

  static func bytes(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }
}

/// The file in which a run notes how far it is.
final class CheckpointSubject: Subject {
  let name = "checkpoint files"
  let share = 25
  private let path: String
  /// As it is written now, and as it was before it became one line.
  private let files: [[UInt8]]

  init() {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    path = "\(folder)/decoder-fuzz-\(getpid()).json"
    files = [Array(Self.text.utf8), Array(Self.earlier.utf8)]
  }

  deinit { unlink(path) }

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var mutator = Mutator(random: random)
    let file = files[mutator.random.below(files.count)]
    let input = mutator.mutate(file, with: file)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    guard let file = fopen(path, "w") else {
      throw BrokenPromise(reason: "\(path) can't be written")
    }
    fwrite(input, 1, input.count, file)
    fclose(file)
    guard let checkpoint = try read() else { return false }
    do { try CheckpointFile(path).write(checkpoint) } catch {
      throw BrokenPromise(reason: "what was read can't be written: \(error)")
    }
    guard try read() == checkpoint else {
      throw BrokenPromise(reason: "what was written is not read as it was")
    }
    return true
  }

  /// Nil if the file is refused.
  private func read() throws(BrokenPromise) -> Checkpoint? {
    let checkpoint: Checkpoint?
    do { checkpoint = try CheckpointFile(path).read() } catch {
      let code = (error as? LedgerError)?.code
      guard code == .checkpointDamaged || code == .checkpointNewer else {
        throw BrokenPromise(reason: "\(error)")
      }
      return nil
    }
    guard let checkpoint else { throw BrokenPromise(reason: "the file is there, and not found") }
    return checkpoint
  }

  private static let text = """
    {"version":2,"plan":"nxt","status":"running","currentTable":"customers","totalRecordsMigrated":1700,\
    "totalRecordsRejected":3,"tablesDone":1,"totalTables":2,"startedAt":"2026-01-31T02:00:00Z",\
    "updatedAt":"2026-01-31T02:05:00Z","session":3,"planHash":"d757cb7aef1daba7","ledger":"1f-2e",\
    "table":{"status":"running","migrated":1000,"total":4000,"rejected":3,"lastKey":["7","a\\"b"],\
    "chunks":8,"chunksDone":2}}
    """

  private static let earlier = """
    {
      "version": 1, "plan": "nxt", "planHash": "d757cb7aef1daba7", "session": 3, "ledger": "1f-2e",
      "status": "running", "startedAt": "2026-01-31T02:00:00Z", "updatedAt": "2026-01-31T02:05:00Z",
      "currentTable": "customers", "totalRecordsMigrated": 1700, "totalRecordsRejected": 3,
      "tables": {
        "suppliers": { "status": "done", "migrated": 700, "total": 700, "rejected": 0, "lastKey": "700",
          "chunks": 2, "chunksDone": 2 },
        "customers": { "status": "running", "migrated": 1000, "total": 4000, "rejected": 3,
          "lastKey": ["7", "a\\"b"], "chunks": 8, "chunksDone": 2 }
      }
    }
    """
}
