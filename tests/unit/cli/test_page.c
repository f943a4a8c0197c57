/* The printable page: nothing that is written on it becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "page.h"

static char *text_of(struct page *page)
{
    struct bytes html = buf_bytes(&page->html);
    char *text = malloc(html.len + 1);

    assert_non_null(text);
    memcpy(text, html.data, html.len);
    text[html.len] = '\0';
    page_done(page);
    return text;
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        count++;
    return count;
}

static void every_text_is_escaped(void **state)
{
    static const char evil[] = "<b a=\"x\" c='y'>&amp;</dd>";
    static const char *const cells[] = {evil, evil};
    struct page page;
    char *text;

    (void)state;
    page_start(&page, evil, evil, evil);
    page_heading(&page, evil, evil);
    page_paragraph(&page, evil, evil);
    page_fact(&page, evil, evil, evil);
    page_table_start(&page, cells, 2);
    page_table_row(&page, cells);
    page_table_end(&page);
    page_signature(&page, evil);
    text = text_of(&page);
    /* note, title twice, english; 2; 2; 3; 2; 2; 1 */
    assert_int_equal(
        count_of(text, "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;&lt;/dd&gt;"), 16);
    assert_int_equal(count_of(text, "<b "), 0);
    free(text);
}

static void facts_stand_in_lists_that_are_closed(void **state)
{
    struct page page;
    char *text;

    (void)state;
    page_start(&page, NULL, "T", NULL);
    page_fact(&page, "un", "one", "1");
    page_fact(&page, "vide", "empty", "");
    page_fact(&page, "rien", "none", NULL);
    page_fact(&page, "deux", NULL, "</dd>\n");
    page_paragraph(&page, "p", NULL);
    page_fact(&page, "trois", NULL, "3");
    page_heading(&page, "h", NULL);
    text = text_of(&page);
    assert_int_equal(count_of(text, "<dl>"), 2);
    assert_int_equal(count_of(text, "</dl>"), 2);
    assert_int_equal(count_of(text, "<dt>"), 3);
    assert_null(strstr(text, "vide"));
    assert_null(strstr(text, "class=\"note\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_escaped),
        cmocka_unit_test(facts_stand_in_lists_that_are_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
