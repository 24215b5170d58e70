import MigrationPlan

extension RunRequest {
  /// How the feeds of a table are cut into chunks.
  func cutting(of plan: TablePlan) -> ChunkCutting {
    let rows = settings.batchSize(of: plan.name)
    return ChunkCutting(size: rows.map(ChunkSize.rows) ?? plan.chunk, limit: rowLimit)
  }

  /// What is to be found out about the feeds of a table.
  func surveyRequest(_ plan: TablePlan) -> FeedPrefetcher.SurveyRequest {
    FeedPrefetcher.SurveyRequest(
      table: plan.name, feeds: plan.feeds, schema: self.plan.source.schema, condition: condition,
      cutting: cutting(of: plan))
  }
}
