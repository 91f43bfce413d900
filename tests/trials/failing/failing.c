/* Runs a program whose calls of the system fail, some of one kind:
 *
 *     failing CALL FROM TO ERROR PROGRAM WORDS...
 *
 * The calls of this kind are counted from the moment at which the program asks for the process group of BEGIN, until it asks for
 * that of END. Those numbered FROM to TO fail with this error. At its end it says on its last line of errors how many there were.
 *
 * The kernel is asked to hold each such call and to ask here what is to become of it (seccomp), so it makes no difference whether
 * the program calls the system by the C library or by itself. Exits with 99 where the kernel does not do that. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN 0x6a5a5a51
#define END 0x6a5a5a52
#define NOT_TO_BE_HAD 99

#ifndef SYS_epoll_wait
#define SYS_epoll_wait SYS_epoll_pwait
#endif

struct call {
    const char *name;
    int number;
    /* The argument that must have this value; -1 for any. */
    int argument;
    unsigned value;
    /* What its descriptor must be; NULL for anything. */
    const char *descriptor;
};

static const struct call CALLS[] = {
    {"epoll_create", SYS_epoll_create1, -1, 0, NULL},
    {"epoll_add", SYS_epoll_ctl, 1, EPOLL_CTL_ADD, NULL},
    {"epoll_mod", SYS_epoll_ctl, 1, EPOLL_CTL_MOD, NULL},
    {"epoll_del", SYS_epoll_ctl, 1, EPOLL_CTL_DEL, NULL},
    {"epoll_wait", SYS_epoll_wait, -1, 0, NULL},
    {"eventfd", SYS_eventfd2, -1, 0, NULL},
    {"wake", SYS_write, 2, 8, "anon_inode:[eventfd]"},
    {"dup", SYS_fcntl, 1, 1030 /* F_DUPFD_CLOEXEC */, NULL},
    {"socket", SYS_socket, -1, 0, NULL},
    {"bind", SYS_bind, -1, 0, NULL},
    {"listen", SYS_listen, -1, 0, NULL},
    {"accept", SYS_accept4, -1, 0, NULL},
    {"connect", SYS_connect, -1, 0, NULL},
    {"setsockopt", SYS_setsockopt, -1, 0, NULL},
    {"getsockopt", SYS_getsockopt, -1, 0, NULL},
    {"getpeername", SYS_getpeername, -1, 0, NULL},
    {"getsockname", SYS_getsockname, -1, 0, NULL},
    {"ioctl", SYS_ioctl, -1, 0, "socket:"},
    {"shutdown", SYS_shutdown, -1, 0, NULL},
    {"read", SYS_read, -1, 0, "socket:"},
    {"send", SYS_sendto, -1, 0, "socket:"},
    {"sendmsg", SYS_sendmsg, -1, 0, "socket:"},
    {"thread", SYS_clone3, -1, 0, NULL},
    {"sigmask", SYS_rt_sigprocmask, -1, 0, NULL},
    {"flock", SYS_flock, -1, 0, NULL},
    {"open", SYS_openat, -1, 0, NULL},
    {"stat", SYS_newfstatat, -1, 0, NULL},
    {"chmod", SYS_fchmodat, -1, 0, NULL},
    {"unlink", SYS_unlinkat, -1, 0, NULL},
};

static const struct call *find(const char *name) {
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
        if (!strcmp(CALLS[i].name, name)) return &CALLS[i];
    fprintf(stderr, "there is no call %s\n", name);
    exit(2);
}

static int held(const struct call *call) {
    unsigned at = call->argument < 0 ? 0 : (unsigned)offsetof(struct seccomp_data, args[call->argument]);
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->value, 0, call->argument < 0 ? 0 : 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static int is_at(const struct call *call, const struct seccomp_notif *asked) {
    char path[64], target[64];
    if (!call->descriptor) return 1;
    snprintf(path, sizeof path, "/proc/%u/fd/%d", asked->pid, (int)asked->data.args[0]);
    ssize_t length = readlink(path, target, sizeof target - 1);
    return length > 0 && (target[length] = 0, !strncmp(target, call->descriptor, strlen(call->descriptor)));
}

static long supervise(int listener, const struct call *call, long from, long to, int error) {
    long count = 0;
    int counting = 0;
    for (;;) {
        struct pollfd polled = {listener, POLLIN, 0};
        if (poll(&polled, 1, -1) < 0 && errno != EINTR) break;
        if (!(polled.revents & POLLIN)) {
            if (polled.revents) break;
            continue;
        }
        struct seccomp_notif asked;
        struct seccomp_notif_resp answer;
        memset(&asked, 0, sizeof asked);
        memset(&answer, 0, sizeof answer);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) continue;
        answer.id = asked.id;
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (asked.data.nr == SYS_getpgid) {
            if (asked.data.args[0] == BEGIN) counting = 1;
            if (asked.data.args[0] == END) counting = 0;
        } else if (counting && is_at(call, &asked) && ++count >= from && count <= to) {
            answer.flags = 0;
            answer.error = -error;
        }
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    return count;
}

/* The child shares the table of descriptors until it runs the program, so the listener's number is good here as well. */
struct start {
    const struct call *call;
    char **words;
    volatile int listener;
    volatile int ready;
};

static int child(void *argument) {
    struct start *start = argument;
    int listener = held(start->call);
    start->listener = listener;
    start->ready = 1;
    if (listener < 0) _exit(NOT_TO_BE_HAD);
    execv(start->words[0], start->words);
    _exit(2);
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    const struct call *call = find(argv[1]);
    struct start *start = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return 2;
    *start = (struct start){call, argv + 5, -1, 0};
    prctl(PR_SET_PDEATHSIG, 9);
    pid_t process = clone(child, (char *)start + (1 << 16), CLONE_FILES | SIGCHLD, start);
    if (process < 0) return 2;
    while (!start->ready) usleep(100);
    int status = 0;
    long count = 0;
    if (start->listener >= 0)
        count = supervise(start->listener, call, atol(argv[2]), atol(argv[3]), atoi(argv[4]));
    waitpid(process, &status, 0);
    if (start->listener < 0) return NOT_TO_BE_HAD;
    fprintf(stderr, "calls: %ld\n", count);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
