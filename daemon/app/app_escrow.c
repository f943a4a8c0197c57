/* The root key and its sheet of paper: compared, printed again, made a file again. */
#include "app/app_private.h"
#include "base/zone.h"
#include "vault/rootkey.h"

static enum ctps_code key_new(struct seal_key **ret_key, struct ctps_err *err)
{
    enum ctps_code code = seal_start(err);

    *ret_key = code == CTPS_OK ? seal_key_new() : NULL;
    return code != CTPS_OK || *ret_key ? code : err_set(err, CTPS_NOMEM, "root key");
}

/* The one the configuration leads to. Own. */
static enum ctps_code key_in_use(struct seal_key **ret_key, const char *config_path,
                                 struct ctps_err *err)
{
    struct conf *conf = NULL;
    enum ctps_code code = key_new(ret_key, err);

    if (code == CTPS_OK)
        code = conf_load(sys_real(), config_path, app_rows, app_row_count(), &conf, err);
    if (code != CTPS_OK)
        return code;
    app_zone_set(conf);
    code = app_root_read(conf, *ret_key, err);
    conf_free(&conf);
    return code;
}

static enum ctps_code key_of_sheet(struct seal_key **ret_key, const char *sheet,
                                   struct ctps_err *err)
{
    enum ctps_code code = key_new(ret_key, err);

    return code == CTPS_OK ? rootkey_sheet_read(*ret_key, sheet, err) : code;
}

static bool is_same(const struct seal_key *one, const struct seal_key *other)
{
    return one && other && memcmp(one->commit, other->commit, SEAL_COMMIT_LEN) == 0;
}

enum ctps_code app_escrow_check(const char *config_path, const char *sheet,
                                struct ctps_err *err)
{
    struct seal_key *typed;
    struct seal_key *used = NULL;
    enum ctps_code code = key_of_sheet(&typed, sheet, err);

    if (code == CTPS_OK)
        code = key_in_use(&used, config_path, err);
    if (code == CTPS_OK && !is_same(typed, used))
        code =
            err_set(err, CTPS_INVALID,
                    "the sheet is whole and holds another root key than the one in use: find "
                    "the right one, or print it again (escrow print)");
    seal_key_free(&typed);
    seal_key_free(&used);
    return code;
}

enum ctps_code app_escrow_print(const char *config_path, char *sheet, struct ctps_err *err)
{
    struct seal_key *used;
    enum ctps_code code = key_in_use(&used, config_path, err);

    if (code == CTPS_OK)
        rootkey_sheet_write(sheet, used, zone_day_of(sys_wall_us(sys_real())));
    seal_key_free(&used);
    return code;
}

enum ctps_code app_escrow_restore(const char *path, const char *sheet, struct ctps_err *err)
{
    struct seal_key *typed;
    enum ctps_code code = key_of_sheet(&typed, sheet, err);

    if (code == CTPS_OK)
        code = rootkey_write(typed, path, sys_real(), err);
    seal_key_free(&typed);
    return code;
}
