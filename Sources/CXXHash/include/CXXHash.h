#pragma once
#include <stddef.h>
#include <stdint.h>

/// A hash of 128 bits.
typedef struct {
  uint64_t high;
  uint64_t low;
} cxxhash_value;

enum { cxxhash_secret_size = 192 };

/// Makes the secret that hashes are keyed with of a key of any length.
void cxxhash_make_secret(const void *key, size_t key_size, void *secret);

/// XXH3 with 128 bits under a secret of `cxxhash_secret_size` bytes.
cxxhash_value cxxhash_of(const void *bytes, size_t size, const void *secret);
