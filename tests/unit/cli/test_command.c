#include "command.h"
#include "fake_daemon.h"

#include <jansson.h>
#include <sysexits.h>

static int make_fake(void **state)
{
    *state = fake_new();
    return 0;
}

static int free_fake(void **state)
{
    fake_free(*state);
    return 0;
}

static void each_command(void (*check)(const struct command *command))
{
    size_t count;
    const struct command_group *const *groups = command_groups(&count);

    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            check(&groups[g]->commands[i]);
}

/* Whether `path` leads to a field of `type`. */
static bool leads(const ProtobufCMessageDescriptor *type, const char *path)
{
    struct message_slot slot;
    struct arena arena;
    bool found;

    arena_init(&arena, 1 << 20);
    found = message_slot_make(&arena, message_new(&arena, type), path, false, &slot);
    arena_done(&arena);
    return found;
}

static const ProtobufCMessageDescriptor *request_type(const struct command *command)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
        &ctps__request__descriptor, command->request);

    if (!field)
        fail_msg("%s %s: no request %s", command->noun, command->verb, command->request);
    return field ? field->descriptor : NULL;
}

static void check_targets(const struct command *command)
{
    for (size_t i = 0; command->request && i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];
        const ProtobufCMessageDescriptor *type =
            row->flags & OPTION_REQUEST ? &ctps__request__descriptor : request_type(command);

        if (row->target && !leads(type, row->target))
            fail_msg("%s %s --%s: no field %s", command->noun, command->verb, row->name,
                     row->target);
    }
}

static void check_view(const struct view *view, const ProtobufCMessageDescriptor *type)
{
    const char *rest = view->path;
    const ProtobufCFieldDescriptor *field = NULL;

    while (rest) {
        char name[MESSAGE_PATH_MAX];

        snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, "."), rest);
        field = protobuf_c_message_descriptor_get_field_by_name(type, name);
        assert_non_null(field);
        type = field->descriptor;
        rest = strchr(rest, '.') ? strchr(rest, '.') + 1 : NULL;
    }
    for (size_t i = 0; i < view->column_count; i++)
        if (!leads(type, view->columns[i].path))
            fail_msg("%s: no field %s", view->path, view->columns[i].path);
    for (size_t i = 0; view->parts && view->parts[i]; i++)
        check_view(view->parts[i], type);
}

static void check_command_view(const struct command *command)
{
    if (command->view)
        check_view(command->view, &ctps__reply__descriptor);
}

static void command_options_name_fields_of_the_schemas(void **state)
{
    (void)state;
    each_command(check_targets);
}

static void command_views_name_fields_of_the_schemas(void **state)
{
    (void)state;
    each_command(check_command_view);
}

static struct fake_daemon *shared;

static void check_help(const struct command *command)
{
    const char *words[] = {"help", command->noun, command->verb, NULL};
    struct fake_output output = fake_run(shared, words);
    char first[200];

    snprintf(first, sizeof first, "Exemple\n  ctps %s", command->noun);
    if (strncmp(output.out, first, strlen(first)) != 0 &&
        strncmp(output.out, "Example", 7) != 0)
        fail_msg("%s", output.out);
    assert_int_equal(output.status, 0);
    fake_output_done(&output);
}

static void command_help_begins_with_an_example(void **state)
{
    shared = *state;
    each_command(check_help);
}

static void run_unknown_words_suggest_the_nearest(void **state)
{
    struct fake_output output = FAKE_RUN(*state, "--lang", "en", "saisien", "list");

    assert_int_equal(output.status, EX_USAGE);
    assert_non_null(strstr(output.err, "\"saisine\""));
    fake_output_done(&output);
    output = FAKE_RUN(*state, "saisine", "lsit", "--lang=en");
    assert_int_equal(output.status, EX_USAGE);
    assert_non_null(strstr(output.err, "\"saisine list\""));
    fake_output_done(&output);
    output = FAKE_RUN(*state, "saisine", "list", "--terirtory", "T1");
    assert_int_equal(output.status, EX_USAGE);
    assert_non_null(strstr(output.err, "--territory"));
    fake_output_done(&output);
}

static void run_missing_option_asks_nothing_of_the_daemon(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "saisine", "accept");

    assert_int_equal(output.status, EX_USAGE);
    assert_non_null(strstr(output.err, "SAISINE"));
    assert_null(fake->last);
    fake_output_done(&output);
}

