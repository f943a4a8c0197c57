/* A new installation under one folder: configuration, keys, store. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app_private.h"
#include "base/zone.h"
#include "vault/rootkey.h"

enum { CONFIG_LEN = 4096, KEYFILE_LEN = 1024, Z85_LEN = 41 };

struct places {
    char dir[PATH_MAX - 64];
    char keys[PATH_MAX];
    char data[PATH_MAX];
    char config[PATH_MAX];
    char root[PATH_MAX];
    char server[PATH_MAX];
    char operator_key[PATH_MAX];
};

static enum ctps_code places_set(struct places *places, const char *dir, struct ctps_err *err)
{
    char *real;
    int rc;

    if (sys_real()->mkdir(NULL, dir, 0700) < 0)
        return err_set_errno(err, errno, "cannot make %s", dir);
    real = realpath(dir, NULL);
    if (!real)
        return err_set_errno(err, errno, "%s", dir);
    if (snprintf(places->dir, sizeof(places->dir), "%s", real) >= (int)sizeof(places->dir)) {
        free(real);
        return err_set(err, CTPS_INVALID, "path too long: %s", dir);
    }
    free(real);
    snprintf(places->keys, PATH_MAX, "%s/keys", places->dir);
    snprintf(places->data, PATH_MAX, "%s/data", places->dir);
    snprintf(places->config, PATH_MAX, "%s/ctpsd.conf", places->dir);
    snprintf(places->root, PATH_MAX, "%s/keys/root.key", places->dir);
    snprintf(places->server, PATH_MAX, "%s/keys/server.key", places->dir);
    snprintf(places->operator_key, PATH_MAX, "%s/keys/operator.key", places->dir);
    rc = sys_real()->mkdir(NULL, places->keys, 0700);
    if (rc == 0)
        rc = sys_real()->mkdir(NULL, places->data, 0700);
    return rc < 0 ? err_set_errno(err, -rc, "cannot make the folders in %s", dir) : CTPS_OK;
}

static enum ctps_code config_write(const struct places *places, const struct app_init *init,
                                   struct ctps_err *err)
{
    char text[CONFIG_LEN];
    int len = snprintf(text, sizeof(text),
                       "# Every option: ctpsd --sample\n"
                       "data = {\n    dir = \"%s/data\";\n    backup_dir = \"%s/backups\";\n"
                       "    keyring_backup_dir = \"%s/keyring-backups\";\n};\n"
                       "keys = {\n    root = \"%s\";\n    server = \"%s\";\n};\n"
                       "town = { zone = \"%s\"; };\n"
                       "bus = {\n    commands = [ \"ipc://%s/run/commands\" ];\n"
                       "    plugins = [ \"ipc://%s/run/plugins\" ];\n"
                       "    audit = [ \"ipc://%s/run/audit\" ];\n};\n"
                       "# What integrations may do: NAME as in `ctps key new --plugin NAME`.\n"
                       "plugins = {\n    follower = {\n        audiences = [ \"plugins\" ];\n"
                       "        actions = [ \"events.read\", \"status.read\" ];\n    };\n};\n",
                       places->dir, places->dir, places->dir, places->root, places->server,
                       init->zone, places->dir, places->dir, places->dir);
    int rc;

    if (len < 0 || len >= (int)sizeof(text))
        return err_set(err, CTPS_INVALID, "path too long: %s", places->dir);
    rc = sys_write_file(sys_real(), places->config, text, (size_t)len, 0600);
    return rc < 0 ? err_set_errno(err, -rc, "cannot write %s", places->config) : CTPS_OK;
}

static enum ctps_code folders_make(const struct places *places, struct ctps_err *err)
{
    static const char *const names[] = {"backups", "keyring-backups", "run"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int rc;

        snprintf(path, sizeof(path), "%s/%s", places->dir, names[i]);
        rc = sys_real()->mkdir(NULL, path, 0700);
        if (rc < 0)
            return err_set_errno(err, -rc, "cannot make %s", path);
    }
    return CTPS_OK;
}

/* The form of include/ctps/client.h's key files. */
static enum ctps_code operator_write(const struct places *places,
                                     const uint8_t server[CURVE_KEY_LEN],
                                     const uint8_t public_key[CURVE_KEY_LEN],
                                     const uint8_t secret[CURVE_KEY_LEN], struct ctps_err *err)
{
    char z_server[Z85_LEN];
    char z_public[Z85_LEN];
    char z_secret[Z85_LEN];
    char text[KEYFILE_LEN + PATH_MAX];
    int len;
    int rc;

    z85_encode(z_server, server, CURVE_KEY_LEN);
    z85_encode(z_public, public_key, CURVE_KEY_LEN);
    z85_encode(z_secret, secret, CURVE_KEY_LEN);
    len = snprintf(text, sizeof(text),
                   "# ctps key file: whoever holds it is this principal\n"
                   "principal = operator\npublic = %s\nsecret = %s\nserver = %s\n"
                   "commands = ipc://%s/run/commands\nevents = ipc://%s/run/plugins\n",
                   z_public, z_secret, z_server, places->dir, places->dir);
    rc = len < (int)sizeof(text)
             ? sys_write_file(sys_real(), places->operator_key, text, (size_t)len, 0600)
             : -ENAMETOOLONG;
    explicit_bzero(text, sizeof(text));
    explicit_bzero(z_secret, sizeof(z_secret));
    return rc < 0 ? err_set_errno(err, -rc, "cannot write %s", places->operator_key) : CTPS_OK;
}

