/*
 * request: one Request to the daemon and its Reply, or several in flight; refusals said in the
 * user's language; what a refusal is worth as an exit status.
 */
#ifndef CTPS_CLI_REQUEST_H
#define CTPS_CLI_REQUEST_H

#include "cli.h"

#include <ctps/answer.pb-c.h>
#include <ctps/command.pb-c.h>

/* Sends `request` under a new id and waits; a busy daemon is asked again with the same bytes.
 * 0 and *ret_reply (a borrow from the run) when it was done, answered or checked; otherwise the
 * exit status, after saying why. */
int request_run(struct cli *cli, Ctps__Request *request, Ctps__Reply **ret_reply);
/* The same, but a refusal is an answer too: *ret_reply is set, nothing is said. */
int request_try(struct cli *cli, Ctps__Request *request, Ctps__Reply **ret_reply);

/* Says a refusal on the error stream, a field of the command as its option. Sends nothing.
 * Returns its exit status. */
int request_refused(struct cli *cli, const Ctps__Refusal *refusal);
/* The exit status of a refusal by its stable name (sysexits.h): malformed data 65, absent 66,
 * try later 75, everything else is the policy or a rule saying no: 77. */
int request_refusal_status(const char *name);
/* The exit status of a failed session. */
int request_code_status(enum ctps_code code);

/* Before the same is asked again. */
void request_pause_ms(unsigned ms);

/* Several in flight. `answered` gets the tag given with each request; a borrow, released when
 * it returns. What it returns other than 0 ends the pipe with that status. */
struct request_pipe;
typedef int request_answered_fn(void *ctx, uint64_t tag, const Ctps__Reply *reply);

/* *ret_pipe is owned: request_pipe_free. 0 or the exit status. */
int request_pipe_new(struct cli *cli, request_answered_fn *answered, void *ctx,
                     struct request_pipe **ret_pipe);
void request_pipe_free(struct request_pipe **pipe);
/* Packs and sends, first waiting for a free place. */
int request_pipe_send(struct request_pipe *pipe, Ctps__Request *request, uint64_t tag);
/* Waits for every answer. */
int request_pipe_drain(struct request_pipe *pipe);

#endif