static void run_saisine_receive_fills_the_request(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;
    const Ctps__SaisineReceive *saisine;

    output = FAKE_RUN(fake, "import", TEST_DATA_DIR "/mulhouse/listes.csv",
                      TEST_DATA_DIR "/mulhouse/territoires.csv");
    assert_int_equal(output.status, 0);
    fake_output_done(&output);
    output = FAKE_RUN(fake, "saisine", "receive", "--received", "20/11/2026", "--origin",
                      "Habitant", "--territory", "dornach", "--district", "haut poirier",
                      "--nature", "individuelle", "--motive", "errance, fréquentations",
                      "--motive=violences", "--last-name", "A", "--first-name", "B", "--born",
                      "2010-01-02", "--last-name", "C", "--role", "witness", "--text", "--");
    assert_int_equal(output.status, 0);
    saisine = ((Ctps__Request *)fake->last)->saisine_receive;
    assert_non_null(saisine);
    assert_string_equal(saisine->origin, "habitant");
    assert_string_equal(saisine->territory, "T3");
    assert_string_equal(saisine->district, "Haut-Poirier");
    assert_int_equal(saisine->n_motives, 2);
    assert_string_equal(saisine->motives[0], "errance");
    assert_int_equal(saisine->n_persons, 2);
    assert_string_equal(saisine->persons[0]->identity->first_name, "B");
    assert_true(saisine->persons[0]->identity->has_birth_day);
    assert_string_equal(saisine->persons[1]->identity->last_name, "C");
    assert_string_equal(saisine->persons[1]->role, "witness");
    assert_string_equal(saisine->text, "--");
    fake_output_done(&output);
}

static void run_code_not_in_the_list_is_refused_with_the_nearest(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "import", TEST_DATA_DIR "/mulhouse/listes.csv");

    fake_output_done(&output);
    output = FAKE_RUN(fake, "situation", "close", "513", "--day", "20/11/2026", "--motive",
                      "resolu");
    assert_int_equal(output.status, EX_DATAERR);
    assert_non_null(strstr(output.err, "resolue"));
    fake_output_done(&output);
}

static void run_refusal_says_text_rule_and_field(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;

    fake->refuse_name = "not_allowed";
    output = FAKE_RUN(fake, "clock", "confirm", "--yes", "--lang", "en");
    assert_int_equal(output.status, EX_NOPERM);
    assert_non_null(strstr(output.err, "Your function does not allow"));
    assert_non_null(strstr(output.err, "CSI L132-5"));
    assert_non_null(strstr(output.err, "territory"));
    fake_output_done(&output);
}

/* The daemon went on by itself while the third part was asked for. */
static void answer_undone_meanwhile(struct fake_daemon *fake, const Ctps__Request *request,
                                    Ctps__Reply *reply)
{
    static char word[] = "undo_more";
    static char *more[] = {word};

    assert_int_equal(request->command_case, CTPS__REQUEST__COMMAND_IMPORT_UNDO);
    reply->n_warnings = 1;
    reply->warnings = more;
    if (fake->written == 3)
        fake_refuse(fake, "state_wrong", reply);
}

static void undo_ended_by_the_daemon_is_done(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;

    fake->answer = answer_undone_meanwhile;
    output = FAKE_RUN(fake, "import", "undo", "12544", "--yes", "--lang", "en");
    assert_int_equal(output.status, EX_OK);
    assert_int_equal(fake->written, 3);
    assert_non_null(strstr(output.out, "done"));
    fake_output_done(&output);
    /* Asked anew, it is what it is: undone before. */
    fake->written = 2;
    output = FAKE_RUN(fake, "import", "undo", "12544", "--yes", "--lang", "en");
    assert_int_equal(output.status, EX_NOPERM);
    fake_output_done(&output);
}

static void run_question_without_an_answer_does_nothing(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "clock", "confirm");

    assert_int_equal(output.status, EX_USAGE);
    assert_null(fake->last);
    fake_output_done(&output);
}

