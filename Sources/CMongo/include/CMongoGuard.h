#pragma once

struct _mongoc_client_t;

/* Has a client read its replies through a guard. For connections without TLS, which itself finds bytes that were changed. To be
   called before the client has connected. */
void cmongo_guard_replies(struct _mongoc_client_t *client);
