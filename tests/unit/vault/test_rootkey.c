#include "faulty.h"
#include "fixture.h"

#include <ctype.h>
#include <sys/stat.h>

#include "vault/rootkey.h"

static const char digits[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static struct seal_key *key_new(void)
{
    struct seal_key *key = seal_key_new();

    assert_non_null(key);
    return key;
}

static struct seal_key *counting_key(void)
{
    struct seal_key *key = key_new();
    uint8_t bytes[SEAL_KEY_LEN];

    assert_true(hex_decode(bytes, sizeof(bytes), digits));
    seal_key_set(key, bytes);
    return key;
}

static void path_of(const struct fixture *fix, char *out, size_t len)
{
    snprintf(out, len, "%s/root.key", fix->base);
}

static void file_make(const struct fixture *fix, const char *text, mode_t mode)
{
    char path[128];

    path_of(fix, path, sizeof(path));
    unlink(path);
    assert_int_equal(sys_write_file(sys_real(), path, text, strlen(text), 0600), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static enum ctps_code read_back(struct fixture *fix, struct seal_key *key)
{
    char path[128];

    path_of(fix, path, sizeof(path));
    return rootkey_read(key, path, &fix->err);
}

static void read_of_a_private_file_gives_the_key(void **state)
{
    static const char *const endings[] = {"", "\n", "\r\n", " \n\n"};
    struct fixture fix;
    struct seal_key *wanted = counting_key();
    char text[128];

    (void)state;
    fixture_init(&fix);
    for (unsigned i = 0; i < 8; i++) {
        struct seal_key *key = key_new();

        snprintf(text, sizeof(text), "%s%s", digits, endings[i % 4]);
        file_make(&fix, text, i < 4 ? 0400 : 0600);
        assert_int_equal(read_back(&fix, key), CTPS_OK);
        assert_memory_equal(key, wanted, sizeof(*key));
        seal_key_free(&key);
    }
    seal_key_free(&wanted);
    fixture_done(&fix);
}

static void read_of_a_file_open_to_others_is_refused(void **state)
{
    static const mode_t modes[] = {0440, 0404, 0644, 0620, 0602, 0666, 0700, 0401, 0410};
    struct fixture fix;
    struct seal_key *key = key_new();

    (void)state;
    fixture_init(&fix);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        file_make(&fix, digits, modes[i]);
        assert_int_equal(read_back(&fix, key), CTPS_REFUSED);
        assert_non_null(strstr(fix.err.text, "mode"));
    }
    seal_key_free(&key);
    fixture_done(&fix);
}

static void read_of_somebody_elses_file_is_refused(void **state)
{
    struct fixture fix;
    struct seal_key *key = key_new();
    char path[128];

    (void)state;
    fixture_init(&fix);
    file_make(&fix, digits, 0400);
    path_of(&fix, path, sizeof(path));
    /* Only root can give a file away; run by anybody else, the file stays its own. */
    if (chown(path, 65534, 65534) == 0) {
        assert_int_equal(read_back(&fix, key), CTPS_REFUSED);
        assert_non_null(strstr(fix.err.text, "65534"));
    } else {
        assert_int_equal(read_back(&fix, key), CTPS_OK);
    }
    seal_key_free(&key);
    fixture_done(&fix);
}

static void read_of_what_is_no_key_is_invalid(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "0001020304050607",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
        " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f          \n",
    };
    struct fixture fix;
    struct seal_key *key = key_new();

    (void)state;
    fixture_init(&fix);
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        file_make(&fix, texts[i], 0400);
        assert_int_equal(read_back(&fix, key), CTPS_INVALID);
        assert_null(strstr(fix.err.text, "0102"));
    }
    seal_key_free(&key);
    fixture_done(&fix);
}

static void read_of_no_file_folder_or_pipe_is_an_error(void **state)
{
    struct fixture fix;
    struct seal_key *key = key_new();
    char path[128];

    (void)state;
    fixture_init(&fix);
    path_of(&fix, path, sizeof(path));
    assert_int_equal(read_back(&fix, key), CTPS_ABSENT);
    assert_int_equal(rootkey_read(key, fix.base, &fix.err), CTPS_REFUSED);
    assert_int_equal(mkfifo(path, 0400), 0);
    assert_int_equal(read_back(&fix, key), CTPS_REFUSED);
    seal_key_free(&key);
    fixture_done(&fix);
}

