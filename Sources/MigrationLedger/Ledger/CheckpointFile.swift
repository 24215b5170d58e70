import MigrationBasics

/// The file `migration-checkpoint.json`: written from the ledger, and never believed over it.
package struct CheckpointFile: Sendable {
  package static let defaultName = "migration-checkpoint.json"

  package let path: String

  package init(_ path: String = CheckpointFile.defaultName) { self.path = path }

  /// Replaces the file; after a crash there is the old one or the new one.
  package func write(_ checkpoint: Checkpoint) throws {
    try AtomicFile.write(path) { append in try append(checkpoint.json.compact + "\n") }
  }

  /// Returns what the file says, or nil if there is none.
  ///
  /// - Throws: A `LedgerError` of code `checkpointDamaged` or `checkpointNewer`, or a
  ///   `MigrationError` of a file that can't be read; all name the file and the way out.
  package func read() throws -> Checkpoint? {
    let bytes: [UInt8]
    do throws(FileProblem) {
      bytes = try SmallFile.read(path).bytes
    } catch {
      if error.code == .missing { return nil }
      throw MigrationError(
        .failed, "could not read the checkpoint file: \(error.reason)", reason: AtomicFile.reason,
        place: path,
        remedy: "make the file readable; the target's ledger also has the progress")
    }
    let node: JSONNode
    do { node = try JSON5.parse(bytes: bytes, file: path, dialect: .json) } catch {
      throw damaged("\(error)")
    }
    if let version = try? node.required("version").integer(), version > Checkpoint.version {
      throw LedgerError(
        .checkpointNewer, "the checkpoint file has version \(version)", place: path,
        remedy: "continue with the newer program that wrote the file")
    }
    do { return try Checkpoint(node) } catch { throw damaged("\(error)") }
  }

  /// Removes the file, as a completed migration does.
  package func remove() throws(MigrationError) { try AtomicFile.remove(path) }

  private func damaged(_ reason: String) -> LedgerError {
    LedgerError(
      .checkpointDamaged, "could not parse the checkpoint file: \(reason)", place: path,
      remedy: "move it away and run again: the ledger in the target has the progress, "
        + "and no row is loaded twice")
  }
}

/// The state of the file compared with the ledger when a run began.
package enum CheckpointFinding: Sendable, Hashable {
  /// There is no file, and nothing was done yet.
  case nothing
  /// There is no file, but the ledger has work that is done.
  case fileMissing
  case agrees
  /// The file is older than the ledger, as after a crash between a commit and the writing.
  case fileBehind(rows: Int)
  /// The ledger has less than the file: the target may have been restored from a backup.
  case ledgerBehind(rows: Int)
  /// The file is of an earlier session of the same plan that has ended.
  case earlierSession(SessionID)
}

extension CheckpointFile {
  /// Compares the file with the ledger; the ledger is right, and the caller rewrites the file.
  ///
  /// - Throws: besides what `read` throws, `checkpointForeign` for the file of another target,
  ///   plan or session that is still open.
  package func reconcile(_ session: Session, _ ledger: Ledger) throws -> CheckpointFinding {
    let tally = try CheckpointTally(ledger, session)
    let truth = tally.checkpoint(.running)
    guard let file = try read() else { return tally.hasWork ? .fileMissing : .nothing }
    guard file.ledger == truth.ledger else {
      throw foreign(file, "another target", "the ledgers of both targets keep the progress")
    }
    guard file.plan == session.plan else { throw foreign(file, "the plan \(file.plan)") }
    guard file.session == session.id else {
      guard let other = try ledger.session(file.session), other.status != .open else {
        throw foreign(file, "session \(file.session)")
      }
      return .earlierSession(file.session)
    }
    let difference = truth.totalRecordsMigrated - file.totalRecordsMigrated
    if difference == 0 { return .agrees }
    return difference > 0 ? .fileBehind(rows: difference) : .ledgerBehind(rows: -difference)
  }

  /// Removes the file if its session, of this target, has ended: a run that was killed at its very end leaves it.
  ///
  /// - Returns: Whether there was such a file.
  package func removeIfEnded(_ ledger: Ledger) throws -> Bool {
    guard try isEnded(ledger) else { return false }
    try remove()
    return true
  }

  /// Whether there is a file, and its session, of this target, has ended.
  package func isEnded(_ ledger: Ledger) throws -> Bool {
    guard let file = try read(), file.ledger == (try ledger.identity()),
      let session = try ledger.session(file.session)
    else { return false }
    return session.status != .open
  }

  private func foreign(
    _ file: Checkpoint, _ owner: String, _ kept: String = "the ledger keeps the progress"
  ) -> LedgerError {
    LedgerError(
      .checkpointForeign, "the checkpoint file belongs to \(owner), started \(file.startedAt)",
      place: path,
      remedy: "finish that migration first, or move the file away: "
        + kept)
  }
}
