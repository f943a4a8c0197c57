#include "import_run.h"

#include "lang.h"
#include "view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { PROGRESS_EVERY_US = 100000 };

void import_run_done(struct import_run *run)
{
    for (size_t i = 0; i < run->file_count; i++)
        import_sheet_done(&run->files[i].sheet);
    run->file_count = 0;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int add_file(struct import_run *run, const char *path)
{
    struct import_file *file;

    if (!run->files)
        run->files = arena_alloc(&run->cli->arena, IMPORT_FILES_MAX * sizeof *run->files);
    if (!run->files)
        return EX_OSERR;
    if (run->file_count == IMPORT_FILES_MAX) {
        cli_complain(run->cli, _("more than %d files"), IMPORT_FILES_MAX);
        return EX_USAGE;
    }
    file = &run->files[run->file_count];
    file->path = arena_strdup(&run->cli->arena, path);
    if (!file->path)
        return EX_OSERR;
    file->name = last_part(file->path);
    run->file_count++;
    return 0;
}

static bool is_csv(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && name[0] != '.' &&
           (strcasecmp(name + len - 4, ".csv") == 0 || strcasecmp(name + len - 4, ".tsv") == 0);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

struct folder {
    struct import_run *run;
    const char *path;
    char *names[IMPORT_FILES_MAX];
    size_t count;
};

static int take_name(void *ctx, const char *name)
{
    struct folder *folder = ctx;

    if (!is_csv(name))
        return 0;
    if (folder->count == IMPORT_FILES_MAX)
        return EX_USAGE;
    folder->names[folder->count] =
        arena_printf(&folder->run->cli->arena, "%s/%s", folder->path, name);
    return folder->names[folder->count++] ? 0 : EX_OSERR;
}

/* Files of a folder that are no table we know are left out, and said so later. */
static int add_folder(struct import_run *run, const char *path)
{
    struct folder folder = {.run = run, .path = path};
    const struct sys *sys = run->cli->sys;
    int status = sys->list_dir(sys->ctx, path, take_name, &folder);

    if (status < 0) {
        cli_complain(run->cli, "%s: %s", path, strerror(-status));
        return EX_NOINPUT;
    }
    if (status == EX_USAGE)
        cli_complain(run->cli, _("more than %d files"), IMPORT_FILES_MAX);
    qsort(folder.names, folder.count, sizeof *folder.names, compare_names);
    for (size_t i = 0; i < folder.count && !status; i++)
        status = add_file(run, folder.names[i]);
    if (!status && folder.count == 0) {
        cli_complain(run->cli, _("%s: no CSV file in it"), path);
        return EX_NOINPUT;
    }
    return status;
}

int import_run_add(struct import_run *run, const char *path)
{
    struct stat about;

    if (stat(path, &about) < 0) {
        cli_complain(run->cli, "%s: %s", path, strerror(errno));
        return EX_NOINPUT;
    }
    return S_ISDIR(about.st_mode) ? add_folder(run, path) : add_file(run, path);
}

static void digest_file(struct import_run *run, struct bytes bytes, uint8_t out[32])
{
    uint8_t key[crypto_generichash_KEYBYTES];

    sys_random(run->cli->sys, key, sizeof key);
    crypto_generichash(out, 32, bytes.data, bytes.len, key, sizeof key);
    explicit_bzero(key, sizeof key);
}

static int read_bytes(struct import_run *run, const char *path, struct buf *out)
{
    const struct sys *sys = run->cli->sys;
    int fd = sys->open(sys->ctx, path, O_RDONLY | O_CLOEXEC, 0);
    int64_t size = fd < 0 ? fd : sys->size(sys->ctx, fd);
    uint8_t *place;
    int failed = size < 0 ? (int)size : 0;

    if (!failed && size > IMPORT_FILE_MAX)
        failed = -EFBIG;
    if (!failed && size > 0) {
        place = buf_extend(out, (size_t)size);
        failed = place ? sys_read_all(sys, fd, place, (size_t)size, 0) : -ENOMEM;
    }
    if (fd >= 0)
        sys->close(sys->ctx, fd);
    if (!failed)
        return 0;
    cli_complain(run->cli, "%s: %s", path, strerror(-failed));
    return EX_NOINPUT;
}

/* *ret_wanted: false for a file of a folder that is of no known kind. */
static int open_file(struct import_run *run, struct import_file *file, bool *ret_wanted)
{
    struct ctps_err err = {0};
    enum ctps_code code;
    struct buf bytes;
    int status;

    buf_init(&bytes);
    status = read_bytes(run, file->path, &bytes);
    if (!status) {
        digest_file(run, buf_bytes(&bytes), file->digest);
        code = import_read(buf_bytes(&bytes), &file->sheet, &err);
        if (code) {
            cli_complain(run->cli, "%s: %s", file->path, err.text);
            status = EX_DATAERR;
        }
    }
    buf_done(&bytes);
    if (status)
        return status;
    if (run->forced)
        *ret_wanted = import_kind_find(run->forced, &file->kind);
    else
        *ret_wanted = import_kind_recognise(file->path, &file->sheet.header, &file->kind);
    return 0;
}

static int map_file(struct import_run *run, struct import_file *file)
{
    struct ctps_err err = {0};
    const char *mapping = run->mapping;

    if (import_map_headers(file->kind, &file->sheet.header, mapping, &file->map, &err)) {
        cli_complain(run->cli, "%s (%s): %s", file->path, import_kind_name(file->kind),
                     err.text);
        return EX_DATAERR;
    }
    for (size_t i = 0; i < file->map.unknown_count; i++)
        cli_complain(run->cli, _("%s: column \"%s\" is not known and is left out"), file->path,
                     file->map.unknown[i]);
    return 0;
}

/* Reads everything before anything is sent: a bad file stops the import at its start. */
static int open_all(struct import_run *run)
{
    size_t kept = 0;
    int status = 0;

    for (size_t i = 0; i < run->file_count && !status; i++) {
        struct import_file *file = &run->files[i];
        bool wanted = true;

        status = open_file(run, file, &wanted);
        if (!status && !wanted) {
            cli_complain(run->cli,
                         _("%s: neither its name nor its headers say what it is; "
                           "left out (--kind names it)"),
                         file->path);
            import_sheet_done(&file->sheet);
            continue;
        }
        if (!status)
            status = map_file(run, file);
        if (kept != i) {
            run->files[kept] = *file;
            file->sheet = (struct import_sheet){0};
        }
        kept++;
    }
    if (!status)
        run->file_count = kept;
    if (!status && kept == 0)
        return EX_DATAERR;
    return status;
}

static int take_file(struct import_run *run, struct import_file *file)
{
    int status = file->kind >= IMPORT_TABLE ? import_table_take(run, file)
                                            : import_reference_take(run, file);

    if (isatty(fileno(run->cli->err)))
        fprintf(run->cli->err, "\r\033[K");
    return status;
}

int import_run_all(struct import_run *run)
{
    int status = open_all(run);

    for (int kind = 0; kind < IMPORT_KINDS && !status; kind++)
        for (size_t i = 0; i < run->file_count && !status; i++)
            if (run->files[i].kind == (enum import_kind)kind)
                status = take_file(run, &run->files[i]);
    import_report_sort(&run->report);
    return status;
}

void import_run_progress(struct import_run *run, const struct import_file *file, size_t done)
{
    struct cli *cli = run->cli;
    int64_t now;

    if (!isatty(fileno(cli->err)))
        return;
    now = sys_mono_us(cli->sys);
    if (done < file->sheet.record_count && now - run->last_progress_us < PROGRESS_EVERY_US)
        return;
    run->last_progress_us = now;
    fprintf(cli->err, "\r%s  %zu/%zu", file->name, done, file->sheet.record_count);
    fflush(cli->err);
}

void import_run_warn(struct import_run *run, const char *code)
{
    for (size_t i = 0; i < run->warning_count; i++)
        if (strcmp(run->warnings[i].code, code) == 0) {
            run->warnings[i].count++;
            return;
        }
    if (run->warning_count == IMPORT_WARNINGS_MAX)
        return;
    code = arena_strdup(&run->cli->arena, code);
    if (code)
        run->warnings[run->warning_count++] =
            (struct import_warning_count){.code = code, .count = 1};
}

static void add_refusal(struct import_run *run, struct import_file *file,
                        const struct import_record *record, struct import_refusal *refusal)
{
    file->refused++;
    refusal->file = file->name;
    refusal->record = record->number;
    refusal->line = record->line;
    if (file->kind == IMPORT_TABLE)
        refusal->number = import_cell(&file->map, record, FIELD_NUMBER);
    import_report_add(run->cli, &run->report, refusal);
}

void import_run_refuse(struct import_run *run, struct import_file *file,
                       const struct import_record *record, const struct import_fault *fault)
{
    const struct import_field_row *field = import_field_row(file->kind, fault->field);
    const struct import_cause_row *cause = import_cause_row(fault->cause);
    struct import_refusal refusal = {
        .field = field ? field->title : "",
        .cause_fr = cause->fr,
        .cause_en = cause->en,
        .value = fault->value,
    };

    add_refusal(run, file, record, &refusal);
}

/* Refusals that every further row would meet as well. */
static bool is_about_the_importer(const char *name)
{
    static const char *const names[] = {
        "not_allowed",      "habilitation_missing", "key_unknown",     "operator_no_contents",
        "nominative_never", "capability_missing",   "contact_inactive"};

    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool import_run_refuse_reply(struct import_run *run, struct import_file *file,
                             const struct import_record *record, const Ctps__Refusal *said)
{
    struct import_refusal refusal = {.field = ""};

    if (!said || is_about_the_importer(said->name))
        return false;
    if (said->name && strcmp(said->name, "number_taken") == 0) {
        struct import_fault fault = {.cause = CAUSE_NUMBER_TWICE, .field = FIELD_NUMBER};

        import_run_refuse(run, file, record, &fault);
        return true;
    }
    refusal.field = said->field ? said->field : "";
    refusal.cause_fr = said->text_fr ? said->text_fr : import_cause_row(CAUSE_REFUSED)->fr;
    refusal.cause_en = said->text_en ? said->text_en : import_cause_row(CAUSE_REFUSED)->en;
    add_refusal(run, file, record, &refusal);
    return true;
}

static json_t *file_json(const struct import_file *file)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "file", file->name,
                     "kind", import_kind_name(file->kind), "charset", file->sheet.charset,
                     "records", (json_int_t)file->sheet.record_count, "taken",
                     (json_int_t)file->taken, "unchanged", (json_int_t)file->unchanged,
                     "changed", (json_int_t)file->changed, "refused", (json_int_t)file->refused,
                     "import_id", (json_int_t)file->import_id);
}

static int show_json(struct import_run *run)
{
    json_t *root = json_pack("{s:b, s:[], s:[], s:{}}", "dry_run", run->dry_run, "files",
                             "refusals", "warnings");

    for (size_t i = 0; i < run->file_count; i++)
        json_array_append_new(json_object_get(root, "files"), file_json(&run->files[i]));
    for (size_t i = 0; i < run->report.count; i++) {
        const struct import_refusal *item = &run->report.items[i];

        json_array_append_new(json_object_get(root, "refusals"),
                              json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "file",
                                        item->file, "record", (json_int_t)item->record, "line",
                                        (json_int_t)item->line, "number", item->number, "field",
                                        item->field, "cause_fr", item->cause_fr, "cause_en",
                                        item->cause_en, "value", item->value));
    }
    for (size_t i = 0; i < run->warning_count; i++)
        json_object_set_new(json_object_get(root, "warnings"), run->warnings[i].code,
                            json_integer((json_int_t)run->warnings[i].count));
    json_dumpf(root, run->cli->out, JSON_INDENT(2));
    fputc('\n', run->cli->out);
    json_decref(root);
    return 0;
}

