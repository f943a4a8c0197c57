/*
 * describe: what a plugin says of itself, asked in a process that is sandboxed before the
 * object is loaded, has nothing else to do and ends with the answer.
 */
#ifndef CTPS_HOST_DESCRIBE_H
#define CTPS_HOST_DESCRIBE_H

/* That process: the first frame on `fd` (take) must be a start with name, path and who to be;
 * one frame answers it. The exit status. */
int describe_run(int fd);
/* For people: the description of the object at `path` as JSON on standard output, or why there
 * is none on standard error; the exit status. */
int describe_show(const char *path);

#endif
