/* Two sums over the rows. The one kept with each write tells each writing of a row from any
 * other: it is what shows a stale or missing row. The digest tells what the rows say. */
#include "view/view_private.h"

enum { ROWS_HELD = 4096 }; /* opened values a transaction holds before it forgets them */

/* Little-endian numbers of 128 bits. */
struct number {
    uint64_t low, high;
};

static struct number number_of(const uint8_t bytes[VIEW_SUM_LEN])
{
    return (struct number){le64_get(bytes), le64_get(bytes + 8)};
}

static void number_put(uint8_t out[VIEW_SUM_LEN], struct number number)
{
    le64_put(out, number.low);
    le64_put(out + 8, number.high);
}

/* Marks stand in clear in the file: keyed, what each adds cannot be known, so nobody can look
 * for rows whose changes cancel out. */
static struct number share_of(const struct view *view, const uint8_t mark[STORE_MARK_LEN])
{
    uint8_t share[SEAL_SHORT_LEN];

    seal_short(share, view->sum_key, bytes_of(mark, STORE_MARK_LEN));
    return number_of(share);
}

void view_sum_add(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                  const uint8_t mark[STORE_MARK_LEN])
{
    struct number a = number_of(sum);
    struct number b = share_of(view, mark);

    a.low += b.low;
    a.high += b.high + (a.low < b.low);
    number_put(sum, a);
}

void view_sum_subtract(const struct view *view, uint8_t sum[VIEW_SUM_LEN],
                       const uint8_t mark[STORE_MARK_LEN])
{
    struct number a = number_of(sum);
    struct number b = share_of(view, mark);

    a.high -= b.high + (a.low < b.low);
    a.low -= b.low;
    number_put(sum, a);
}

static void digest_row(uint8_t out[VIEW_DIGEST_LEN], unsigned table, struct bytes key,
                       struct bytes value)
{
    uint8_t head[8];
    struct bytes parts[] = {bytes_of(head, sizeof(head)), key, value};

    le32_put(head, table);
    le32_put(head + 4, (uint32_t)key.len);
    seal_hash(out, parts, 3);
}

/* Little-endian 256-bit numbers: four words with carry. */
static void digest_add(uint8_t sum[VIEW_DIGEST_LEN], const uint8_t add[VIEW_DIGEST_LEN])
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

struct found {
    uint8_t sum[VIEW_SUM_LEN];
    uint8_t *digest;
};

static enum ctps_code table_check(const struct view *view, struct store_txn *txn,
                                  unsigned table, struct found *found)
{
    uint8_t hash[VIEW_DIGEST_LEN];
    struct store_cursor *cursor;
    struct bytes key;
    struct bytes value;
    struct bytes again;
    size_t rows = 0;
    enum ctps_code code =
        store_cursor_open(&cursor, txn, table, bytes_of(NULL, 0), bytes_of(NULL, 0), false);

    if (code != CTPS_OK)
        return code;
    while ((code = store_cursor_next(cursor, &key, &value)) == CTPS_OK) {
        /* A walk passes over pages that changed places; a search does not find their rows. */
        if (store_get(txn, table, key, &again) != CTPS_OK || !bytes_equal(again, value)) {
            code = CTPS_DAMAGED;
            break;
        }
        view_sum_add(view, found->sum, store_cursor_mark(cursor));
        digest_row(hash, table, key, value);
        digest_add(found->digest, hash);
        if (++rows % ROWS_HELD == 0)
            store_txn_forget(txn);
    }
    store_cursor_close(&cursor);
    return code == CTPS_ABSENT ? CTPS_OK : code;
}

enum ctps_code view_check(struct view *view, uint8_t ret_digest[VIEW_DIGEST_LEN],
                          struct ctps_err *err)
{
    struct found found = {.digest = ret_digest};
    struct store_txn *txn;
    enum ctps_code code = view_settle(view, err);

    if (code == CTPS_OK)
        code = store_txn_begin(&txn, view->store, false, err);
    if (code != CTPS_OK)
        return code;
    memset(ret_digest, 0, VIEW_DIGEST_LEN);
    for (unsigned table = TABLE_META + 1; table < TABLE_COUNT && code == CTPS_OK; table++)
        code = table_check(view, txn, table, &found);
    if (code != CTPS_OK && store_txn_error(txn, err) == CTPS_OK)
        err_set(err, code, "views: a row that is there is found by no search");
    store_txn_abort(&txn);
    if (code == CTPS_OK && memcmp(found.sum, view->stored.sum, VIEW_SUM_LEN) != 0)
        code =
            err_set(err, CTPS_DAMAGED, "views: a row is stale or missing: run store rebuild");
    return code;
}
