#include "import_report.h"

#include "csv_write.h"
#include "lang.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SHOWN_MAX = 50 };

static const char *dup(struct cli *cli, const char *text)
{
    const char *copy = arena_strdup(&cli->arena, text ? text : "");

    return copy ? copy : "";
}

bool import_report_add(struct cli *cli, struct import_report *report,
                       const struct import_refusal *refusal)
{
    size_t cap = report->cap ? report->cap * 2 : 64;
    struct import_refusal *grown;

    if (report->count == report->cap) {
        grown = arena_alloc(&cli->arena, cap * sizeof *grown);
        if (!grown)
            return false;
        if (report->count)
            memcpy(grown, report->items, report->count * sizeof *grown);
        report->items = grown;
        report->cap = cap;
    }
    report->items[report->count++] = (struct import_refusal){
        .file = refusal->file,
        .record = refusal->record,
        .line = refusal->line,
        .number = dup(cli, refusal->number),
        .field = dup(cli, refusal->field),
        .cause_fr = dup(cli, refusal->cause_fr),
        .cause_en = dup(cli, refusal->cause_en),
        .value = dup(cli, refusal->value),
    };
    return true;
}

/* Files come one after the other; only the answers within a file may overtake each other. */
static int compare(const void *left, const void *right)
{
    const struct import_refusal *a = left;
    const struct import_refusal *b = right;

    return a->record < b->record ? -1 : a->record > b->record;
}

void import_report_sort(struct import_report *report)
{
    size_t from = 0;

    for (size_t i = 1; i <= report->count; i++)
        if (i == report->count || report->items[i].file != report->items[from].file) {
            qsort(report->items + from, i - from, sizeof *report->items, compare);
            from = i;
        }
}

static void put_refusal(struct buf *out, const struct import_refusal *refusal)
{
    char number[24];

    csv_write_cell(out, refusal->file, CSV_NEXT);
    snprintf(number, sizeof number, "%zu", refusal->record);
    csv_write_cell(out, number, CSV_NEXT);
    snprintf(number, sizeof number, "%zu", refusal->line);
    csv_write_cell(out, number, CSV_NEXT);
    csv_write_cell(out, refusal->number, CSV_NEXT);
    csv_write_cell(out, refusal->field, CSV_NEXT);
    csv_write_cell(out, refusal->cause_fr, CSV_NEXT);
    csv_write_cell(out, refusal->cause_en, CSV_NEXT);
    csv_write_cell(out, refusal->value, CSV_LINE);
}

void import_report_format(const struct import_report *report, struct buf *out)
{
    static const char titles[] = CSV_BOM "Fichier;Enregistrement;Ligne;N° fiche;Champ;Cause;"
                                         "Cause (anglais);Valeur" CSV_LINE;

    buf_append(out, titles, sizeof titles - 1);
    for (size_t i = 0; i < report->count; i++)
        put_refusal(out, &report->items[i]);
}

int import_report_write(struct cli *cli, const struct import_report *report, const char *path)
{
    struct buf out;
    int failed;

    buf_init(&out);
    import_report_format(report, &out);
    failed = out.failed ? -ENOMEM : sys_write_file(cli->sys, path, out.data, out.len, 0600);
    buf_done(&out);
    if (!failed)
        return 0;
    cli_complain(cli, "%s: %s", path, strerror(-failed));
    return EX_CANTCREAT;
}

int import_report_show(struct cli *cli, const struct import_report *report)
{
    static const char *const titles[] = {N_("File"),  N_("Line"),  N_("Sheet"),
                                         N_("Field"), N_("Cause"), N_("Value")};
    struct table table;

    table_init(&table, &cli->arena, sizeof titles / sizeof *titles);
    for (size_t i = 0; i < table.column_count; i++)
        table.titles[i] = _(titles[i]);
    for (size_t i = 0; i < report->count && i < SHOWN_MAX; i++) {
        const struct import_refusal *refusal = &report->items[i];
        const char **row = table_add_row(&table);

        if (!row)
            return EX_OSERR;
        row[0] = refusal->file;
        row[1] = arena_printf(&cli->arena, "%zu", refusal->line);
        row[2] = refusal->number;
        row[3] = refusal->field;
        row[4] = cli->french ? refusal->cause_fr : refusal->cause_en;
        row[5] = refusal->value;
    }
    table_write(&table, cli->out, cli->width, cli->color);
    if (report->count > SHOWN_MAX)
        fprintf(cli->out, _("... and %zu more: --report FILE.csv has them all\n"),
                report->count - SHOWN_MAX);
    return 0;
}
