#include "import_meeting.h"
#include "import_rows.h"
#include "import_run.h"

#include "lang.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { ROW_ARENA_MAX = 1 << 20 };

struct taking {
    struct import_run *run;
    struct import_file *file;
};

struct numbered {
    const char *number;
    size_t index;
};

static int compare_numbers(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    int order = strcmp(a->number, b->number);

    return order ? order : a->index < b->index ? -1 : 1;
}

/* twice[i]: the number of record i was used by an earlier record of the file. */
static bool *find_twice(struct cli *cli, const struct import_file *file)
{
    size_t count = file->sheet.record_count;
    struct numbered *numbers = calloc(count + 1, sizeof *numbers);
    bool *twice = arena_alloc(&cli->arena, count + 1);

    for (size_t i = 0; numbers && i < count; i++)
        numbers[i] = (struct numbered){
            import_cell(&file->map, &file->sheet.records[i], FIELD_NUMBER), i};
    if (numbers)
        qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 1; numbers && twice && i < count; i++)
        twice[numbers[i].index] =
            *numbers[i].number && strcmp(numbers[i].number, numbers[i - 1].number) == 0;
    if (!numbers)
        twice = NULL;
    free(numbers);
    return twice;
}

/* "tableau-de-suivi-2026": a year in the file's name keeps the numbers of two years apart. */
static void default_source(const struct import_file *file, char out[IMPORT_SOURCE_LEN])
{
    const char *name = file->name;
    const char *year = NULL;

    for (const char *at = name; *at; at++)
        if ((strncmp(at, "19", 2) == 0 || strncmp(at, "20", 2) == 0) &&
            strspn(at, "0123456789") == 4 && (at == name || at[-1] < '0' || at[-1] > '9'))
            year = at;
    snprintf(out, IMPORT_SOURCE_LEN, "%s%s%.4s", import_kind_name(file->kind), year ? "-" : "",
             year ? year : "");
}

static void name_source(const struct import_run *run, struct import_file *file)
{
    default_source(file, file->source);
    if (run->source)
        snprintf(file->source, sizeof file->source, "%s", run->source);
}

static int begin(struct import_run *run, struct import_file *file)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ImportBegin begin = CTPS__IMPORT_BEGIN__INIT;
    Ctps__Reply *reply;
    int status;

    begin.source = file->source;
    begin.has_file_digest = 1;
    begin.file_digest = (ProtobufCBinaryData){.data = file->digest, .len = sizeof file->digest};
    begin.has_row_count = 1;
    begin.row_count = (uint32_t)file->sheet.record_count;
    request.has_dry_run = 1;
    request.dry_run = run->dry_run;
    request.command_case = CTPS__REQUEST__COMMAND_IMPORT_BEGIN;
    request.import_begin = &begin;
    status = request_run(run->cli, &request, &reply);
    if (!status && reply->n_made > 0)
        file->import_id = reply->made[0]->id;
    return status;
}

static int end(struct import_run *run, struct import_file *file)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ImportEnd end = CTPS__IMPORT_END__INIT;
    Ctps__Reply *reply;

    end.has_import_id = 1;
    end.import_id = file->import_id;
    request.command_case = CTPS__REQUEST__COMMAND_IMPORT_END;
    request.import_end = &end;
    return request_run(run->cli, &request, &reply);
}

static void count_outcome(struct taking *taking, const Ctps__ImportAnswer *answer)
{
    const char *outcome = answer && answer->outcome ? answer->outcome : "taken";

    if (strcmp(outcome, "unchanged") == 0)
        taking->file->unchanged++;
    else if (strcmp(outcome, "changed") == 0)
        taking->file->changed++;
    else
        taking->file->taken++;
    for (size_t i = 0; answer && i < answer->n_warnings; i++)
        import_run_warn(taking->run, answer->warnings[i]);
}

static int answered(void *ctx, uint64_t tag, const Ctps__Reply *reply)
{
    struct taking *taking = ctx;
    const struct import_record *record = &taking->file->sheet.records[tag];

    if (reply->status == CTPS__REPLY_STATUS__REPLY_BUSY) {
        cli_complain(taking->run->cli, _("the daemon is busy; start the import again: rows "
                                         "already taken stay as they are"));
        return EX_TEMPFAIL;
    }
    if (reply->status == CTPS__REPLY_STATUS__REPLY_REFUSED)
        return import_run_refuse_reply(taking->run, taking->file, record, reply->refusal)
                   ? 0
                   : request_refused(taking->run->cli, reply->refusal);
    count_outcome(taking, reply->answer_case == CTPS__REPLY__ANSWER_IMPORT_ANSWER
                              ? reply->import_answer
                              : NULL);
    return 0;
}