static void answer_pages(struct fake_daemon *fake, const Ctps__Request *request,
                         Ctps__Reply *reply)
{
    const Ctps__SituationList *list = request->situation_list;
    uint64_t next = list->has_before ? list->before - 1 : 2500;
    Ctps__SituationAnswer *answer = arena_alloc(&fake->arena, sizeof *answer);

    ctps__situation_answer__init(answer);
    answer->situations = arena_alloc(&fake->arena, list->limit * sizeof(void *));
    for (; answer->n_situations < list->limit && next > 0; next--) {
        Ctps__SituationView *view = arena_alloc(&fake->arena, sizeof *view);

        ctps__situation_view__init(view);
        view->has_id = 1;
        view->id = next;
        answer->situations[answer->n_situations++] = view;
    }
    answer->has_more = 1;
    answer->more = next > 0;
    reply->answer_case = CTPS__REPLY__ANSWER_SITUATION_ANSWER;
    reply->situation_answer = answer;
}

static size_t listed(struct fake_daemon *fake, const char *option, const char *value)
{
    const char *words[] = {"situation", "list", "--json", option, value, NULL};
    struct fake_output output = fake_run(fake, words);
    json_t *json = json_loads(output.out, 0, NULL);
    size_t count = json_array_size(json);

    assert_int_equal(output.status, 0);
    json_decref(json);
    fake_output_done(&output);
    return count;
}

static void run_list_follows_the_pages(void **state)
{
    struct fake_daemon *fake = *state;

    fake->answer = answer_pages;
    assert_int_equal(listed(fake, NULL, NULL), 100);
    assert_int_equal(listed(fake, "--limit", "7"), 7);
    assert_int_equal(listed(fake, "--limit", "1500"), 1500);
    assert_int_equal(listed(fake, "--all", NULL), 2500);
}

static void run_reference_list_is_filtered(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;
    json_t *json;

    output = FAKE_RUN(fake, "import", TEST_DATA_DIR "/mulhouse/listes.csv",
                      TEST_DATA_DIR "/mulhouse/territoires.csv",
                      TEST_DATA_DIR "/mulhouse/agents.csv");
    fake_output_done(&output);
    output = FAKE_RUN(fake, "agent", "list", "--function", "educateur", "--json");
    json = json_loads(output.out, 0, NULL);
    assert_int_equal(json_array_size(json), 3);
    json_decref(json);
    fake_output_done(&output);
    output = FAKE_RUN(fake, "agent", "list", "--territory", "T6");
    assert_non_null(strstr(output.out, "Würtz"));
    assert_null(strstr(output.out, "Océane"));
    fake_output_done(&output);
}

static void run_agent_set_keeps_what_is_not_named(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;
    const Ctps__Agent *agent;

    output = FAKE_RUN(fake, "import", TEST_DATA_DIR "/mulhouse/listes.csv",
                      TEST_DATA_DIR "/mulhouse/territoires.csv",
                      TEST_DATA_DIR "/mulhouse/agents.csv");
    fake_output_done(&output);
    output = FAKE_RUN(fake, "agent", "set", "fischer océane", "--territories", "T3,T5");
    assert_int_equal(output.status, 0);
    agent = ((Ctps__Request *)fake->last)->agent_set;
    assert_true(agent->has_id);
    assert_int_equal(agent->n_territories, 2);
    assert_string_equal(agent->territories[1], "T5");
    assert_string_equal(agent->habilitation_act, "ARR-2026-013");
    assert_int_equal(agent->fte_centi, 100);
    assert_int_equal(fake->counts[REFERENCE_AGENTS], 12);
    fake_output_done(&output);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_fake, free_fake)
    const struct CMUnitTest tests[] = {
        TEST(command_options_name_fields_of_the_schemas),
        TEST(command_views_name_fields_of_the_schemas),
        TEST(command_help_begins_with_an_example),
        TEST(run_unknown_words_suggest_the_nearest),
        TEST(run_missing_option_asks_nothing_of_the_daemon),
        TEST(run_saisine_receive_fills_the_request),
        TEST(run_code_not_in_the_list_is_refused_with_the_nearest),
        TEST(run_refusal_says_text_rule_and_field),
        TEST(undo_ended_by_the_daemon_is_done),
        TEST(run_question_without_an_answer_does_nothing),
        TEST(run_list_follows_the_pages),
        TEST(run_reference_list_is_filtered),
        TEST(run_agent_set_keeps_what_is_not_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
