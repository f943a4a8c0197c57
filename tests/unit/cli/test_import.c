#include "fake_daemon.h"

#include <jansson.h>
#include <sysexits.h>
#include <unistd.h>

static const char example[] = TEST_DATA_DIR "/mulhouse";

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

static json_t *parse(const struct fake_output *output)
{
    json_error_t error;
    json_t *json = json_loads(output->out, 0, &error);

    if (!json)
        print_error("%s\n%s\n", output->out, output->err);
    assert_non_null(json);
    return json;
}

static json_t *file_of(json_t *json, const char *kind)
{
    size_t index;
    json_t *file;

    json_array_foreach(json_object_get(json, "files"), index,
                       file) if (strcmp(json_string_value(json_object_get(file, "kind")),
                                        kind) == 0) return file;
    fail_msg("no file of kind %s", kind);
    return NULL;
}

static long figure(json_t *file, const char *name)
{
    return (long)json_integer_value(json_object_get(file, name));
}

/* "refus 414: date impossible" lines of attendu.txt against the refusals; each once. */
static size_t count_expected(json_t *refusals)
{
    FILE *file = fopen(TEST_DATA_DIR "/mulhouse/attendu.txt", "r");
    char line[200];
    char number[8];
    char cause[100];
    size_t matched = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        size_t index;
        json_t *refusal;
        bool found = false;

        if (sscanf(line, "refus %7[0-9]: %99[^\r\n]", number, cause) != 2)
            continue;
        json_array_foreach(refusals, index, refusal) found =
            found ||
            (strcmp(json_string_value(json_object_get(refusal, "number")), number) == 0 &&
             strcmp(json_string_value(json_object_get(refusal, "cause_fr")), cause) == 0);
        if (!found)
            print_error("not refused: %s", line);
        matched += found;
    }
    fclose(file);
    return matched;
}

static void import_example_takes_413_and_refuses_11_as_expected(void **state)
{
    struct fake_output output = FAKE_RUN(*state, "import", example, "--json");
    json_t *json = parse(&output);
    json_t *table = file_of(json, "tableau-de-suivi");

    assert_int_equal(output.status, EX_DATAERR);
    assert_int_equal(figure(table, "records"), 424);
    assert_int_equal(figure(table, "taken"), 413);
    assert_int_equal(figure(table, "refused"), 11);
    assert_int_equal(json_array_size(json_object_get(json, "refusals")), 11);
    assert_int_equal(count_expected(json_object_get(json, "refusals")), 11);
    assert_int_equal(json_object_size(json_object_get(json, "warnings")), 0);
    json_decref(json);
    fake_output_done(&output);
}

static void import_example_takes_all_reference_data(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "import", example, "--json");
    json_t *json = parse(&output);

    assert_int_equal(figure(file_of(json, "listes"), "refused"), 0);
    assert_int_equal(fake->counts[REFERENCE_TERRITORIES], 6);
    assert_int_equal(fake->counts[REFERENCE_AGENTS], 12);
    assert_int_equal(fake->counts[REFERENCE_PARTNERS], 22);
    assert_int_equal(fake->counts[REFERENCE_CONTACTS], 28);
    assert_int_equal(((Ctps__Territory *)fake->things[REFERENCE_TERRITORIES][4])->n_districts,
                     4);
    assert_int_equal(((Ctps__Agent *)fake->things[REFERENCE_AGENTS][8])->fte_centi, 50);
    assert_string_equal(((Ctps__Agent *)fake->things[REFERENCE_AGENTS][8])->funder, "agglo");
    assert_int_equal(((Ctps__Agent *)fake->things[REFERENCE_AGENTS][9])->n_territories, 6);
    assert_int_not_equal(((Ctps__Contact *)fake->things[REFERENCE_CONTACTS][27])->partner, 0);
    assert_string_equal(((Ctps__Contact *)fake->things[REFERENCE_CONTACTS][5])->notify,
                        "digest");
    json_decref(json);
    fake_output_done(&output);
}

static void import_again_changes_nothing(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output first = FAKE_RUN(fake, "import", example, "--json");
    size_t written = fake->written;
    struct fake_output second = FAKE_RUN(fake, "import", example, "--json");
    json_t *json = parse(&second);
    json_t *table = file_of(json, "tableau-de-suivi");

    assert_int_equal(figure(table, "taken"), 0);
    assert_int_equal(figure(table, "unchanged"), 413);
    assert_int_equal(figure(table, "changed"), 0);
    assert_int_equal(figure(file_of(json, "agents"), "unchanged"), 12);
    assert_int_equal(figure(file_of(json, "listes"), "taken"), 0);
    assert_int_equal(figure(file_of(json, "contacts"), "unchanged"), 28);
    /* of the table and of the calendar: begin, the rows themselves, end; no reference data */
    assert_int_equal(fake->written - written, 415 + 165);
    json_decref(json);
    fake_output_done(&first);
    fake_output_done(&second);
}

