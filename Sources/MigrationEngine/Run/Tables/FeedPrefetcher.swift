import MigrationBasics
import MigrationPlan
import Synchronization

/// Surveys the feeds of the table that comes next, while the target and other tables are busy.
///
/// What it finds saves time and nothing else: if it fails, the table's own preparation asks the
/// source again, and reports what is wrong.
final class FeedPrefetcher: Sendable {
  /// What is to be found out.
  struct SurveyRequest: Sendable {
    let table: String
    let feeds: [Feed]
    let schema: String
    let condition: String?
    let cutting: ChunkCutting

    /// Of one run, whose plan stays the same; but another terminal may change the size of chunks.
    func isSame(as other: SurveyRequest) -> Bool {
      table == other.table && cutting == other.cutting
    }
  }

  private final class Search: Sendable {
    let surveyRequest: SurveyRequest
    let found = Mutex<[FeedSurvey]?>(nil)
    let isWanted = Atomic(true)

    init(_ surveyRequest: SurveyRequest) { self.surveyRequest = surveyRequest }

    func run(_ source: any RowSource, while goesOn: @escaping @Sendable () -> Bool) {
      let isWanted = { self.isWanted.load(ordering: .relaxed) && goesOn() }
      let surveys = try? { () throws -> [FeedSurvey] in
        let reader = try source.open(timeout: nil)
        return try surveyRequest.feeds.map { feed in
          let place = try reader.find(
            feed, schema: surveyRequest.schema, condition: surveyRequest.condition)
          return try FeedSurvey(place, reader, surveyRequest.cutting, while: isWanted)
        }
      }()
      found.withLock { $0 = surveys }
    }
  }

  private let source: any RowSource
  private let goesOn: @Sendable () -> Bool
  private let underWay = Mutex<(search: Search, thread: WorkerThread)?>(nil)

  /// - Parameter goesOn: whether the run has not been asked to stop.
  init(_ source: any RowSource, while goesOn: @escaping @Sendable () -> Bool = { true }) {
    (self.source, self.goesOn) = (source, goesOn)
  }

  /// Begins a search, instead of the last one; that there is no thread for it does no harm.
  func begin(_ surveyRequest: SurveyRequest) {
    end()
    let (search, source, goesOn) = (Search(surveyRequest), source, goesOn)
    guard let thread = try? WorkerThread({ search.run(source, while: goesOn) }) else { return }
    underWay.withLock { $0 = (search, thread) }
  }

  /// Returns what was found, once; nil if this was not looked for, or could not be found.
  func take(_ surveyRequest: SurveyRequest) -> [FeedSurvey]? {
    guard let (search, thread) = underWay.withLock({ $0.take() }) else { return nil }
    let isSame = search.surveyRequest.isSame(as: surveyRequest)
    if !isSame { search.isWanted.store(false, ordering: .relaxed) }
    thread.join()
    return isSame ? search.found.withLock { $0 } : nil
  }

  /// Gives up what is under way.
  func end() {
    guard let (search, thread) = underWay.withLock({ $0.take() }) else { return }
    search.isWanted.store(false, ordering: .relaxed)
    thread.join()
  }
}
