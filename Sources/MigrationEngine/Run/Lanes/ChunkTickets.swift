import MigrationLedger
import Synchronization

/// The chunks of a table that no lane of this run has taken.
///
/// No one else takes chunks while a run holds the target's lock. So a lane for which none is left need not ask
/// the server, and a chunk that is known can be claimed by the message that begins to load it.
final class ChunkTickets: Sendable {
  enum Ticket {
    case known(Chunk)
    /// Which chunk it is for, the ledger says.
    case any
  }

  private struct State {
    var known: ArraySlice<Chunk>
    var others: Int
  }

  private let state: Mutex<State>

  /// - Parameters:
  ///   - known: pending chunks of which everything is known.
  ///   - others: how many other chunks are pending; nil if that is not known.
  init(known: [Chunk] = [], others: Int? = nil) {
    state = Mutex(State(known: known[...], others: others ?? Int.max / 2))
  }

  /// Returns nil if none is left.
  ///
  /// What was given back comes first: the ledger gives out the lowest number, and a chunk that failed may have to
  /// be loaded before those after it.
  func take() -> Ticket? {
    state.withLock { state in
      guard state.others == 0 else {
        state.others -= 1
        return .any
      }
      return state.known.popFirst().map(Ticket.known)
    }
  }

  /// Gives back the ticket for a chunk that was not committed.
  func giveBack() { state.withLock { $0.others += 1 } }
}
