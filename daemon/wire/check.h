/*
 * check: the single values of a message, once found in its bytes. Reasons are plain text after
 * "path: " of wire/wire.h and never quote the value.
 */
#ifndef CTPS_WIRE_CHECK_H
#define CTPS_WIRE_CHECK_H

#include "base/err.h"
#include "wire/limits.h"
#include "wire/wire.h"

struct wire_fault {
    enum ctps_code code;
    char reason[64];
};

/* Each returns CTPS_OK or fills `ret_fault` and returns its code. In WIRE_STORED mode `limit`
 * is not looked at and may be NULL. */
enum ctps_code wire_check_string(struct bytes text, const struct wire_limit *limit,
                                 enum wire_strictness strictness, struct wire_fault *ret_fault);
enum ctps_code wire_check_bytes(size_t len, const struct wire_limit *limit,
                                enum wire_strictness strictness, struct wire_fault *ret_fault);
/* `raw` is the varint as it stood: zigzag not yet undone, sign-extended to 64 bits. In strict
 * mode days and instants (wire/field.h) must lie within base/civil.h's range. */
enum ctps_code wire_check_varint(const ProtobufCFieldDescriptor *field, uint64_t raw,
                                 const struct wire_limit *limit,
                                 enum wire_strictness strictness, struct wire_fault *ret_fault);

#endif
