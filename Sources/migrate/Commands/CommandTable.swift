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
    RetryCommand.page,
    StatusCommand.page,
    ErrorsCommand.page,
    TraceCommand.page,
    IdentityCommand.page,
    PlanCommand.page,
    PlanCheckCommand.page,
    PlanProfileCommand.page,
    ValidateSchemaCommand.page,
    ValidateCommand.page,
    ValidateRulesCommand.page,
    TestPerformanceCommand.page,
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
