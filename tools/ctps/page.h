/*
 * page: printable answers. One self-contained A4 page in HTML (UTF-8, no script, nothing
 * fetched), French first with an English line where it helps, whatever language the run speaks:
 * paper is for people of a French town. Everything written is escaped.
 *
 * It holds what it is given: callers decide what may stand on paper, and files are made for
 * their owner alone (0600) and never replace one.
 */
#ifndef CTPS_CLI_PAGE_H
#define CTPS_CLI_PAGE_H

#include "cli.h"

struct page {
    struct buf html;
    size_t columns; /* of the table being written */
    bool in_facts;
};

/* Name of the town for the note, "" when the run may not read it. A borrow. */
const char *page_town(struct cli *cli);
/* Begins a page; released by page_write or page_done. `note` (may be NULL) stands small above
 * the title: the town, the service. `english` may be NULL. */
void page_start(struct page *page, const char *note, const char *title, const char *english);
/* Turns the sheet for wide tables; at once after page_start. */
void page_landscape(struct page *page);
void page_heading(struct page *page, const char *french, const char *english);
/* A paragraph; each line break of the text is kept. */
void page_paragraph(struct page *page, const char *french, const char *english);
/* One fact: its name in both languages and its value. Empty values are left out. */
void page_fact(struct page *page, const char *french, const char *english, const char *value);
/* A table: titles (borrowed until the call returns), then rows of as many cells. */
void page_table_start(struct page *page, const char *const *titles, size_t count);
void page_table_row(struct page *page, const char *const *cells);
void page_table_end(struct page *page);
/* A line to sign on, with who signs. */
void page_signature(struct page *page, const char *who);

/* Ends the page and writes it to `path` ("-": the run's output), made new with mode 0600; says
 * where. Refuses a name that exists. 0 or the exit status. Releases the page either way. */
int page_write(struct cli *cli, struct page *page, const char *path);
/* Wipes and releases. Idempotent. */
void page_done(struct page *page);

#endif
