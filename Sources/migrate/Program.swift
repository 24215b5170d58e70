import FoundationEssentials
import MigrationCore

/// The program: finds the command, runs it and returns its exit code.
struct Program: Sendable {
  let pages: [CommandPage]
  /// The folder of settings, plans and reports.
  let folder: String

  static let standard = Program(
    pages: CommandTable.pages, folder: FileManager.default.currentDirectoryPath)

  func run(_ words: [String], environment: [String: String]) -> ExitCode {
    var early = EarlyOptions(words)
    do {
      let scripts = try Scripts.load(folder: folder, environment: environment)
      let resolver = CommandResolver(
        pages: pages, scripts: scripts, globalOptions: GlobalOptions.all,
        tableScripts: { Scripts.tables(folder: folder, environment: environment) })
      let read = try NpmOptions(resolver, environment: environment).added(to: words)
      early = EarlyOptions(read.words)
      for warning in read.warnings { early.console(environment).warn(warning) }
      return try dispatch(read.words, resolver, early: early, environment: environment)
    } catch {
      return FailureReport(error).tell(early.console(environment))
    }
  }

  private func dispatch(
    _ words: [String], _ resolver: CommandResolver, early: EarlyOptions,
    environment: [String: String]
  ) throws -> ExitCode {
    let console = early.console(environment)
    let help = HelpRenderer(
      pages: pages, scripts: resolver.scripts, width: console.output.width)
    let lines: [ResolvedLine]
    do {
      lines = try resolver.resolve(words)
    } catch .noCommand {
      return try withoutCommand(early, help: help, console: console)
    }
    showScript(words, resolver.scripts)
    if lines.count > 1, asksForHelp(early, lines) {
      return printPages(of: lines, help, console)
    }
    for (place, line) in lines.enumerated() {
      let code: ExitCode
      do {
        code = try run(
          line, isLast: place == lines.count - 1, help: help, console: console,
          environment: environment)
      } catch let error as UsageError {
        throw CommandUsageError(error: error, command: line.page.name)
      }
      if code != .done { return code }
    }
    return .done
  }

  private func showScript(_ words: [String], _ scripts: Scripts) {
    guard let name = words.first, scripts.script(name) != nil else { return }
    CommandWords.showScript()
  }

  /// Whether the command line asks for help, also after the `--` of a script.
  private func asksForHelp(_ early: EarlyOptions, _ lines: [ResolvedLine]) -> Bool {
    early.asksForHelp || EarlyOptions(lines.last?.arguments ?? []).asksForHelp
  }

  /// Prints the help of all commands of a script.
  private func printPages(
    of lines: [ResolvedLine], _ help: HelpRenderer, _ console: Console
  ) -> ExitCode {
    var pages: [String] = []
    for line in lines { pages.append(help.page(line.page)) }
    console.help(pages.joined(separator: "\n\n"))
    return .done
  }

  /// Handles `migrate`, `migrate --help` and `migrate --version`.
  private func withoutCommand(
    _ early: EarlyOptions, help: HelpRenderer, console: Console
  ) throws -> ExitCode {
    if early.asksForHelp {
      console.help(help.overview())
      return .done
    }
    if early.asksForVersion {
      if console.isJSON {
        console.result(["version": .text(Version.number)])
      } else {
        console.result("migrate \(Version.number)")
      }
      return .done
    }
    throw UsageError.noCommand
  }

  private func run(
    _ line: ResolvedLine, isLast: Bool, help: HelpRenderer, console: Console,
    environment: [String: String]
  ) throws -> ExitCode {
    let parser = ArgumentParser(
      command: line.page.name, options: line.page.options + GlobalOptions.all)
    let arguments = try parser.parse(line.arguments)
    if arguments[GlobalOptions.help] {
      console.help(help.page(line.page))
      return .done
    }
    try checkOperands(arguments.operands, of: line.page)
    var console = console
    if arguments[GlobalOptions.quiet] { console.detail = .quiet }
    if arguments[GlobalOptions.verbose] { console.detail = .verbose }
    console.isJSON = arguments[GlobalOptions.json]
    if line.page.isAudited { console = console.queued() }
    defer { console.finish() }
    let invocation = Invocation(
      page: line.page, arguments: arguments, console: console, program: self,
      environment: environment, isLast: isLast)
    return try line.page.isAudited ? runAudited(invocation, line) : line.page.run(invocation)
  }

  private func checkOperands(_ operands: [String], of page: CommandPage) throws(UsageError) {
    let required = page.operands.count(where: \.isRequired)
    if operands.count < required {
      throw .missingOperand(page.operands[operands.count].name, command: page.name)
    }
    let takesMany = page.operands.last?.isRepeated ?? false
    if !takesMany, operands.count > page.operands.count {
      throw .surplusOperand(operands[page.operands.count], command: page.name)
    }
    for (operand, value) in zip(page.operands, operands)
    where !operand.choices.isEmpty && !operand.choices.contains(value) {
      throw .badValue(
        value, of: operand.name, expected: "one of " + operand.choices.joined(separator: ", "))
    }
  }
}

/// The options that decide how errors of the command line are printed, read before parsing.
struct EarlyOptions {
  let isJSON: Bool
  let refusesColor: Bool
  let asksForHelp: Bool
  let asksForVersion: Bool

  init(_ words: [String]) {
    let options = words.prefix { $0 != "--" }
    isJSON = options.contains("--json")
    refusesColor = options.contains("--no-color")
    asksForHelp = options.contains("--help") || options.contains("-h")
    asksForVersion = options.contains("--version")
  }

  func console(_ environment: [String: String]) -> Console {
    var console = Console(environment: environment, allowsColor: !refusesColor)
    console.isJSON = isJSON
    return console
  }
}
