"""What /proc tells of a running process."""
import os


def processor_s(pid):
    """Seconds of processor time a process used, all its threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, row="VmRSS"):
    """VmRSS: resident now; VmHWM: the most it ever was."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith(f"{row}:")).split()[1])