static void import_dry_run_writes_nothing_and_says_the_same(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "import", example, "--dry-run", "--json");
    json_t *json = parse(&output);
    json_t *table = file_of(json, "tableau-de-suivi");

    assert_int_equal(output.status, EX_DATAERR);
    assert_int_equal(fake->written, 0);
    assert_int_equal(fake->counts[REFERENCE_AGENTS], 0);
    assert_int_equal(figure(table, "taken"), 413);
    assert_int_equal(count_expected(json_object_get(json, "refusals")), 11);
    json_decref(json);
    fake_output_done(&output);
}

static void import_survives_busy_answers_and_overtaking(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;
    json_t *json;

    fake->busy_every = 50;
    fake->newest_first = true;
    output = FAKE_RUN(fake, "import", example, "--json");
    json = parse(&output);
    assert_int_equal(figure(file_of(json, "tableau-de-suivi"), "taken"), 413);
    assert_int_equal(count_expected(json_object_get(json, "refusals")), 11);
    assert_int_equal(fake->row_count, 413);
    assert_int_equal(fake->most_queued, SESSION_WINDOW_MAX);
    json_decref(json);
    fake_output_done(&output);
}

static void import_without_the_right_stops_at_once(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output;

    fake->refuse_name = "not_allowed";
    output = FAKE_RUN(fake, "import", example);
    assert_int_equal(output.status, EX_NOPERM);
    assert_non_null(strstr(output.err, "Votre fonction"));
    assert_non_null(strstr(output.err, "CSI L132-5"));
    assert_string_equal(output.out, "");
    fake_output_done(&output);
}

static Ctps__ImportRow *row_of(struct fake_daemon *fake, const char *number)
{
    struct fake_row *row = NULL;
    Ctps__ImportRow *unpacked;

    for (size_t i = 0; i < fake->row_count && !row; i++)
        if (strcmp(fake->rows[i].number, number) == 0)
            row = &fake->rows[i];
    unpacked = row ? ctps__import_row__unpack(NULL, row->packed.len, row->packed.data) : NULL;
    if (!unpacked) {
        print_error("row %s was not sent\n", number);
        abort();
    }
    return unpacked;
}

static void import_row_of_a_person_carries_all_cells(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "import", example, "--json");
    Ctps__ImportRow *row = row_of(fake, "001");
    Ctps__SaisineReceive *saisine = row->saisine;

    assert_string_equal(fake->rows[0].source, "tableau-de-suivi-2026");
    assert_string_equal(saisine->origin, "terrain");
    assert_true(saisine->has_referrer_partner);
    assert_null(saisine->referrer);
    assert_string_equal(saisine->territory, "T3");
    assert_string_equal(saisine->district, "Dornach");
    assert_string_equal(saisine->nature, "individuelle");
    assert_int_equal(saisine->n_motives, 2);
    assert_string_equal(saisine->motives[0], "conduites_risque");
    assert_string_equal(saisine->motives[1], "sortie_detention");
    assert_string_equal(saisine->channel, "inconnu");
    assert_int_equal(saisine->n_persons, 1);
    assert_string_equal(saisine->persons[0]->identity->last_name, "FISCHER");
    assert_string_equal(saisine->persons[0]->identity->address, "42 place Drouot");
    assert_string_equal(saisine->persons[0]->sex, "M");
    assert_string_equal(saisine->persons[0]->role, "concerned");
    assert_null(saisine->place);
    assert_string_equal(row->status, "suivi");
    assert_true(row->has_lead_agent);
    assert_string_equal(row->observation, "à revoir en Groupe de Suivi");
    ctps__import_row__free_unpacked(row, NULL);
    fake_output_done(&output);
}

static void import_row_of_a_place_has_no_person(void **state)
{
    struct fake_daemon *fake = *state;
    struct fake_output output = FAKE_RUN(fake, "import", example, "--json");
    Ctps__ImportRow *row = row_of(fake, "003");

    assert_int_equal(row->saisine->n_persons, 0);
    assert_string_equal(row->saisine->place, "15 rue de Bourgogne");
    assert_true(row->has_closed_day);
    assert_string_equal(row->closing_motive, "resolue");
    ctps__import_row__free_unpacked(row, NULL);
    row = row_of(fake, "011");
    assert_int_equal(row->saisine->n_motives, 1);
    assert_string_equal(row->saisine->motives[0], "errance");
    assert_string_equal(row->saisine->urgency, "courante");
    assert_string_equal(row->observation, "voir \"fiche 12\"");
    ctps__import_row__free_unpacked(row, NULL);
    fake_output_done(&output);
}

