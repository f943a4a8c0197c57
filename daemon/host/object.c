#include "host/object.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTS_MAX = 256 };

/* Of the program that runs, given by the linker: what machine this is. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

#define WHERE "%.100s"

static enum ctps_code head_check(const char *path, const ElfW(Ehdr) * head, ssize_t len,
                                 struct ctps_err *err)
{
    if (len < EI_NIDENT || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0)
        return err_set(err, CTPS_INVALID,
                       WHERE " is no shared object: give the .so that the compiler made", path);
    if (head->e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        head->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
        len < (ssize_t)sizeof(*head) || head->e_machine != __ehdr_start.e_machine)
        return err_set(err, CTPS_INVALID,
                       WHERE " was built for another machine than this one: build it here",
                       path);
    if (head->e_type != ET_DYN)
        return err_set(err, CTPS_INVALID,
                       WHERE " is not linked as a shared object: link it with -shared", path);
    return CTPS_OK;
}

/* Whether all that is to be loaded stands in the file: a copy may have been cut short. */
static bool is_whole(int fd, const ElfW(Ehdr) * head, off_t len)
{
    for (unsigned i = 0; i < head->e_phnum && i < PARTS_MAX; i++) {
        ElfW(Phdr) part;
        off_t at = (off_t)(head->e_phoff + i * sizeof(part));

        if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part) ||
            part.p_offset > (uint64_t)len || part.p_filesz > (uint64_t)len - part.p_offset)
            return false;
    }
    return true;
}

static enum ctps_code file_check(const char *path, int fd, struct ctps_err *err)
{
    ElfW(Ehdr) head = {0};
    struct stat info;
    ssize_t len;
    enum ctps_code code;

    if (fstat(fd, &info) < 0)
        return err_set_errno(err, errno, WHERE " cannot be read", path);
    len = pread(fd, &head, sizeof(head), 0);
    if (len < 0)
        return err_set_errno(err, errno, WHERE " cannot be read", path);
    code = head_check(path, &head, len, err);
    if (code == CTPS_OK && !is_whole(fd, &head, info.st_size))
        return err_set(err, CTPS_INVALID, WHERE " is cut short: copy it again, whole", path);
    return code;
}

enum ctps_code object_check(const char *path, struct ctps_err *err)
{
    enum ctps_code code;
    struct stat info;
    int fd;

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return err_set(err, CTPS_INVALID, WHERE " is not a file: name the .so itself", path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return err_set(
            err, CTPS_ABSENT,
            "there is no file " WHERE ": put it there, or mend `file` in its section", path);
    if (fd < 0)
        return err_set(err, CTPS_IO,
                       WHERE " cannot be read by its user (uid %u): %s; let that user read it "
                             "and enter its folders",
                       path, (unsigned)getuid(), strerror(errno));
    code = file_check(path, fd, err);
    close(fd);
    return code;
}
