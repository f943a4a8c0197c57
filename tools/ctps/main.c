#include "cli.h"
#include "session_bus.h"

int main(int argc, char **argv)
{
    struct cli cli;
    int status;

    cli_init(&cli, sys_real(), stdin, stdout, stderr);
    cli.open_session = session_bus_open;
    status = cli_run(&cli, argc, (const char *const *)argv);
    cli_done(&cli);
    return status;
}
