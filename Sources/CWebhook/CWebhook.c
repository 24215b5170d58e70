#include "CWebhook.h"

#include <CLateLibraries.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

// Swift can't call functions that take any number of arguments, as those of libcurl do.

static void begin(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

void webhook_abandon(int *abandoned) { __atomic_store_n(abandoned, 1, __ATOMIC_RELEASE); }

int webhook_is_abandoned(const int *abandoned) { return __atomic_load_n(abandoned, __ATOMIC_ACQUIRE); }

// What the server has to say beside its status is of no use here.
static size_t forget(char *bytes, size_t size, size_t count, void *context) {
  (void)bytes;
  (void)context;
  return size * count;
}

static int look(void *abandoned, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  return webhook_is_abandoned(abandoned);
}

static void prepare(CURL *curl, const struct webhook_request *request, struct curl_slist *headers) {
  curl_easy_setopt(curl, CURLOPT_URL, request->url);
  // Certificates are checked, as libcurl does it by itself; nothing but HTTP is spoken, and nobody is followed.
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, request->connect_limit);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, request->limit);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, request->agent);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, forget);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)request->abandoned);
}

static int is_possible(CURLcode code) {
  return code != CURLE_UNSUPPORTED_PROTOCOL && code != CURLE_URL_MALFORMAT && code != CURLE_PEER_FAILED_VERIFICATION
    && code != CURLE_SSL_CACERT_BADFILE;
}

void webhook_post(const struct webhook_request *request, struct webhook_answer *answer) {
  answer->status = 0;
  answer->possible = 1;
  answer->failure[0] = 0;
  const char *missing = late_missing_libcurl();
  if (missing) {
    answer->possible = 0;
    snprintf(answer->failure, sizeof answer->failure, "libcurl is missing: %s", missing);
    return;
  }
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, begin);
  CURL *curl = curl_easy_init();
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  if (!curl || !headers) {
    snprintf(answer->failure, sizeof answer->failure, "there is no memory for it");
  } else {
    char text[CURL_ERROR_SIZE] = "";
    prepare(curl, request, headers);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
      curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    } else {
      answer->possible = is_possible(code);
      snprintf(answer->failure, sizeof answer->failure, "%s", text[0] ? text : curl_easy_strerror(code));
    }
  }
  curl_slist_free_all(headers);
  if (curl) curl_easy_cleanup(curl);
}
