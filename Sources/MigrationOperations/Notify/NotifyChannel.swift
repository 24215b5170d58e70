import CWebhook
import Glibc
import MigrationBasics

/// Where notifications go.
package enum NotifyChannel: Sendable {
  /// An address that takes a POST of JSON.
  case webhook(String)
  /// A line for the shell, which gets the JSON on its stdin.
  case command(String, environment: [String: String])

  /// What came of one try.
  package enum Answer: Sendable, Hashable {
    case delivered
    /// - Parameter mayPass: whether another try may go better.
    case failed(String, mayPass: Bool)
  }

  package var name: String {
    switch self {
    case .webhook: "the webhook"
    case .command: "the command"
    }
  }

  /// Tries once; returns when the time is up or the caller stops waiting.
  package func send(
    _ body: String, _ event: NotifyEvent, limit: Duration, while wanted: AbandonFlag
  ) -> Answer {
    switch self {
    case .webhook(let url): Self.post(body, to: url, limit, wanted)
    case .command(let line, let environment):
      Self.run(line, body, event, environment, limit, wanted)
    }
  }

  private static func post(
    _ body: String, to url: String, _ limit: Duration, _ wanted: AbandonFlag
  ) -> Answer {
    let milliseconds = max(1, Int(limit / .milliseconds(1)))
    var answer = webhook_answer()
    url.withCString { url in
      "migrate/\(Version.number)".withCString { agent in
        var body = body
        body.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) { bytes in
            var request = webhook_request()
            (request.url, request.agent) = (url, agent)
            (request.body, request.length) = (bytes.baseAddress, bytes.count)
            (request.connect_limit, request.limit) = (min(milliseconds, 5000), milliseconds)
            request.abandoned = UnsafePointer(wanted.flag)
            webhook_post(&request, &answer)
          }
        }
      }
    }
    return judge(answer)
  }

  private static func judge(_ answer: webhook_answer) -> Answer {
    switch answer.status {
    case 0:
      let failure = withUnsafeBytes(of: answer.failure) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .failed(failure, mayPass: answer.possible != 0)
    case 200..<300: return .delivered
    case let status:
      let mayPass = status >= 500 || status == 408 || status == 429
      return .failed("answered with status \(status)", mayPass: mayPass)
    }
  }

  private struct Ended: Error { let why: String }

  private static func run(
    _ line: String, _ body: String, _ event: NotifyEvent, _ environment: [String: String],
    _ limit: Duration, _ wanted: AbandonFlag
  ) -> Answer {
    let deadline = ContinuousClock.now + limit
    var program = ProgramRun {
      if wanted.isAbandoned { throw Ended(why: "not finished when the run ended") }
      if ContinuousClock.now >= deadline { throw Ended(why: "took longer than \(limit)") }
    }
    var rest: [UInt8]? = Array((body + "\n").utf8)
    program.input = {
      defer { rest = nil }
      return rest
    }
    var variables = environment
    variables["NOTIFY_EVENT"] = event.rawValue
    do {
      let ending = try program.run(
        ProgramCall(path: "/bin/sh", arguments: ["-c", line], environment: variables))
      return ending.exitCode == 0 ? .delivered : .failed(ending.reason, mayPass: true)
    } catch let error as Ended {
      return .failed(error.why, mayPass: true)
    } catch let error as Subprocess.Failure {
      return .failed(error.reason, mayPass: false)
    } catch {
      return .failed("\(error)", mayPass: true)
    }
  }
}

/// Tells another thread that the caller has stopped waiting.
package final class AbandonFlag: Sendable {
  package nonisolated(unsafe) let flag: UnsafeMutablePointer<Int32>

  init() {
    flag = .allocate(capacity: 1)
    flag.initialize(to: 0)
  }

  deinit { flag.deallocate() }

  package func abandon() { webhook_abandon(flag) }

  var isAbandoned: Bool { webhook_is_abandoned(flag) != 0 }
}
