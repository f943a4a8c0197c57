/* fuzz-links: ctps_cli */
#include "fuzz.h"
#include "import_map.h"

#include <stdlib.h>
#include <string.h>

/* Any bytes as a file: read or refused, its headers mapped for every kind, its records numbered
 * in order and their cells terminated text without control characters. */
static void check_record(const struct import_record *record, size_t *number, size_t *line)
{
    if (record->number <= *number || record->line < *line)
        abort();
    *number = record->number;
    *line = record->line;
    for (size_t i = 0; i < record->cell_count; i++)
        for (const char *c = record->cells[i]; *c; c++)
            if ((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t')
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct import_sheet sheet;
    struct import_map map;
    enum import_kind kind;
    size_t number = 0;
    size_t line = 0;

    if (import_read(bytes_of(data, len), &sheet, NULL))
        return 0;
    for (size_t i = 0; i < sheet.record_count; i++)
        check_record(&sheet.records[i], &number, &line);
    for (int i = 0; i < IMPORT_KINDS; i++)
        import_map_headers((enum import_kind)i, &sheet.header, NULL, &map, NULL);
    import_kind_recognise("x.csv", &sheet.header, &kind);
    import_sheet_done(&sheet);
    return 0;
}
