#include "domain/tables.h"

void table_key_init(struct table_key *key)
{
    key->len = 0;
}

void table_key_add_bytes(struct table_key *key, struct bytes bytes)
{
    size_t room = TABLE_KEY_MAX - key->len;
    size_t len = bytes.len < room ? bytes.len : room;

    if (len)
        memcpy(key->data + key->len, bytes.data, len);
    key->len += len;
}

void table_key_add_u64(struct table_key *key, uint64_t value)
{
    uint8_t be[8];

    be64_put(be, value);
    table_key_add_bytes(key, bytes_of(be, sizeof(be)));
}

void table_key_add_u32(struct table_key *key, uint32_t value)
{
    uint8_t be[4];

    be32_put(be, value);
    table_key_add_bytes(key, bytes_of(be, sizeof(be)));
}

void table_key_add_day(struct table_key *key, int32_t day)
{
    table_key_add_u32(key, (uint32_t)day ^ UINT32_C(0x80000000));
}

void table_key_add_text(struct table_key *key, const char *text)
{
    table_key_add_bytes(key, bytes_of_str(text ? text : ""));
    table_key_add_bytes(key, bytes_of("", 1));
}

struct table_key table_key_of_u64(uint64_t value)
{
    struct table_key key = {0};

    table_key_add_u64(&key, value);
    return key;
}

struct table_key table_key_of_text(const char *text)
{
    struct table_key key = {0};

    table_key_add_bytes(&key, bytes_of_str(text ? text : ""));
    return key;
}

struct table_key table_key_of_two(uint64_t first, uint64_t second)
{
    struct table_key key = {0};

    table_key_add_u64(&key, first);
    table_key_add_u64(&key, second);
    return key;
}

struct table_key table_key_of_texts(const char *first, const char *second)
{
    struct table_key key = {0};

    table_key_add_text(&key, first);
    table_key_add_bytes(&key, bytes_of_str(second ? second : ""));
    return key;
}
