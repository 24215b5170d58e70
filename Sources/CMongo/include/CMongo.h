#pragma once
#include <stddef.h>
#include <stdint.h>

#include "CMongoGuard.h"

/* One field of a document. Both pointers reach into the document that was walked. */
typedef struct {
  const uint8_t *key;
  const uint8_t *value; /* the value as it is encoded, behind the key's NUL */
  int64_t payload;      /* int32, int64, date, bool and timestamp as a number; a double's bits */
  uint32_t key_length;
  uint32_t value_length;
  uint8_t type;
} cmongo_field;

enum {
  CMONGO_DAMAGED = -1,  /* *error_offset says where */
  CMONGO_MORE = -2,     /* more fields than capacity: grow and walk again */
};

/* Walks one level of a document with libbson's bounds-checked iterator; returns the number of fields. */
ptrdiff_t cmongo_walk(
    const uint8_t *document, size_t length, cmongo_field *fields, size_t capacity,
    size_t *error_offset);
