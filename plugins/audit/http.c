#include "http.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 64, LENGTH_DIGITS_MAX = 7 };

static const char token_letters[] = "!#$%&'*+-.^_`|~0123456789"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* A line without its end. */
struct line {
    const char *text;
    size_t len;
};

/* The next line; HTTP_DONE past the last byte of one, HTTP_MORE when it has not ended. */
static enum http_result line_next(const char *data, size_t len, size_t *at, struct line *out)
{
    const char *start = data + *at;
    const char *end = memchr(start, '\n', len - *at);

    if (!end)
        return len >= HTTP_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
    if (end == start || end[-1] != '\r' || (size_t)(end - data) >= HTTP_HEAD_MAX)
        return HTTP_BAD;
    *out = (struct line){start, (size_t)(end - 1 - start)};
    *at = (size_t)(end + 1 - data);
    for (size_t i = 0; i < out->len; i++)
        if ((unsigned char)out->text[i] < ' ' && out->text[i] != '\t')
            return HTTP_BAD;
    return HTTP_DONE;
}

static bool word_copy(char out[HTTP_WORD_MAX], const char *text, size_t len)
{
    if (len >= HTTP_WORD_MAX)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static size_t token_len(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && text[i] && strchr(token_letters, text[i]))
        i++;
    return i;
}

/* --- headers --- */

struct headers {
    unsigned count, hosts, types;
    struct http_head *head;
};

static bool is_named(struct line line, size_t name_len, const char *name)
{
    return name_len == strlen(name) && strncasecmp(line.text, name, name_len) == 0;
}

static bool is_text(struct line value, const char *text)
{
    return value.len == strlen(text) && strncasecmp(value.text, text, value.len) == 0;
}

static bool length_take(struct headers *headers, struct line value)
{
    struct http_head *head = headers->head;
    size_t number = 0;

    if (head->has_body_len || !value.len)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.text[i] < '0' || value.text[i] > '9')
            return false;
        if (i < LENGTH_DIGITS_MAX)
            number = number * 10 + (size_t)(value.text[i] - '0');
    }
    head->has_body_len = true;
    head->body_len = number;
    head->too_large = value.len > LENGTH_DIGITS_MAX || number > HTTP_BODY_MAX;
    return !head->too_large;
}

static bool header_take(struct headers *headers, struct line line)
{
    size_t name_len = token_len(line.text, line.len);
    struct line value;

    if (!name_len || name_len == line.len || line.text[name_len] != ':' ||
        ++headers->count > HEADERS_MAX)
        return false;
    value = (struct line){line.text + name_len + 1, line.len - name_len - 1};
    while (value.len && (*value.text == ' ' || *value.text == '\t'))
        value.text++, value.len--;
    while (value.len && (value.text[value.len - 1] == ' ' || value.text[value.len - 1] == '\t'))
        value.len--;
    if (is_named(line, name_len, "Transfer-Encoding") || is_named(line, name_len, "Upgrade"))
        return false;
    if (is_named(line, name_len, "Content-Length"))
        return length_take(headers, value);
    if (is_named(line, name_len, "Host"))
        return ++headers->hosts == 1;
    if (is_named(line, name_len, "Connection"))
        headers->head->closes |= is_text(value, "close");
    if (is_named(line, name_len, "Content-Type"))
        return ++headers->types == 1 && word_copy(headers->head->type, value.text, value.len);
    return true;
}

static enum http_result headers_read(const char *data, size_t len, size_t at,
                                     struct headers *headers)
{
    enum http_result result;
    struct line line;

    while ((result = line_next(data, len, &at, &line)) == HTTP_DONE) {
        if (line.len == 0) {
            headers->head->len = at;
            return HTTP_DONE;
        }
        if (!header_take(headers, line))
            return HTTP_BAD;
    }
    return result;
}

/* --- first lines --- */

static bool request_line(struct line line, struct http_head *out)
{
    const char *end = line.text + line.len;
    size_t method_len = token_len(line.text, line.len);
    const char *target = line.text + method_len + 1, *version;

    if (!method_len || method_len == line.len || line.text[method_len] != ' ' || *target != '/')
        return false;
    version = memchr(target, ' ', (size_t)(end - target));
    return version &&
           is_text((struct line){version + 1, (size_t)(end - version - 1)}, "HTTP/1.1") &&
           memcmp(version + 1, "HTTP", 4) == 0 &&
           word_copy(out->method, line.text, method_len) &&
           word_copy(out->target, target, (size_t)(version - target));
}

/* "HTTP/1.1 200 Words"; 1.0 is an answer too. */
static bool status_line(struct line line, struct http_head *out)
{
    const char *text = line.text;

    if (line.len < 12 || memcmp(text, "HTTP/1.", 7) != 0 ||
        (text[7] != '0' && text[7] != '1') || text[8] != ' ' ||
        (line.len > 12 && text[12] != ' '))
        return false;
    for (unsigned i = 9; i < 12; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        out->status = out->status * 10 + (unsigned)(text[i] - '0');
    }
    out->closes = text[7] == '0';
    return out->status >= 200;
}

static enum http_result message_read(const char *data, size_t len, struct http_head *out,
                                     bool (*first)(struct line line, struct http_head *out),
                                     unsigned *ret_hosts)
{
    struct headers headers = {.head = out};
    enum http_result result;
    struct line line;
    size_t at = 0;

    *out = (struct http_head){0};
    result = line_next(data, len, &at, &line);
    if (result == HTTP_DONE)
        result = first(line, out) ? headers_read(data, len, at, &headers) : HTTP_BAD;
    *ret_hosts = headers.hosts;
    return result;
}

enum http_result http_request_read(const char *data, size_t len, struct http_head *out)
{
    unsigned hosts;
    enum http_result result = message_read(data, len, out, request_line, &hosts);

    return result == HTTP_DONE && hosts != 1 ? HTTP_BAD : result;
}

enum http_result http_response_read(const char *data, size_t len, struct http_head *out)
{
    unsigned hosts;

    return message_read(data, len, out, status_line, &hosts);
}
