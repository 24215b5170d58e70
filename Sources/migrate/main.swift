import FoundationEssentials
import Glibc

// A reader that closes our output (`| head`) must not end us by a signal in the middle of work.
signal(SIGPIPE, SIG_IGN)
// What this program and those that it starts write may hold rows of customers: for its owner alone.
umask(0o077)
MissingLibrary.isToldLikeAnyFailure()
let words = CommandWords.taken()
let code = Program.standard.run(words, environment: ProcessInfo.processInfo.environment)
// A connection that took too long may still be under way on a thread that is not waited for: what libraries take down in `exit`
// is torn from under it.
fflush(nil)
_exit(code.rawValue)
