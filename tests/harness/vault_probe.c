/*
 * vault_probe: the keys of slots, as whoever holds the root key and a keyring gets them.
 *
 * usage: vault_probe ROOT-KEY-FILE KEYRING-DIR SLOT...
 * One line per slot: the key in hex, or the name of the error. Opening a keyring tidies its
 * folder: give it a copy.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/sys.h"
#include "vault/keyring.h"
#include "vault/rootkey.h"

static void slot_print(struct keyring *keyring, struct seal_key *key, uint64_t slot)
{
    char text[2 * sizeof(key->bytes) + 1];
    enum ctps_code code = keyring_key_get(keyring, slot, key);

    if (code == CTPS_OK)
        hex_encode(text, key->bytes, sizeof(key->bytes));
    printf("%s\n", code == CTPS_OK ? text : err_code_name(code));
}

int main(int argc, char **argv)
{
    struct keyring_options options = {.sys = sys_real()};
    struct keyring *keyring = NULL;
    struct ctps_err err = {0};
    struct seal_key *root;
    struct seal_key *key;
    enum ctps_code code;

    if (argc < 3 || seal_start(&err) != CTPS_OK)
        return EXIT_FAILURE;
    root = seal_key_new();
    key = seal_key_new();
    options.dir = argv[2];
    options.root = root;
    code = root && key ? rootkey_read(root, argv[1], &err) : CTPS_NOMEM;
    if (code == CTPS_OK)
        code = keyring_open(&keyring, &options, &err);
    for (int i = 3; code == CTPS_OK && i < argc; i++)
        slot_print(keyring, key, strtoull(argv[i], NULL, 10));
    if (code != CTPS_OK)
        fprintf(stderr, "vault_probe: %s\n", err.text);
    keyring_close(&keyring);
    seal_key_free(&key);
    seal_key_free(&root);
    return code == CTPS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
