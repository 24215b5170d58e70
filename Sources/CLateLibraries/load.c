#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CLateLibraries.h"

// A function by its name, and where its stand-in looks for it.
struct function {
  const char *name;
  void **place;
};

struct library {
  const char *file;
  const char *package;
  const struct function *functions;
  void (*loaded)(void);  // what is done as soon as it is there, or NULL
  pthread_once_t once;
  char missing[256];  // why it can't be used; empty where it can
};

#define LATE(name) extern void *late_place_##name __attribute__((visibility("hidden")));
#include "functions/libcurl.h"
#include "functions/libmongoc.h"
#include "functions/libpq.h"
#undef LATE

#define LATE(name) {#name, &late_place_##name},
static const struct function of_libcurl[] = {
#include "functions/libcurl.h"
  {NULL, NULL}};
static const struct function of_libmongoc[] = {
#include "functions/libmongoc.h"
  {NULL, NULL}};
static const struct function of_libpq[] = {
#include "functions/libpq.h"
  {NULL, NULL}};
#undef LATE

/* Debian's driver starts itself when it is loaded, and makes a file of counters in shared memory. A process that is killed
   leaves it behind, and a later one of the same number warns about it on stderr. So its name goes at once; the driver goes on
   counting in the memory that it has mapped. */
static void forget_counters(void) {
  char name[32];
  snprintf(name, sizeof name, "/mongoc-%u", (unsigned)getpid());
  shm_unlink(name);
}

static void load(struct library *library) {
  const char *why = dlopen(library->file, RTLD_NOW | RTLD_GLOBAL) ? NULL : dlerror();
  if (!why && library->loaded) library->loaded();
  for (const struct function *function = library->functions; function->name && !why; function++) {
    void *found = dlsym(RTLD_DEFAULT, function->name);
    if (found) __atomic_store_n(function->place, found, __ATOMIC_RELEASE);
    else why = dlerror();
  }
  if (why) snprintf(library->missing, sizeof library->missing, "%s", why);
}

static late_teller tell;

void late_tell_missing_by(late_teller teller) { tell = teller; }

// Nothing can go on without the library that was called, as nothing could if the system's loader had missed it.
static void give_up(const struct library *library) {
  if (tell) tell(library->file, library->missing, library->package);
  else fprintf(stderr, "%s is needed for this, and can't be used: %s (package %s)\n", library->file, library->missing, library->package);
  _exit(LATE_LIBRARY_MISSING);
}

#define LIBRARY(name, so, deb, loaded)                                                                             \
  static struct library name = {so, deb, of_##name, loaded, PTHREAD_ONCE_INIT, ""};                                \
  static void load_##name(void) { load(&name); }                                                                   \
  const char *late_missing_##name(void) {                                                                          \
    pthread_once(&name.once, load_##name);                                                                         \
    return name.missing[0] ? name.missing : NULL;                                                                  \
  }                                                                                                                \
  __attribute__((visibility("hidden"))) void late_load_##name(void) {                                              \
    if (late_missing_##name()) give_up(&name);                                                                     \
  }

LIBRARY(libcurl, "libcurl.so.4", "libcurl4", NULL)
LIBRARY(libmongoc, "libmongoc-1.0.so.0", "libmongoc-1.0-0", forget_counters)
LIBRARY(libpq, "libpq.so.5", "libpq5", NULL)