static void show_file(const struct import_run *run, const struct import_file *file)
{
    FILE *out = run->cli->out;

    fprintf(out, ngettext("%s: %zu record", "%s: %zu records", file->sheet.record_count),
            file->name, file->sheet.record_count);
    fprintf(out, ngettext(", %zu taken", ", %zu taken", file->taken), file->taken);
    if (file->unchanged)
        fprintf(out, ngettext(", %zu unchanged", ", %zu unchanged", file->unchanged),
                file->unchanged);
    if (file->changed)
        fprintf(out, _(", %zu changed since: left as they are, to look at by hand"),
                file->changed);
    if (file->refused)
        fprintf(out, ngettext(", %zu refused", ", %zu refused", file->refused), file->refused);
    if (file->import_id)
        fprintf(out, _(" (import %llu)"), (unsigned long long)file->import_id);
    fputc('\n', out);
}

int import_run_show(struct import_run *run)
{
    FILE *out = run->cli->out;

    if (run->cli->json)
        return show_json(run);
    for (int kind = 0; kind < IMPORT_KINDS; kind++)
        for (size_t i = 0; i < run->file_count; i++)
            if (run->files[i].kind == (enum import_kind)kind)
                show_file(run, &run->files[i]);
    if (run->warning_count)
        fprintf(out, "\n%s\n", _("Taken, but to look at:"));
    for (size_t i = 0; i < run->warning_count; i++)
        fprintf(out, "  %5zu  %s\n", run->warnings[i].count,
                view_warning(run->warnings[i].code));
    if (run->report.count) {
        fprintf(out, "\n%s\n", _("Refused:"));
        import_report_show(run->cli, &run->report);
    }
    if (run->dry_run)
        fprintf(out, "\n%s\n", _("Dry run: nothing was written."));
    return 0;
}
