#include "ctps/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <zmq.h>

static char path[] = "/tmp/ctps-key-XXXXXX";

static int make_path(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0)
        return -1;
    close(fd);
    return unlink(path);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void key_fill(struct ctps_keyfile *key)
{
    memset(key, 0, sizeof(*key));
    assert_int_equal(ctps_keyfile_generate(key, NULL), CTPS_STATUS_OK);
    memset(key->server_key, 7, sizeof(key->server_key));
    snprintf(key->principal, sizeof(key->principal), "agent:Ève Küntz");
    snprintf(key->commands, sizeof(key->commands), "ipc:///run/ctps/commands");
    snprintf(key->events, sizeof(key->events), "tcp://[::1]:5571");
}

/* The text of a good file, with `from` replaced by `to`. */
static void write_changed(const char *from, const char *to, mode_t mode)
{
    struct ctps_keyfile key;
    char text[2048] = "";
    char *at;
    FILE *file;

    key_fill(&key);
    assert_int_equal(ctps_keyfile_write(path, &key, NULL), CTPS_STATUS_OK);
    file = fopen(path, "r+");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    at = strstr(text, from);
    assert_non_null(at);
    rewind(file);
    fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_int_equal(ftruncate(fileno(file), ftell(file)), 0);
    fclose(file);
    chmod(path, mode);
}

static void expect_error(enum ctps_status status, const char *words)
{
    struct ctps_keyfile key;
    struct ctps_error error;

    assert_int_equal(ctps_keyfile_read(path, &key, &error), status);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", error.text, words);
}

static void keyfile_written_is_read_back(void **state)
{
    struct ctps_keyfile written, key;
    struct stat st;

    (void)state;
    key_fill(&written);
    assert_int_equal(ctps_keyfile_write(path, &written, NULL), CTPS_STATUS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(ctps_keyfile_read(path, &key, NULL), CTPS_STATUS_OK);
    assert_memory_equal(&written, &key, sizeof(key));
    assert_int_equal(ctps_keyfile_write(path, &written, NULL), CTPS_STATUS_EXISTS);
}

static void keyfile_without_events_or_with_blanks_is_read(void **state)
{
    struct ctps_keyfile key;

    (void)state;
    write_changed("events = tcp://[::1]:5571", "\r\n\t # = nothing\r\n", 0600);
    assert_int_equal(ctps_keyfile_read(path, &key, NULL), CTPS_STATUS_OK);
    assert_string_equal(key.events, "");
    unlink(path);
    write_changed("commands = ipc", "  commands=\tipc", 0400);
    assert_int_equal(ctps_keyfile_read(path, &key, NULL), CTPS_STATUS_OK);
    assert_string_equal(key.commands, "ipc:///run/ctps/commands");
}

static void keyfile_absent_is_told(void **state)
{
    (void)state;
    expect_error(CTPS_STATUS_ABSENT, path);
}

static void keyfile_others_may_read_is_refused(void **state)
{
    (void)state;
    write_changed("agent", "agent", 0640);
    expect_error(CTPS_STATUS_INVALID, "chmod 600");
}

static void keyfile_malformed_names_the_line(void **state)
{
    static const char *const changes[][3] = {
        {"principal =", "principal", ":2: expected name = value"},
        {"principal =", "principle =", ":2: unknown name principle"},
        {"agent:Ève Küntz", "", ":2: principal needs"},
        {"public = ", "public = x", ":3: public is not a key"},
        {"secret = ", "public = ", ":4: public stands there twice"},
        {"server = ", "# server = ", "server is missing"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        write_changed(changes[i][0], changes[i][1], 0600);
        expect_error(CTPS_STATUS_INVALID, changes[i][2]);
        unlink(path);
    }
}

static void keyfile_keys_that_do_not_fit_are_refused(void **state)
{
    struct ctps_keyfile key;

    (void)state;
    key_fill(&key);
    key.secret_key[1] ^= 4;
    assert_int_equal(ctps_keyfile_write(path, &key, NULL), CTPS_STATUS_OK);
    expect_error(CTPS_STATUS_INVALID, "not a pair");
}

static void keyfile_of_junk_is_refused(void **state)
{
    FILE *file = fopen(path, "w");

    (void)state;
    assert_non_null(file);
    chmod(path, 0600);
    for (int i = 0; i < 5000; i++)
        fputc('\n', file);
    fclose(file);
    expect_error(CTPS_STATUS_INVALID, "not a key file");
    file = fopen(path, "w");
    assert_non_null(file);
    fwrite("a\0b", 1, 3, file);
    fclose(file);
    expect_error(CTPS_STATUS_INVALID, "not a key file");
}

/* One key in 85 would begin with a dash: three hundred draws miss it once in 35 times. */
static void keyfile_generated_never_begins_with_a_dash(void **state)
{
    struct ctps_keyfile key;
    char text[41];

    (void)state;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(ctps_keyfile_generate(&key, NULL), CTPS_STATUS_OK);
        assert_non_null(zmq_z85_encode(text, key.public_key, CTPS_KEY_LEN));
        assert_true(text[0] != '-');
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, remove_file, remove_file)
    const struct CMUnitTest tests[] = {
        TEST(keyfile_written_is_read_back),
        TEST(keyfile_without_events_or_with_blanks_is_read),
        TEST(keyfile_generated_never_begins_with_a_dash),
        TEST(keyfile_absent_is_told),
        TEST(keyfile_others_may_read_is_refused),
        TEST(keyfile_malformed_names_the_line),
        TEST(keyfile_keys_that_do_not_fit_are_refused),
        TEST(keyfile_of_junk_is_refused),
    };

    return cmocka_run_group_tests_name("libctps_keyfile", tests, make_path, remove_file);
}
