/* A flush that failed, a restart, more records, a power cut: every record must still be there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim_disk.h"
#include "vault/ledger.h"

/* Over several sectors: a later write brings the sector it lies in along. */
enum { FIRST_COUNT = 40 };

static const struct ledger_record second[] = {{2, 2000, 20001}};

static void append(struct sim_disk *disk, const struct seal_key *root,
                   const struct ledger_record *records, size_t count, enum ctps_code wanted)
{
    struct ledger *ledger = NULL;
    struct ctps_err err = {0};

    assert_int_equal(ledger_open(&ledger, "l/erased", sim_disk_sys(disk), root, &err), CTPS_OK);
    if (wanted != CTPS_OK) {
        struct sim_fault fault = {.kinds = SIM_OP_SYNC, .at = 1, .errnum = 5, .lost = true};

        sim_disk_fault_set(disk, &fault);
    }
    assert_int_equal(ledger_append(ledger, records, count, &err), wanted);
    sim_disk_fault_set(disk, NULL);
    ledger_close(&ledger);
    sim_disk_kill(disk);
}

static void open_after_failed_flush_makes_records_durable(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_cut cut = {.policy = SIM_CUT_FLUSHED};
    struct seal_key *root;
    struct ledger *ledger = NULL;
    struct ctps_err err = {0};
    struct ledger_record first[FIRST_COUNT];
    struct sim_disk *after;

    (void)state;
    for (unsigned i = 0; i < FIRST_COUNT; i++)
        first[i] = (struct ledger_record){.subject = 1, .slot = i + 1, .day = 20000};
    assert_int_equal(seal_start(NULL), CTPS_OK);
    root = seal_key_new();
    seal_key_random(root, sim_disk_sys(disk));
    sim_disk_put(disk, "l/keep", bytes_of(NULL, 0));
    append(disk, root, first, FIRST_COUNT, CTPS_IO);
    append(disk, root, second, 1, CTPS_OK);
    after = sim_disk_cut(disk, &cut);
    assert_int_equal(ledger_open(&ledger, "l/erased", sim_disk_sys(after), root, &err),
                     CTPS_OK);
    assert_int_equal(ledger_count(ledger), FIRST_COUNT + 1);
    ledger_close(&ledger);
    sim_disk_free(&after);
    sim_disk_free(&disk);
    seal_key_free(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_after_failed_flush_makes_records_durable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
