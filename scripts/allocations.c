// Counts a program's calls for memory, those inside libpq's PQgetCopyData apart: it hands each row out in a block of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_long own, in_libpq;
static _Thread_local int is_in_libpq;

static void count(void) { atomic_fetch_add_explicit(is_in_libpq ? &in_libpq : &own, 1, memory_order_relaxed); }

void *malloc(size_t size) { count(); return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { count(); return __libc_calloc(number, size); }
void *realloc(void *block, size_t size) { count(); return __libc_realloc(block, size); }
void *memalign(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(); return __libc_memalign(alignment, size); }
int posix_memalign(void **block, size_t alignment, size_t size) {
  count();
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : 12;
}

int PQgetCopyData(void *connection, char **buffer, int async) {
  static int (*real)(void *, char **, int);
  if (!real) real = (int (*)(void *, char **, int))dlsym(RTLD_NEXT, "PQgetCopyData");
  is_in_libpq = 1;
  int length = real(connection, buffer, async);
  is_in_libpq = 0;
  return length;
}

static void tell(void) {
  const char *path = getenv("ALLOCATIONS_FILE");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld %ld\n", (long)own, (long)in_libpq);
  fclose(file);
}

// The program ends without the usual way out, on which destructors would run.
void _exit(int code) {
  tell();
  syscall(SYS_exit_group, code);
  __builtin_unreachable();
}
