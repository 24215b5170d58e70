/// How many lanes load a table: two keep both servers busy, and a table of one chunk has no work for a second.
struct LaneNumber {
  let count: Int
  /// The most that another terminal may ask for.
  let most: Int

  /// How many lanes a table of several chunks has if nothing says otherwise.
  static let usual = 2

  init(_ work: TableWork, _ request: RunRequest, chunks: Int) {
    // If only the server can decide which rows collide, the first one is kept if it comes first.
    if request.dryRun || work.feeds.contains(where: \.program.hasServerJudgedSets)
      || LoadingChoice.keysMayMeet(work) || LoadingChoice.hasUnlistedUniqueness(work.target)
    {
      (count, most) = (1, 1)
      return
    }
    most = ConnectionBudget(request).lanes
    if let lanes = request.settings.lanes {
      count = max(1, min(lanes, chunks, most))
    } else {
      let isSequential = work.feeds.contains(where: \.source.isSequential)
      count = chunks > 1 && !isSequential ? min(Self.usual, most) : 1
    }
  }
}
