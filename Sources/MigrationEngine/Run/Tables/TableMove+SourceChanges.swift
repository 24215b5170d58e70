/// Sources without a snapshot, which may change while they are read.
extension TableMove {
  /// Says so if a table's source was written to between the cutting of its chunks and now.
  func tellSourceChanges(_ work: TableWork) throws {
    var reader: (any RowReader)?
    for feed in work.feeds {
      guard let before = work.sourceStates[feed.number] else { continue }
      let open = try reader ?? tools.source.open(timeout: request.settings.chunkTimeout)
      reader = open
      if let misfit = try open.misfit(of: feed.source, since: before, isLater: false) {
        throw TablePreparation.refusal(misfit, work.plan)
      }
      guard let change = try open.change(of: feed.source, since: before) else { continue }
      tools.source.noteChange()
      tools.warn(
        "\(work.plan.name): \(change): new or changed documents may be missing from the target, "
          + "or have old values there; stop the writers and run again")
    }
  }
}
