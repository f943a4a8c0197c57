#include "view/view_private.h"

enum { ROWS_HELD = 4096 }; /* opened values a transaction holds before it forgets them */

void view_digest_row(uint8_t out[VIEW_DIGEST_LEN], unsigned table, struct bytes key,
                     struct bytes value)
{
    uint8_t head[8];
    struct bytes parts[] = {bytes_of(head, sizeof(head)), key, value};

    le32_put(head, table);
    le32_put(head + 4, (uint32_t)key.len);
    seal_hash(out, parts, 3);
}

/* Little-endian 256-bit numbers: four words with carry. */
static void number_add(uint8_t sum[VIEW_DIGEST_LEN], const uint8_t add[VIEW_DIGEST_LEN])
{
    uint64_t carry = 0;

    for (size_t i = 0; i < VIEW_DIGEST_LEN; i += 8) {
        uint64_t a = le64_get(sum + i);
        uint64_t b = a + le64_get(add + i);
        uint64_t c = b + carry;

        carry = (b < a) | (c < b);
        le64_put(sum + i, c);
    }
}

static void number_negate(uint8_t number[VIEW_DIGEST_LEN])
{
    uint8_t one[VIEW_DIGEST_LEN] = {1};

    for (size_t i = 0; i < VIEW_DIGEST_LEN; i++)
        number[i] = (uint8_t)~number[i];
    number_add(number, one);
}

void view_digest_add(uint8_t digest[VIEW_DIGEST_LEN], const uint8_t row[VIEW_DIGEST_LEN])
{
    number_add(digest, row);
}

void view_digest_subtract(uint8_t digest[VIEW_DIGEST_LEN], const uint8_t row[VIEW_DIGEST_LEN])
{
    uint8_t negative[VIEW_DIGEST_LEN];

    memcpy(negative, row, VIEW_DIGEST_LEN);
    number_negate(negative);
    number_add(digest, negative);
}

void view_digest_get(const struct view *view, uint8_t out[VIEW_DIGEST_LEN])
{
    memcpy(out, view->now.digest, VIEW_DIGEST_LEN);
}

static enum ctps_code table_digest(struct store_txn *txn, unsigned table,
                                   uint8_t out[VIEW_DIGEST_LEN])
{
    uint8_t hash[VIEW_DIGEST_LEN];
    struct store_cursor *cursor;
    struct bytes key;
    struct bytes value;
    struct bytes found;
    size_t rows = 0;
    enum ctps_code code =
        store_cursor_open(&cursor, txn, table, bytes_of(NULL, 0), bytes_of(NULL, 0), false);

    if (code != CTPS_OK)
        return code;
    while ((code = store_cursor_next(cursor, &key, &value)) == CTPS_OK) {
        /* A walk passes over pages that changed places; a search does not find their rows. */
        if (store_get(txn, table, key, &found) != CTPS_OK || !bytes_equal(found, value)) {
            code = CTPS_DAMAGED;
            break;
        }
        view_digest_row(hash, table, key, value);
        view_digest_add(out, hash);
        if (++rows % ROWS_HELD == 0)
            store_txn_forget(txn);
    }
    store_cursor_close(&cursor);
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

enum ctps_code view_digest_compute(struct view *view, uint8_t out[VIEW_DIGEST_LEN],
                                   struct ctps_err *err)
{
    struct store_txn *txn;
    enum ctps_code code = store_txn_begin(&txn, view->store, false, err);

    if (code != CTPS_OK)
        return code;
    memset(out, 0, VIEW_DIGEST_LEN);
    for (unsigned table = TABLE_META + 1; table < TABLE_COUNT && code == CTPS_OK; table++)
        code = table_digest(txn, table, out);
    if (code != CTPS_OK && store_txn_error(txn, err) == CTPS_OK)
        err_set(err, code, "views: a row that is there is found by no search");
    store_txn_abort(&txn);
    return code;
}
