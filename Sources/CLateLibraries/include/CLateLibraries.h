#pragma once

// libpq, libmongoc and libcurl, loaded when the first of their functions is called.
//
// Together they bring forty libraries along, and loading those takes longer than all else that a short command does:
// `migrate --help` would wait 20 ms for databases that it does not ask. So nothing is linked to the three: each function
// that is used stands in functions/, and has a stand-in here by its own name. The first call of any of them loads the
// library, and each call after it is a jump, as it is with a linked library.
//
// A function that is missing in functions/ is an undefined symbol when the executable is linked.

// What the program exits with where a library that is called can't be used: the command line's code for a wrong
// configuration.
#define LATE_LIBRARY_MISSING 3

// Why a library can't be used, or NULL where it can: for callers that can do without it.
const char *_Nullable late_missing_libcurl(void);
const char *_Nullable late_missing_libmongoc(void);
const char *_Nullable late_missing_libpq(void);

// Tells that a library can't be used, before the program ends because of it; called on the thread that needed it.
typedef void (*late_teller)(const char *_Nonnull file, const char *_Nonnull why, const char *_Nonnull package);

// Says who tells it; nobody told, it is a text on stderr. To be called before other threads begin.
void late_tell_missing_by(late_teller _Nonnull teller);