/* A folder of its own with the given files, removed by the caller. */
static void write_file(const char *folder, const char *name, const char *text)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"table.csv", "mapping", "report.csv", "agents.csv"};
    char path[200];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void take_reference(struct fake_daemon *fake)
{
    struct fake_output output = FAKE_RUN(fake, "import", TEST_DATA_DIR "/mulhouse/listes.csv",
                                         TEST_DATA_DIR "/mulhouse/territoires.csv",
                                         TEST_DATA_DIR "/mulhouse/agents.csv",
                                         TEST_DATA_DIR "/mulhouse/partenaires.csv");

    if (output.status)
        print_error("%s", output.err);
    assert_int_equal(output.status, 0);
    fake_output_done(&output);
}

static void import_of_another_town_s_spelling_is_understood(void **state)
{
    struct fake_daemon *fake = *state;
    char folder[] = "/tmp/ctps-import-XXXXXX";
    struct fake_output output;
    Ctps__ImportRow *row;
    json_t *json;
    char path[200];

    assert_non_null(mkdtemp(folder));
    take_reference(fake);
    write_file(folder, "table.csv",
               "\357\273\277Motifs,Type de situation,Secteur,Quartier,Saisi par,Origine,"
               "Date de réception,N° de dossier,Né(e) le,Nom,Prénom,Genre\n"
               "\"Errance, fréquentations / VIOLENCES\",Individuelle,Dornach,dornach,"
               "Mission Locale SEMAPHORE,Partenaire de terrain,2026-03-01,A-1,1/2/2010,"
               "\"Müller, dit \"\"Max\"\"\",Max,garçon\n");
    snprintf(path, sizeof path, "%s/table.csv", folder);
    output = FAKE_RUN(fake, "import", path, "--json");
    json = parse(&output);
    assert_int_equal(output.status, 0);
    assert_int_equal(figure(file_of(json, "tableau-de-suivi"), "taken"), 1);
    row = row_of(fake, "A-1");
    assert_int_equal(row->saisine->n_motives, 2);
    assert_string_equal(row->saisine->territory, "T3");
    assert_string_equal(row->saisine->district, "Dornach");
    assert_true(row->saisine->has_referrer_partner);
    assert_string_equal(row->saisine->persons[0]->sex, "M");
    assert_string_equal(row->saisine->persons[0]->identity->last_name, "Müller, dit \"Max\"");
    assert_true(row->saisine->persons[0]->identity->has_birth_day);
    ctps__import_row__free_unpacked(row, NULL);
    json_decref(json);
    fake_output_done(&output);
    remove_folder(folder);
}

static const char odd_table[] = "Réf;Reçu;Qui;T;Q;Nat;Motif(s);Divers\r\n"
                                "1;01/03/2026;habitant;T3;Dornach;collective;violences;x\r\n"
                                "=2+3;01/03/2026;habitant;T3;Rivoli;collective;violences;x\r\n";
static const char odd_mapping[] = "# le tableau de la ville voisine\n"
                                  "Réf = number\n"
                                  "Reçu = Date saisine\n"
                                  "Qui = origin\n"
                                  "T = territory\n"
                                  "Q = district\n"
                                  "Nat = nature\n"
                                  "Divers = -\n";

