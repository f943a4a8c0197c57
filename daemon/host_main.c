/* ctps-host: one plugin, one process that loads it and one that speaks for it. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/describe.h"
#include "host/host.h"
#include "host/plugin.h"
#include "host/replay.h"

enum { LINK_FD = 3 };

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--describe") == 0)
        return describe_show(argv[2]);
    if (argc == 4 && strcmp(argv[1], "--replay") == 0)
        return replay_run(argv[2], argv[3]);
    if (argc == 2 && strcmp(argv[1], "--link") == 0)
        return host_run(LINK_FD);
    /* No handler of exit runs inside the sandbox: the plugin's would be code that nobody asked.
     */
    if (argc == 2 && strcmp(argv[1], "--plugin") == 0)
        _exit(plugin_run(LINK_FD));
    if (argc == 2 && strcmp(argv[1], "--describe") == 0)
        _exit(describe_run(LINK_FD));
    fprintf(stderr, "usage: ctps-host --replay RECORDING FILE.so | --describe FILE.so\n"
                    "ctpsd starts the rest itself, with --link on descriptor 3.\n");
    return EX_USAGE;
}
