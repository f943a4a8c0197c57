#include "page.h"

#include "lang.h"
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char style[] =
    "@page{size:A4;margin:18mm}"
    "body{font:11pt/1.4 \"Liberation Sans\",Arial,sans-serif;color:#000;max-width:174mm;"
    "margin:auto}"
    "h1{font-size:17pt;margin:4mm 0 1mm}h2{font-size:13pt;margin:7mm 0 1mm}"
    ".note,.en{color:#444;font-size:9pt}.en{font-style:italic}h1+.en,h2+.en{margin:0 0 4mm}"
    "dl{display:grid;grid-template-columns:62mm auto;gap:1.5mm 4mm;margin:4mm 0}"
    "dt .en{display:block}dd{margin:0;font-weight:bold;white-space:pre-line}"
    "p{margin:3mm 0;white-space:pre-line}p.en{margin-top:-2mm}"
    "table{border-collapse:collapse;width:100%;font-size:9.5pt;margin:3mm 0}"
    "th,td{border:.3mm solid #000;padding:1mm 1.5mm;text-align:left;vertical-align:top;"
    "white-space:pre-line}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    ".sign{margin-top:14mm;border-top:.3mm solid #000;width:80mm;padding-top:1mm}";

static void put(struct page *page, const char *text)
{
    buf_append(&page->html, text, strlen(text));
}

static void put_escaped(struct page *page, const char *text)
{
    for (; text && *text; text++)
        switch (*text) {
        case '&':
            put(page, "&amp;");
            break;
        case '<':
            put(page, "&lt;");
            break;
        case '>':
            put(page, "&gt;");
            break;
        case '"':
            put(page, "&quot;");
            break;
        case '\'':
            put(page, "&#39;");
            break;
        default:
            buf_append(&page->html, text, 1);
        }
}

static void put_element(struct page *page, const char *open, const char *text,
                        const char *close)
{
    if (!text || !*text)
        return;
    put(page, open);
    put_escaped(page, text);
    put(page, close);
}

/* Whatever is no fact ends the list of facts. */
static void facts_end(struct page *page)
{
    if (page->in_facts)
        put(page, "</dl>\n");
    page->in_facts = false;
}

const char *page_town(struct cli *cli)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__ReferenceList list = CTPS__REFERENCE_LIST__INIT;
    Ctps__Reply *reply;

    list.kind = CTPS__OBJECT_KIND__OBJECT_NONE;
    list.has_kind = 1;
    request.command_case = CTPS__REQUEST__COMMAND_REFERENCE_LIST;
    request.reference_list = &list;
    if (request_try(cli, &request, &reply) ||
        reply->answer_case != CTPS__REPLY__ANSWER_REFERENCE_ANSWER ||
        !reply->reference_answer->town || !reply->reference_answer->town->name)
        return "";
    return reply->reference_answer->town->name;
}

void page_start(struct page *page, const char *note, const char *title, const char *english)
{
    *page = (struct page){0};
    put(page, "<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_element(page, "<title>", title, "</title>\n");
    put(page, "<style>");
    put(page, style);
    put(page, "</style>\n</head>\n<body>\n");
    put_element(page, "<div class=\"note\">", note, "</div>\n");
    put_element(page, "<h1>", title, "</h1>\n");
    put_element(page, "<div class=\"en\" lang=\"en\">", english, "</div>\n");
}

void page_landscape(struct page *page)
{
    put(page, "<style>@page{size:A4 landscape}body{max-width:261mm}</style>\n");
}

void page_heading(struct page *page, const char *french, const char *english)
{
    facts_end(page);
    put_element(page, "<h2>", french, "</h2>\n");
    put_element(page, "<div class=\"en\" lang=\"en\">", english, "</div>\n");
}

void page_paragraph(struct page *page, const char *french, const char *english)
{
    facts_end(page);
    put_element(page, "<p>", french, "</p>\n");
    put_element(page, "<p class=\"en\" lang=\"en\">", english, "</p>\n");
}

void page_fact(struct page *page, const char *french, const char *english, const char *value)
{
    if (!value || !*value)
        return;
    if (!page->in_facts)
        put(page, "<dl>\n");
    page->in_facts = true;
    put(page, "<dt>");
    put_escaped(page, french);
    put_element(page, "<span class=\"en\" lang=\"en\">", english, "</span>");
    put(page, "</dt><dd>");
    put_escaped(page, value);
    put(page, "</dd>\n");
}

void page_table_start(struct page *page, const char *const *titles, size_t count)
{
    facts_end(page);
    page->columns = count;
    put(page, "<table>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        put(page, "<th>");
        put_escaped(page, titles[i]);
        put(page, "</th>");
    }
    put(page, "</tr></thead>\n<tbody>\n");
}

void page_table_row(struct page *page, const char *const *cells)
{
    put(page, "<tr>");
    for (size_t i = 0; i < page->columns; i++) {
        put(page, "<td>");
        put_escaped(page, cells[i]);
        put(page, "</td>");
    }
    put(page, "</tr>\n");
}

void page_table_end(struct page *page)
{
    put(page, "</tbody>\n</table>\n");
}

void page_signature(struct page *page, const char *who)
{
    facts_end(page);
    put_element(page, "<div class=\"sign\">", who, "</div>\n");
}

/* Made anew: neither a file that stands there nor what a link points to is written over. */
static int file_write(struct cli *cli, const struct page *page, const char *path)
{
    const struct sys *sys = cli->sys;
    struct bytes html = buf_bytes(&page->html);
    int fd =
        sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error = fd < 0 ? fd : sys_write_all(sys, fd, html.data, html.len, 0);

    if (fd >= 0)
        sys->close(sys->ctx, fd);
    if (error == -EEXIST)
        cli_complain(cli, _("%s exists already: give another name with --output"), path);
    else if (error)
        cli_complain(cli, "%s: %s", path, strerror(-error));
    else
        fprintf(cli->out, _("printable page: %s\n"), path);
    return error ? EX_CANTCREAT : 0;
}

int page_write(struct cli *cli, struct page *page, const char *path)
{
    int status = 0;

    facts_end(page);
    put(page, "</body>\n</html>\n");
    if (page->html.failed) {
        cli_complain(cli, "%s", _("out of memory"));
        status = EX_OSERR;
    } else if (strcmp(path, "-") == 0) {
        struct bytes html = buf_bytes(&page->html);

        if (fwrite(html.data, 1, html.len, cli->out) != html.len)
            status = EX_IOERR;
    } else {
        status = file_write(cli, page, path);
    }
    page_done(page);
    return status;
}

void page_done(struct page *page)
{
    buf_done(&page->html);
    *page = (struct page){0};
}