static enum ctps_code keys_make(const struct places *places, struct seal_key *root,
                                uint8_t operator_public[CURVE_KEY_LEN], struct ctps_err *err)
{
    const struct sys *sys = sys_real();
    struct seal_key *server = seal_key_new();
    uint8_t server_public[CURVE_KEY_LEN];
    uint8_t operator_secret[CURVE_KEY_LEN];
    enum ctps_code code;

    if (!server)
        return err_set(err, CTPS_NOMEM, "keys");
    seal_key_random(root, sys);
    seal_key_random(server, sys);
    curve_public_of(server_public, server->bytes);
    curve_pair_make(sys, operator_public, operator_secret);
    code = rootkey_write(root, places->root, sys, err);
    if (code == CTPS_OK)
        code = rootkey_write(server, places->server, sys, err);
    if (code == CTPS_OK)
        code = operator_write(places, server_public, operator_public, operator_secret, err);
    explicit_bzero(operator_secret, sizeof(operator_secret));
    seal_key_free(&server);
    return code;
}

static enum ctps_code store_make(const struct places *places, const struct app_init *init,
                                 struct seal_key *root,
                                 const uint8_t operator_public[CURVE_KEY_LEN],
                                 struct ctps_err *err)
{
    struct engine_options options = {
        .data_dir = places->data,
        .sys = sys_real(),
        .root = root,
    };
    struct engine_init first = {
        .options = &options,
        .town_name = init->town,
        .insee = init->insee,
        .zone = init->zone,
        .holiday_regime = init->regime,
        .good_friday = init->good_friday,
    };

    settings_init(&options.settings);
    memcpy(first.operator_key, operator_public, ENGINE_KEY_LEN);
    return engine_create(&first, err);
}

enum ctps_code app_init(const struct app_init *init, char *sheet, struct ctps_err *err)
{
    struct places places;
    uint8_t operator_public[CURVE_KEY_LEN];
    struct seal_key *root;
    enum ctps_code code = seal_start(err);

    if (code == CTPS_OK)
        code = places_set(&places, init->dir, err);
    if (code != CTPS_OK)
        return code;
    root = seal_key_new();
    if (!root)
        return err_set(err, CTPS_NOMEM, "keys");
    code = keys_make(&places, root, operator_public, err);
    if (code == CTPS_OK)
        code = folders_make(&places, err);
    if (code == CTPS_OK)
        code = config_write(&places, init, err);
    if (code == CTPS_OK)
        code = store_make(&places, init, root, operator_public, err);
    if (code == CTPS_OK)
        rootkey_sheet_write(sheet, root, zone_day_of(sys_wall_us(sys_real())));
    seal_key_free(&root);
    return code;
}
