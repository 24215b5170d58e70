// Runs mutated input through every decoder.
//
// Each input has a seed of its own, counted up from the one given, so that any single one can be
// repeated with --count 1.

import Glibc

guard let options = Options(CommandLine.arguments.dropFirst()) else {
  print("usage: decoder-fuzz [--count N] [--seed S] [--seconds T]")
  exit(2)
}
exit(fuzz(options))

/// Decodes one input after the other; returns the exit code.
func fuzz(_ options: Options) -> CInt {
  Watchdog.start()
  let subjects = allSubjects()
  let deadline = options.seconds.map { time(nil) + $0 }
  var accepted = 0
  var refused = 0
  for number in 0..<UInt64(options.count) {
    if let deadline, number % 64 == 0, time(nil) >= deadline { break }
    let seed = options.seed &+ number
    Watchdog.begin(seed: seed)
    do throws(BrokenPromise) {
      if try decodeOne(seed, subjects) { accepted += 1 } else { refused += 1 }
    } catch {
      print("\(error.reason); repeat with: --count 1 --seed \(seed)")
      return 1
    }
  }
  print("\(accepted + refused) inputs, \(accepted) accepted, \(refused) refused, 0 crashes")
  return 0
}

/// Makes and decodes the input of a seed; returns whether it was accepted.
func decodeOne(_ seed: UInt64, _ subjects: [any Subject]) throws(BrokenPromise) -> Bool {
  var random = SeededRandom(seed: seed)
  // The rarest subject that is due takes the turn; the first is always due.
  let subject = subjects.last { random.chance($0.share) } ?? subjects[0]
  do throws(BrokenPromise) {
    return try subject.decode(subject.input(&random))
  } catch {
    throw BrokenPromise(reason: "\(subject.name): \(error.reason)")
  }
}