static void credential_may_show_its_acl_but_nothing_looser(void **state)
{
    struct fixture fix;
    struct seal_key *key = key_new();

    (void)state;
    fixture_init(&fix);
    file_make(&fix, digits, 0440);
    assert_int_equal(rootkey_read_credential(key, fix.base, "root.key", &fix.err), CTPS_OK);
    file_make(&fix, digits, 0444);
    assert_int_equal(rootkey_read_credential(key, fix.base, "root.key", &fix.err),
                     CTPS_REFUSED);
    assert_int_equal(rootkey_read_credential(key, fix.base, "other", &fix.err), CTPS_ABSENT);
    assert_int_equal(rootkey_read_credential(key, NULL, "root.key", &fix.err), CTPS_ABSENT);
    assert_int_equal(rootkey_read_credential(key, "", "root.key", &fix.err), CTPS_ABSENT);
    seal_key_free(&key);
    fixture_done(&fix);
}

static void write_makes_a_private_file_once(void **state)
{
    struct fixture fix;
    struct seal_key *key = counting_key();
    struct seal_key *found = key_new();
    struct stat st;
    char path[128];

    (void)state;
    fixture_init(&fix);
    path_of(&fix, path, sizeof(path));
    assert_int_equal(rootkey_write(key, path, sys_real(), &fix.err), CTPS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_int_equal(read_back(&fix, found), CTPS_OK);
    assert_memory_equal(found, key, sizeof(*key));
    assert_int_equal(rootkey_write(fix.root, path, sys_real(), &fix.err), CTPS_EXISTS);
    assert_int_equal(read_back(&fix, found), CTPS_OK);
    assert_memory_equal(found, key, sizeof(*key));
    seal_key_free(&found);
    seal_key_free(&key);
    fixture_done(&fix);
}

static void write_that_fails_leaves_no_file(void **state)
{
    struct fixture fix;
    struct seal_key *key = counting_key();
    char path[128];
    unsigned at = 0;
    enum ctps_code code;

    (void)state;
    fixture_init(&fix);
    path_of(&fix, path, sizeof(path));
    do {
        struct faulty faulty;

        faulty_init(&faulty, FAULTY_ONCE, ++at);
        code = rootkey_write(key, path, &faulty.sys, &fix.err);
        assert_int_equal(access(path, F_OK), code == CTPS_OK ? 0 : -1);
    } while (code != CTPS_OK && at < 20);
    assert_int_equal(at, 5);
    seal_key_free(&key);
    fixture_done(&fix);
}

static void derived_keys_differ_by_use_and_from_the_root(void **state)
{
    struct seal_key *root = counting_key();
    struct seal_key *keys[4];

    (void)state;
    for (unsigned use = 0; use < 4; use++) {
        keys[use] = key_new();
        rootkey_derive(keys[use], root, (enum rootkey_use)use);
        assert_memory_not_equal(keys[use]->bytes, root->bytes, SEAL_KEY_LEN);
        for (unsigned other = 0; other < use; other++)
            assert_memory_not_equal(keys[use]->bytes, keys[other]->bytes, SEAL_KEY_LEN);
    }
    for (unsigned use = 0; use < 4; use++)
        seal_key_free(&keys[use]);
    seal_key_free(&root);
}

static void sheet_reads_back_to_the_same_key(void **state)
{
    char sheet[ROOTKEY_SHEET_LEN];

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        struct seal_key *key = key_new();
        struct seal_key *found = key_new();

        seal_key_random(key, sys_real());
        rootkey_sheet_write(sheet, key, 20780);
        assert_true(strlen(sheet) < ROOTKEY_SHEET_LEN - 1);
        assert_non_null(strstr(sheet, "2026-11-23"));
        assert_int_equal(rootkey_sheet_read(found, sheet, NULL), CTPS_OK);
        assert_memory_equal(found, key, sizeof(*key));
        seal_key_free(&found);
        seal_key_free(&key);
    }
}

