#pragma once
#include <stdbool.h>

/// False under a sanitizer, which has an allocator of its own.
bool allocations_are_counted(void);

/// How often this thread has asked for memory so far.
long allocation_count(void);
