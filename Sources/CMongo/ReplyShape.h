#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of a message that comes before its document. */
enum { REPLY_HEAD = 36 };

/* How far a stream of replies has been read, and the beginning of the one that is being read. */
typedef struct {
  uint8_t head[REPLY_HEAD];
  uint32_t seen;   /* of the current reply */
  uint32_t length; /* of the current reply; known once four bytes were seen */
  uint8_t *copy;   /* of a reply that comes in pieces, as far as it has come; else nothing */
  bool allows_compressed;
} reply_shape;

/* Takes the next bytes of the stream. Returns false where a reply ends, or begins, that no server would send. */
bool reply_shape_takes(reply_shape *shape, const uint8_t *bytes, size_t count);

/* Releases what the shape holds. */
void reply_shape_end(reply_shape *shape);