static void sheet_typed_again_by_hand_is_forgiven_its_looks(void **state)
{
    struct seal_key *key = counting_key();
    struct seal_key *found = key_new();
    char sheet[ROOTKEY_SHEET_LEN];
    char typed[2 * ROOTKEY_SHEET_LEN];
    char *out = typed;

    (void)state;
    rootkey_sheet_write(sheet, key, 20780);
    for (const char *in = strstr(sheet, "    1:"); *in; in++) {
        if (*in == '0')
            *out++ = 'O';
        else if (*in == '1' && in[1] != ':')
            *out++ = 'l';
        else if (*in == ' ')
            out = stpcpy(out, "\t ");
        else
            *out++ = (char)toupper((unsigned char)*in);
        if (in[0] == '\n' && in[1] == '\n')
            break;
    }
    *out = '\0';
    assert_int_equal(rootkey_sheet_read(found, typed, NULL), CTPS_OK);
    assert_memory_equal(found, key, sizeof(*key));
    seal_key_free(&found);
    seal_key_free(&key);
}

/* Every digit of the five lines, each replaced by another. */
static void sheet_with_any_wrong_digit_names_its_line(void **state)
{
    struct seal_key *key = counting_key();
    struct seal_key *found = key_new();
    struct ctps_err err;
    char sheet[ROOTKEY_SHEET_LEN];
    char wanted[16];
    unsigned changed = 0;

    (void)state;
    rootkey_sheet_write(sheet, key, 20780);
    for (unsigned line = 1; line <= 5; line++) {
        char start[8];
        char *at;

        snprintf(start, sizeof(start), "    %u:", line);
        snprintf(wanted, sizeof(wanted), "line %u", line);
        for (at = strstr(sheet, start) + 6; *at != '\n'; at++) {
            char was = *at;

            if (!isxdigit((unsigned char)was))
                continue;
            *at = was == '7' ? '8' : '7';
            assert_int_equal(rootkey_sheet_read(found, sheet, &err), CTPS_INVALID);
            assert_non_null(strstr(err.text, wanted));
            *at = was;
            changed++;
        }
    }
    assert_int_equal(changed, 4 * 20 + 32);
    seal_key_free(&found);
    seal_key_free(&key);
}

static void sheet_without_a_line_or_with_lines_swapped_is_invalid(void **state)
{
    static const char *const texts[] = {
        "",
        "1:",
        "no sheet at all",
        "1: 0001 0203 0405 0607 0000\n",
    };
    struct seal_key *key = counting_key();
    struct seal_key *found = key_new();
    char sheet[ROOTKEY_SHEET_LEN];

    (void)state;
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(rootkey_sheet_read(found, texts[i], NULL), CTPS_INVALID);
    rootkey_sheet_write(sheet, key, 20780);
    *strstr(sheet, "    5:") = 'x';
    assert_int_equal(rootkey_sheet_read(found, sheet, NULL), CTPS_INVALID);
    rootkey_sheet_write(sheet, key, 20780);
    strstr(sheet, "    1:")[4] = '2';
    strstr(strstr(sheet, "    2:") + 6, "    2:")[4] = '1';
    assert_int_equal(rootkey_sheet_read(found, sheet, NULL), CTPS_INVALID);
    seal_key_free(&found);
    seal_key_free(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_of_a_private_file_gives_the_key),
        cmocka_unit_test(read_of_a_file_open_to_others_is_refused),
        cmocka_unit_test(read_of_somebody_elses_file_is_refused),
        cmocka_unit_test(read_of_what_is_no_key_is_invalid),
        cmocka_unit_test(read_of_no_file_folder_or_pipe_is_an_error),
        cmocka_unit_test(credential_may_show_its_acl_but_nothing_looser),
        cmocka_unit_test(write_makes_a_private_file_once),
        cmocka_unit_test(write_that_fails_leaves_no_file),
        cmocka_unit_test(derived_keys_differ_by_use_and_from_the_root),
        cmocka_unit_test(sheet_reads_back_to_the_same_key),
        cmocka_unit_test(sheet_typed_again_by_hand_is_forgiven_its_looks),
        cmocka_unit_test(sheet_with_any_wrong_digit_names_its_line),
        cmocka_unit_test(sheet_without_a_line_or_with_lines_swapped_is_invalid),
    };

    if (seal_start(NULL) != CTPS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
