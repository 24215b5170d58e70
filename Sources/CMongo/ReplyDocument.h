#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whether the document of a reply, and whatever documents are in it, are as long as they say. The rows of a cursor are left
   to those who read them, who look at each length themselves. */
bool reply_document_is_sound(const uint8_t *document, uint32_t length);
