/*
 * limits: what a field of a request may hold, as rows of data. A field without a row has the
 * limits of its type; the rows alone say so, no code.
 */
#ifndef CTPS_WIRE_LIMITS_H
#define CTPS_WIRE_LIMITS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_class {
    WIRE_TEXT,   /* free text: lines and tabs allowed; max in code points */
    WIRE_LINE,   /* one line, no control character; max in code points */
    WIRE_KEY,    /* the same; max in bytes */
    WIRE_CODE,   /* [A-Za-z0-9_.-], not beginning with '.' or '-'; max in bytes */
    WIRE_SLUG,   /* [a-z0-9-], not beginning with '-'; max in bytes */
    WIRE_BYTES,  /* min to max bytes */
    WIRE_NUMBER, /* 0 to max; 0: whatever the type holds */
    WIRE_PARTS,  /* repeated messages: only their count */
    WIRE_CLASS_COUNT
};

struct wire_limit {
    const char *message;
    const char *field;
    enum wire_class class;
    uint32_t min; /* WIRE_BYTES only; an absent field has no length */
    uint32_t max;
    uint32_t count; /* values of a repeated field; 0: WIRE_REPEATED_MAX */
};

enum {
    WIRE_LINE_MAX = 200,    /* code points of a string without a row */
    WIRE_BYTES_MAX = 64,    /* bytes of a bytes field without a row */
    WIRE_REPEATED_MAX = 32, /* values of a repeated field without a row */
};

/* Rows of one message type, side by side; a borrow, for ever. */
struct wire_limits {
    const struct wire_limit *rows;
    size_t count;
};

/* Every row, sorted by message then field. */
struct wire_limits wire_limits_all(void);
/* The rows of a message type (its name without package); none is not an error. */
struct wire_limits wire_limits_of(const char *message);
/* The row of `field` in the rows of its message, or the limits of its type; never NULL. */
const struct wire_limit *wire_limit_get(const struct wire_limits *limits,
                                        const ProtobufCFieldDescriptor *field);
/* How many values a repeated field may have. */
uint32_t wire_limit_count(const struct wire_limit *limit);
/* "text", "line", "key", "code", "slug", "bytes", "number", "parts". */
const char *wire_class_name(enum wire_class class);

#endif