static void import_with_a_mapping_takes_foreign_headers(void **state)
{
    struct fake_daemon *fake = *state;
    char folder[] = "/tmp/ctps-import-XXXXXX";
    char table[200];
    char mapping[200];
    char report[200];
    char text[600] = "";
    struct fake_output output;
    FILE *file;

    assert_non_null(mkdtemp(folder));
    take_reference(fake);
    write_file(folder, "table.csv", odd_table);
    write_file(folder, "mapping", odd_mapping);
    snprintf(table, sizeof table, "%s/table.csv", folder);
    snprintf(mapping, sizeof mapping, "%s/mapping", folder);
    snprintf(report, sizeof report, "%s/report.csv", folder);
    output = FAKE_RUN(fake, "import", table, "--kind", "tableau-de-suivi", "--mapping", mapping,
                      "--report", report);
    assert_int_equal(output.status, EX_DATAERR);
    assert_int_equal(fake->row_count, 1);
    file = fopen(report, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_string_equal(text, "\357\273\277Fichier;Enregistrement;Ligne;N° fiche;Champ;Cause;"
                              "Cause (anglais);Valeur\r\n"
                              "table.csv;2;3;\"'=2+3\";Quartier;quartier inconnu;unknown "
                              "district;Rivoli\r\n");
    fake_output_done(&output);
    remove_folder(folder);
}

static void import_without_needed_columns_names_them_and_sends_nothing(void **state)
{
    struct fake_daemon *fake = *state;
    char folder[] = "/tmp/ctps-import-XXXXXX";
    struct fake_output output;
    char path[200];
    size_t before;

    assert_non_null(mkdtemp(folder));
    take_reference(fake);
    before = fake->written;
    write_file(folder, "table.csv", odd_table);
    snprintf(path, sizeof path, "%s/table.csv", folder);
    output = FAKE_RUN(fake, "import", path, "--kind", "tableau-de-suivi");
    assert_int_equal(output.status, EX_DATAERR);
    assert_non_null(strstr(output.err, "\"Date saisine\""));
    assert_non_null(strstr(output.err, "\"Quartier\""));
    assert_int_equal(fake->written, before);
    fake_output_done(&output);
    remove_folder(folder);
}

static void import_of_changed_reference_data_waits_for_update(void **state)
{
    struct fake_daemon *fake = *state;
    char folder[] = "/tmp/ctps-import-XXXXXX";
    struct fake_output output;
    json_t *json;
    char path[200];

    assert_non_null(mkdtemp(folder));
    take_reference(fake);
    write_file(folder, "agents.csv",
               "Nom;Prénom;Fonction;Territoires;ETP;Financeur;Courriel;Habilitation;Du;Au\r\n"
               "Fischer;Océane;Coordinateur;T3;0,8;Ville;oceane.fischer@mulhouse.example;"
               "ARR-2026-013;01/01/2026;31/12/2026\r\n");
    snprintf(path, sizeof path, "%s/agents.csv", folder);
    output = FAKE_RUN(fake, "import", path, "--json");
    json = parse(&output);
    assert_int_equal(figure(file_of(json, "agents"), "changed"), 1);
    assert_int_equal(((Ctps__Agent *)fake->things[REFERENCE_AGENTS][2])->fte_centi, 100);
    json_decref(json);
    fake_output_done(&output);
    output = FAKE_RUN(fake, "import", path, "--json", "--update");
    json = parse(&output);
    assert_int_equal(figure(file_of(json, "agents"), "taken"), 1);
    assert_int_equal(fake->counts[REFERENCE_AGENTS], 12);
    assert_int_equal(((Ctps__Agent *)fake->things[REFERENCE_AGENTS][2])->fte_centi, 80);
    json_decref(json);
    fake_output_done(&output);
    remove_folder(folder);
}

static void import_report_holds_no_nominative_cell(void **state)
{
    struct fake_daemon *fake = *state;
    char folder[] = "/tmp/ctps-import-XXXXXX";
    char report[200];
    char text[8000] = "";
    struct fake_output output;
    FILE *file;

    assert_non_null(mkdtemp(folder));
    snprintf(report, sizeof report, "%s/report.csv", folder);
    output = FAKE_RUN(fake, "import", example, "--report", report);
    file = fopen(report, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "Belfort-Nord"));
    assert_null(strstr(text, "LE GALL"));
    assert_null(strstr(text, "12/13/2011"));
    assert_null(strstr(text, "rue "));
    assert_null(strstr(output.out, "LE GALL"));
    assert_null(strstr(output.err, "LE GALL"));
    fake_output_done(&output);
    remove_folder(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_fake, free_fake)
    const struct CMUnitTest tests[] = {
        TEST(import_example_takes_413_and_refuses_11_as_expected),
        TEST(import_example_takes_all_reference_data),
        TEST(import_again_changes_nothing),
        TEST(import_dry_run_writes_nothing_and_says_the_same),
        TEST(import_survives_busy_answers_and_overtaking),
        TEST(import_without_the_right_stops_at_once),
        TEST(import_row_of_a_person_carries_all_cells),
        TEST(import_row_of_a_place_has_no_person),
        TEST(import_of_another_town_s_spelling_is_understood),
        TEST(import_with_a_mapping_takes_foreign_headers),
        TEST(import_without_needed_columns_names_them_and_sends_nothing),
        TEST(import_of_changed_reference_data_waits_for_update),
        TEST(import_report_holds_no_nominative_cell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
