/*
 * http: the little of HTTP/1.1 (RFC 9112) that asking a witness takes: heads of messages whose
 * body has a length said once. Whatever two readers could read differently is refused: bare
 * line feeds, folded or repeated headers, spaces before a colon, chunks, a second Host. Pure.
 */
#ifndef AUDIT_HTTP_H
#define AUDIT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_HEAD_MAX = 4096, HTTP_WORD_MAX = 128, HTTP_BODY_MAX = 32768 };

enum http_result {
    HTTP_MORE, /* the head has not ended yet */
    HTTP_DONE,
    HTTP_BAD,
};

struct http_head {
    size_t len; /* of the head, with its empty line */
    bool has_body_len;
    size_t body_len; /* at most HTTP_BODY_MAX */
    bool too_large;  /* HTTP_BAD because of that */
    bool closes;     /* the connection ends after this message */
    char type[HTTP_WORD_MAX];
    /* of a request */
    char method[HTTP_WORD_MAX], target[HTTP_WORD_MAX];
    /* of a response */
    unsigned status;
};

/* `data` need not end in zero. */
enum http_result http_request_read(const char *data, size_t len, struct http_head *out);
enum http_result http_response_read(const char *data, size_t len, struct http_head *out);

#endif
