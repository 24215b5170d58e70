import FoundationEssentials
import Glibc

// A reader that closes the output (`| head`) must not kill the program by a signal.
signal(SIGPIPE, SIG_IGN)
// Files may contain customer data, so only their owner may read them; child processes inherit this.
umask(0o077)
MissingLibrary.installHandler()
let words = CommandWords.taken()
let code = Program.standard.run(words, environment: ProcessInfo.processInfo.environment)
// A thread may still be connecting. `exit` would free what its library uses, so `_exit` skips the libraries' exit handlers.
fflush(nil)
_exit(code.rawValue)
