#include "output.h"

#include "csv_write.h"
#include "lang.h"
#include "message.h"
#include "page.h"
#include "reference.h"
#include "request.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

bool output_is_wanted(const struct args *args)
{
    return args_get(args, "csv") || args_get(args, "output");
}

static void csv_row(struct cli *cli, const struct view *view, const ProtobufCMessage *message,
                    struct buf *out)
{
    for (size_t c = 0; c < view->column_count; c++) {
        const struct column *column = &view->columns[c];

        csv_write_cell(out, message ? view_cell(cli, column, message) : _(column->title),
                       c + 1 < view->column_count ? CSV_NEXT : CSV_LINE);
    }
}

static int csv_write(struct cli *cli, const struct view *view, const char *path,
                     const ProtobufCMessage *const *messages, size_t count)
{
    struct buf out;
    int failed;

    buf_init(&out);
    buf_append(&out, CSV_BOM, strlen(CSV_BOM));
    csv_row(cli, view, NULL, &out);
    for (size_t i = 0; i < count; i++)
        csv_row(cli, view, messages[i], &out);
    failed = out.failed ? -ENOMEM : sys_write_file(cli->sys, path, out.data, out.len, 0600);
    buf_done(&out);
    if (failed) {
        cli_complain(cli, "%s: %s", path, strerror(-failed));
        return EX_CANTCREAT;
    }
    fprintf(cli->err, _("%s: %zu rows\n"), path, count);
    return 0;
}

struct part {
    const ProtobufCMessage **items;
    size_t count;
};

static struct part part_of(struct cli *cli, const struct view *view,
                           const ProtobufCMessage *message)
{
    struct part part = {0};
    struct message_slot slot;

    if (!message_slot_find(message, view->path, &slot))
        return part;
    part.items = arena_alloc(&cli->arena, (message_slot_count(slot) + 1) * sizeof(void *));
    while (part.items && part.count < message_slot_count(slot)) {
        part.items[part.count] = message_slot_message(slot, part.count);
        part.count++;
    }
    return part;
}

static void table_put(struct cli *cli, const struct view *view, struct page *page,
                      const ProtobufCMessage *const *messages, size_t count)
{
    const char **cells = arena_alloc(&cli->arena, view->column_count * sizeof(*cells));

    if (!cells)
        return;
    for (size_t c = 0; c < view->column_count; c++)
        cells[c] = _(view->columns[c].title);
    page_table_start(page, cells, view->column_count);
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < view->column_count; c++)
            cells[c] = view_cell(cli, &view->columns[c], messages[i]);
        page_table_row(page, cells);
    }
    page_table_end(page);
}

/* Facts, then a table for each part. */
static void record_put(struct cli *cli, const struct view *view, struct page *page,
                       const ProtobufCMessage *message)
{
    for (size_t c = 0; c < view->column_count; c++)
        page_fact(page, _(view->columns[c].title), "",
                  view_cell(cli, &view->columns[c], message));
    for (size_t i = 0; view->parts && view->parts[i]; i++) {
        struct part part = part_of(cli, view->parts[i], message);

        if (part.count)
            table_put(cli, view->parts[i], page, part.items, part.count);
    }
}

static int page_make(struct cli *cli, const struct view *view, const char *path,
                     const ProtobufCMessage *const *messages, size_t count)
{
    struct page page;

    page_start(&page, page_town(cli), view->title ? _(view->title) : "", NULL);
    if (view->layout == VIEW_RECORD) {
        for (size_t i = 0; i < count; i++)
            record_put(cli, view, &page, messages[i]);
    } else {
        if (view->column_count > 8)
            page_landscape(&page);
        table_put(cli, view, &page, messages, count);
    }
    return page_write(cli, &page, path);
}

int output_write(struct cli *cli, const struct view *view, const struct args *args,
                 const ProtobufCMessage *const *messages, size_t count)
{
    const char *csv = args_get(args, "csv");
    const char *page = args_get(args, "output");
    int status = 0;

    /* Of a record, a spreadsheet holds the first of its tables: the others are sums of it. */
    if (csv && view->layout == VIEW_RECORD && view->parts && count == 1) {
        struct part part = part_of(cli, view->parts[0], messages[0]);

        status = csv_write(cli, view->parts[0], csv, part.items, part.count);
    } else if (csv) {
        status = csv_write(cli, view, csv, messages, count);
    }

    return status || !page ? status : page_make(cli, view, page, messages, count);
}