static void warn(struct import_run *run, unsigned warnings)
{
    if (warnings & WARNING_AGENT_UNKNOWN)
        import_run_warn(run, "agent_unknown");
    if (warnings & WARNING_PARTNER_UNKNOWN)
        import_run_warn(run, "partner_unknown");
    if (warnings & WARNING_SEX_UNKNOWN)
        import_run_warn(run, "sex_unknown");
}

/* What stands in the way of the row, or its request. */
static bool table_request(struct taking *taking, struct arena *arena,
                          const struct import_record *record, Ctps__Request *request,
                          struct import_fault *fault)
{
    Ctps__ImportRow *row;
    unsigned warnings;

    if (!import_row_build(taking->run->cli, arena, &taking->file->map, record, &row, &warnings,
                          fault))
        return false;
    warn(taking->run, warnings);
    row->has_import_id = taking->file->import_id != 0;
    row->import_id = taking->file->import_id;
    if (taking->run->dry_run)
        row->source = taking->file->source;
    request->command_case = CTPS__REQUEST__COMMAND_IMPORT_ROW;
    request->import_row = row;
    return true;
}

static bool meeting_request(struct taking *taking, struct arena *arena,
                            const struct import_record *record, Ctps__Request *request,
                            struct import_fault *fault)
{
    Ctps__ImportMeeting *row;

    if (!import_meeting_build(taking->run->cli, arena, &taking->file->map, record, &row, fault))
        return false;
    row->has_import_id = taking->file->import_id != 0;
    row->import_id = taking->file->import_id;
    if (taking->run->dry_run)
        row->source = taking->file->source;
    request->command_case = CTPS__REQUEST__COMMAND_IMPORT_MEETING;
    request->import_meeting = row;
    return true;
}

static int take_record(struct taking *taking, struct request_pipe *pipe, size_t index,
                       bool twice, struct arena *arena)
{
    struct import_run *run = taking->run;
    struct import_file *file = taking->file;
    const struct import_record *record = &file->sheet.records[index];
    Ctps__Request request = CTPS__REQUEST__INIT;
    struct import_fault fault = {.cause = CAUSE_NUMBER_TWICE, .field = FIELD_NUMBER};
    bool built = false;

    if (!twice)
        built = file->kind == IMPORT_MEETINGS
                    ? meeting_request(taking, arena, record, &request, &fault)
                    : table_request(taking, arena, record, &request, &fault);
    if (!built) {
        import_run_refuse(run, file, record, &fault);
        return 0;
    }
    if (run->pending) {
        file->taken++;
        return 0;
    }
    request.has_dry_run = 1;
    request.dry_run = run->dry_run;
    return request_pipe_send(pipe, &request, index);
}

static int take_records(struct taking *taking, const bool *twice)
{
    struct import_run *run = taking->run;
    size_t count = taking->file->sheet.record_count;
    struct request_pipe *pipe = NULL;
    struct arena arena;
    int status = request_pipe_new(run->cli, answered, taking, &pipe);

    arena_init(&arena, ROW_ARENA_MAX);
    for (size_t i = 0; i < count && !status; i++) {
        status = take_record(taking, pipe, i, twice[i], &arena);
        arena_reset(&arena);
        import_run_progress(run, taking->file, i + 1);
    }
    if (!status)
        status = request_pipe_drain(pipe);
    arena_done(&arena);
    request_pipe_free(&pipe);
    return status;
}

static int load_needed(struct cli *cli)
{
    static const enum reference_kind kinds[] = {REFERENCE_LIST_VALUES, REFERENCE_TERRITORIES,
                                                REFERENCE_AGENTS, REFERENCE_PARTNERS};
    int status = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !status; i++)
        status = reference_load(cli, kinds[i]);
    return status;
}

int import_table_take(struct import_run *run, struct import_file *file)
{
    struct taking taking = {.run = run, .file = file};
    int status = load_needed(run->cli);
    bool *twice;

    if (status)
        return status;
    twice = find_twice(run->cli, file);
    if (!twice)
        return EX_OSERR;
    name_source(run, file);
    if (!run->pending)
        status = begin(run, file);
    if (!status)
        status = take_records(&taking, twice);
    if (!status && !run->dry_run)
        status = end(run, file);
    return status;
}
