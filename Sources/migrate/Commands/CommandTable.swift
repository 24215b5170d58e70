/// All commands, in the order in which the help lists them.
///
/// To add one: write its page in a file of its own in this folder, and name it here. The parser,
/// the help, the completions and the manual page follow by themselves.
enum CommandTable {
  static let pages: [CommandPage] = [
    TestConnectionsCommand.page,
    CheckCommand.page,
    ConfigCommand.page,
    RunCommand.page,
    PauseCommand.page,
    ResumeCommand.page,
    StopCommand.page,
    RestartCommand.page,
    ConfigureCommand.page,
    RetryCommand.page,
    StatusCommand.page,
    ProgressCommand.page,
    MetricsCommand.page,
    LogsCommand.page,
    ErrorsCommand.page,
    TraceCommand.page,
    PlanCommand.page,
    PlanCheckCommand.page,
    PlanExplainCommand.page,
    PlanProfileCommand.page,
    ValidateSchemaCommand.page,
    ValidateCommand.page,
    DatabaseStatusCommand.page,
    DatabaseMigrateCommand.page,
    DatabaseRollbackCommand.page,
    DatabaseGenerateCommand.page,
    SampleCommand.page,
    ScriptsCommand.page,
    CompletionsCommand.page,
    HelpCommand.page,
    VersionCommand.page,
  ]
}
