/*
 * Linked into a daemon of its own with --wrap=apply_entry: an apply that reads the clock, the
 * defect that rebuilding the views must show (R6).
 */
#include "base/sys.h"
#include "domain/apply.h"

/* The names are the linker’s. */
enum ctps_code __real_apply_entry(const struct apply *apply);
enum ctps_code __wrap_apply_entry(const struct apply *apply);

enum ctps_code __wrap_apply_entry(const struct apply *apply)
{
    struct apply planted = *apply;
    Ctps__Entry entry = *apply->entry;

    entry.time_us = sys_wall_us(sys_real());
    planted.entry = &entry;
    return __real_apply_entry(&planted);
}
