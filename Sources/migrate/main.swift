import FoundationEssentials
import Glibc

// A reader that closes our output (`| head`) must not end us by a signal in the middle of work.
signal(SIGPIPE, SIG_IGN)
let words = CommandWords.taken()
let code = Program.standard.run(words, environment: ProcessInfo.processInfo.environment)
exit(code.rawValue)
