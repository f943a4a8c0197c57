#include <stdio.h>
#include <string.h>

#include "app/app.h"

static int usage(void)
{
    fputs("ctpsd --config /etc/ctps/ctpsd.conf\n\n"
          "  --config FILE   run in the foreground with this configuration\n"
          "  --check FILE    read the configuration, say what is wrong, and end\n"
          "  --sample        print every option as a commented configuration\n",
          stderr);
    return APP_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--sample") == 0)
        return app_print_config();
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        return app_check_config(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--config") == 0)
        return app_run(argv[2]);
    return usage();
}
