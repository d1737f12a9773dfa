/*
 * A load of WebSocket clients: members of rooms, who write and count what comes.
 *
 *     cc -O2 -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o load benchmarks/load.c
 *
 * No client in Python or Node keeps up with the servers that are measured, hence C: one thread,
 * one epoll, real frames (masked, of any size, answering pings). It knows no protocol: what is
 * said is given as templates, what is awaited as parts of texts. Every message carries a mark with
 * its number; the accounts are exact: who should have heard which message, who has, and who has
 * heard one twice. It prints JSON, and ends with 1 when anything is missing, doubled, strange or
 * refused, with 2 when it could not run at all.
 *
 * Templates may hold {n} (the connection), {room} (its room's number), {id}, {mark}, {pad},
 * {line} (the next line of --lines). {id} and {mark} are of the message; a text that comes and
 * holds a mark is a delivery, one that holds no mark but an id answers that request.
 *
 * It does no TLS, no compression, and speaks to 127.0.0.1 alone: both ends are on this machine.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_STEPS = 8,
    MAX_PIDS = 64,
    MAX_EVENTS = 512,
    READ_BYTES = 1 << 18,
    MAX_TEXT = 1 << 20,      /* of one message that is sent */
    MAX_FRAME = 1 << 26,     /* of one that comes: more is a mistake */
    DIGITS = 8,              /* of a number in a mark */
    MAX_MESSAGES = 1 << 24,
};
static const uint64_t SECOND = 1000000000;
#define NOBODY UINT32_MAX
static const char MARK[] = "mk:", ID[] = "ak:";
enum { TAG = 3 };            /* length of both */

/* ---- what was asked for ---- */

static struct {
    int port, members, rooms, senders, window, warmup, messages, size, core, connecting, steps, pids, answers;
    int per_room;            /* members of a room that write; 0: `senders` connections in all */
    double rate, seconds, drain, linger, idle;
    const char *path, *message, *ack, *lines, *deliver;
    const char *say[MAX_STEPS], *await[MAX_STEPS];
    const char *heard[MAX_STEPS], *answer[MAX_STEPS];
    int recall;              /* marks that each member gets while it is set up */
    pid_t pid[MAX_PIDS];
} asked = {
    .members = 1, .rooms = 1, .senders = 1, .window = 1, .core = -1, .connecting = 64, .drain = 10,
    .linger = 0.2, .path = "/ws", .deliver = "room",
};

static void fail(const char *form, ...) {
    va_list list;
    va_start(list, form);
    fprintf(stderr, "load: ");
    vfprintf(stderr, form, list);
    fprintf(stderr, "\n");
    va_end(list);
    exit(2);
}

static void *must(void *memory) {
    if (memory == NULL) fail("no memory");
    return memory;
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* ---- latencies: a histogram whose bins are at most 1/64 of their value wide ---- */

enum { SUB = 64, BINS = 64 * SUB };
struct histogram {
    uint64_t bin[BINS], count, max, sum;
};

static int bin_of(uint64_t value) {
    if (value < 2 * SUB) return (int)value;
    int shift = 63 - __builtin_clzll(value) - 6;
    return shift * SUB + (int)(value >> shift);
}

static uint64_t top_of(int bin) {
    if (bin < 2 * SUB) return (uint64_t)bin;
    int shift = bin / SUB - 1;
    return (((uint64_t)(bin - shift * SUB) + 1) << shift) - 1;
}

static void note(struct histogram *h, uint64_t value) {
    h->bin[bin_of(value)]++;
    h->count++;
    h->sum += value;
    if (value > h->max) h->max = value;
}

static double quantile_us(const struct histogram *h, double q) {
    uint64_t want = (uint64_t)(q * (double)h->count + 0.999999), seen = 0;
    for (int i = 0; i < BINS; i++) {
        seen += h->bin[i];
        if (seen >= want && seen > 0) {
            uint64_t top = top_of(i);
            return (double)(top < h->max ? top : h->max) / 1e3;
        }
    }
    return 0;
}

/* ---- the server, from outside ---- */

/* The clock of another process: clock_getcpuclockid(3), which glibc gives only for readable ones. */
static double cpu_of(pid_t pid) {
    struct timespec t;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) fail("process %d is gone", pid);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double servers_cpu(void) {
    double sum = 0;
    for (int i = 0; i < asked.pids; i++) sum += cpu_of(asked.pid[i]);
    return sum;
}

static long servers_kib(void) {
    long sum = 0;
    for (int i = 0; i < asked.pids; i++) {
        char name[64], line[256];
        long kib = -1;
        snprintf(name, sizeof name, "/proc/%d/status", asked.pid[i]);
        FILE *file = fopen(name, "r");
        if (file == NULL) fail("process %d is gone", asked.pid[i]);
        while (fgets(line, sizeof line, file)) if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
        fclose(file);
        if (kib < 0) fail("process %d has no memory", asked.pid[i]);
        sum += kib;
    }
    return sum;
}

static double own_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- connections ---- */

struct bytes {
    uint8_t *at;
    size_t size, room;
};

enum state { IDLE, CONNECTING, UPGRADING, STEPPING, READY };

struct member {
    int fd, room, step, outstanding;
    enum state state;
    bool writing, sender, dirty;
    uint64_t began;
    struct bytes in, out, parts;   /* what is not whole, what the kernel did not take, fragments */
};

struct message {
    uint64_t due;                  /* when it was, or should have been, sent */
    uint32_t sender, missing;
    bool acked, whole;
    uint8_t *heard;                /* a bit for each member of the room */
};

static struct member *members;
static struct message *messages;
static int *dirty, dirty_count;
static uint32_t sent, total;
/* Of this run: an id that a server has seen before is answered as before, and told to nobody. */
static uint32_t run;
static int epoll, ready, started;
static uint8_t reading[READ_BYTES];
static struct {
    uint64_t expected, heard, doubled, strange, disordered, acks, acks_expected, refused, recalled, bytes;
} count;
static struct histogram delivery_times, ack_times, setup_times;
static uint32_t *last_heard;       /* of each member, by the writer's place in its room */
static int writers;                /* in a room, at most */
static uint8_t *recalled;          /* a bit for each member and mark of the log before */
static uint64_t until, last_whole, measured_from;
static bool sending, done_warming;
static uint32_t whole_count;

static void append(struct bytes *b, const void *data, size_t size) {
    if (b->size + size > b->room) {
        b->room = (b->size + size) * 2;
        b->at = must(realloc(b->at, b->room));
    }
    memcpy(b->at + b->size, data, size);
    b->size += size;
}

static void drop(struct bytes *b) {
    free(b->at);
    *b = (struct bytes){0};
}

static int index_of(const struct member *m) { return (int)(m - members); }
static int in_room(int room) { return asked.members / asked.rooms + (room < asked.members % asked.rooms); }
static int place_of(int member) { return member / asked.rooms; }

static void watch(struct member *m, bool writing) {
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.u32 = (uint32_t)index_of(m)};
    if (epoll_ctl(epoll, m->state == IDLE ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, m->fd, &event) != 0) fail("epoll: %s", strerror(errno));
    m->writing = writing;
}

static void flush(struct member *m) {
    while (m->out.size > 0) {
        ssize_t took = send(m->fd, m->out.at, m->out.size, MSG_NOSIGNAL);
        if (took < 0 && errno == EAGAIN) {
            if (!m->writing) watch(m, true);
            return;
        }
        if (took < 0) fail("connection %d: %s", index_of(m), strerror(errno));
        memmove(m->out.at, m->out.at + took, m->out.size - (size_t)took);
        m->out.size -= (size_t)took;
    }
    if (m->writing) watch(m, false);
}

static void soil(struct member *m) {
    if (m->dirty) return;
    m->dirty = true;
    dirty[dirty_count++] = index_of(m);
}

/* What was written in a turn leaves together, connection by connection. */
static void flush_all(void) {
    for (int i = 0; i < dirty_count; i++) {
        members[dirty[i]].dirty = false;
        flush(&members[dirty[i]]);
    }
    dirty_count = 0;
}

static void say(struct member *m, int opcode, const char *text, size_t size) {
    static uint32_t seed = 0x9e3779b9;
    uint8_t head[14], mask[4];
    size_t at = 2;
    seed = seed * 1664525 + 1013904223;
    memcpy(mask, &seed, 4);
    head[0] = (uint8_t)(0x80 | opcode);
    if (size < 126) {
        head[1] = (uint8_t)(0x80 | size);
    } else if (size < 65536) {
        head[1] = 0x80 | 126;
        head[at++] = (uint8_t)(size >> 8);
        head[at++] = (uint8_t)size;
    } else {
        head[1] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) head[at++] = (uint8_t)((uint64_t)size >> shift);
    }
    memcpy(head + at, mask, 4);
    append(&m->out, head, at + 4);
    append(&m->out, text, size);
    uint8_t *payload = m->out.at + m->out.size - size;
    for (size_t i = 0; i < size; i++) payload[i] ^= mask[i & 3];
    soil(m);
}

/* ---- templates ---- */

static char *next_line(void) {
    static char *text, *at;
    if (text == NULL) {
        FILE *file = fopen(asked.lines, "r");
        if (file == NULL) fail("%s: %s", asked.lines, strerror(errno));
        text = must(calloc(1, 1 << 22));
        size_t size = fread(text, 1, (1 << 22) - 1, file);
        fclose(file);
        if (size == 0 || text[size - 1] != '\n') fail("%s: every line must end", asked.lines);
        for (size_t i = 0; i < size; i++) if (text[i] == '\n') text[i] = 0;
        at = text;
    }
    char *line = at;
    at += strlen(at) + 1;
    if (*at == 0) at = text;
    return line;
}

static size_t fill(char *to, const char *form, const struct member *m, uint32_t number) {
    char *at = to, *pad = NULL;
    size_t rest = 0;
    for (; *form; ) {
        if ((size_t)(at - to) > MAX_TEXT - 4096) fail("a message is too long");
        if (*form != '{') { *at++ = *form++; continue; }
        if (!strncmp(form, "{n}", 3)) { at += sprintf(at, "%d", index_of(m)); form += 3; }
        else if (!strncmp(form, "{room}", 6)) { at += sprintf(at, "%d", m->room); form += 6; }
        else if (!strncmp(form, "{mark}", 6)) { at += sprintf(at, "%s%08x", MARK, number); form += 6; }
        else if (!strncmp(form, "{id}", 4)) { at += sprintf(at, "%s%08x.%08x", ID, number, run); form += 4; }
        else if (!strncmp(form, "{pad}", 5)) { pad = at; form += 5; }
        else if (!strncmp(form, "{line}", 6)) {
            const char *line = next_line();
            memcpy(at, line, strlen(line) > 4000 ? 4000 : strlen(line));
            at += strlen(line) > 4000 ? 4000 : strlen(line);
            form += 6;
        }
        else *at++ = *form++;
    }
    size_t size = (size_t)(at - to);
    if (pad != NULL && size < (size_t)asked.size) {
        rest = (size_t)asked.size - size;
        memmove(pad + rest, pad, (size_t)(at - pad));
        for (size_t i = 0; i < rest; i++) pad[i] = "a word and "[i % 11];
    }
    return size + rest;
}

/* ---- writing ---- */

static uint32_t listeners_of(const struct member *m) {
    if (!strcmp(asked.deliver, "none")) return 0;
    if (!strcmp(asked.deliver, "others")) return (uint32_t)in_room(m->room) - 1;
    return (uint32_t)in_room(m->room);
}

static void write_one(struct member *m, uint64_t due) {
    static char text[MAX_TEXT];
    struct message *message = &messages[sent];
    message->due = due;
    message->sender = (uint32_t)index_of(m);
    message->missing = listeners_of(m);
    message->heard = must(calloc(1, (size_t)in_room(m->room) / 8 + 1));
    count.expected += message->missing;
    count.acks_expected += asked.ack != NULL;
    say(m, 1, text, fill(text, asked.message, m, sent));
    sent++;
    m->outstanding++;
}

static bool may_write(void) {
    if (!done_warming) return sent < (uint32_t)asked.warmup;
    return sending && sent < total && (asked.seconds == 0 || now() < until);
}

static void go_on(struct member *m) {
    while (asked.rate == 0 && m->sender && m->outstanding < asked.window && may_write()) write_one(m, now());
}

/* The measured part begins anew: what came so far was warming up. */
static void begin_measuring(void);

static void came_whole(struct message *message) {
    message->whole = true;
    whole_count++;
    last_whole = now();
    members[message->sender].outstanding--;
    if (!done_warming && whole_count == (uint32_t)asked.warmup) begin_measuring();
    else go_on(&members[message->sender]);
}

static void look_whether_whole(struct message *message) {
    if (!message->whole && message->missing == 0 && (message->acked || asked.ack == NULL)) came_whole(message);
}

/* ---- reading ---- */

static uint32_t number_at(const uint8_t *text, size_t rest) {
    uint32_t number = 0;
    if (rest < TAG + DIGITS) return NOBODY;
    for (int i = 0; i < DIGITS; i++) {
        uint8_t c = text[TAG + i];
        uint8_t digit = c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10) : (uint8_t)(c - '0');
        if (digit > 15) return NOBODY;
        number = number << 4 | digit;
    }
    return number;
}

static void deliver(struct member *m, uint32_t number) {
    int place = place_of(index_of(m));
    if (number >= sent || members[messages[number].sender].room != m->room) {
        count.strange++;
        return;
    }
    struct message *message = &messages[number];
    if (!strcmp(asked.deliver, "none") || (!strcmp(asked.deliver, "others") && message->sender == (uint32_t)index_of(m))) {
        count.strange++;
        return;
    }
    if (message->heard[place / 8] & (1 << place % 8)) {
        count.doubled++;
        return;
    }
    message->heard[place / 8] |= (uint8_t)(1 << place % 8);
    count.heard++;
    if (writers > 0) {
        int writer = place_of((int)message->sender);
        uint32_t *last = &last_heard[(size_t)index_of(m) * (size_t)writers + (size_t)writer];
        if (*last > number + 1) count.disordered++;
        *last = number + 1;
    }
    note(&delivery_times, now() - message->due);
    message->missing--;
    look_whether_whole(message);
}

static void recall(struct member *m, uint32_t number) {
    if (number >= (uint32_t)asked.recall) {
        count.strange++;
        return;
    }
    size_t bit = (size_t)index_of(m) * (size_t)asked.recall + number;
    if (recalled[bit / 8] & (1 << bit % 8)) count.doubled++;
    else count.recalled++;
    recalled[bit / 8] |= (uint8_t)(1 << bit % 8);
}

static void acknowledge(uint32_t number, const char *text, size_t size) {
    if (number >= sent || asked.ack == NULL) return;
    struct message *message = &messages[number];
    if (memmem(text, size, asked.ack, strlen(asked.ack)) == NULL) {
        if (count.refused++ == 0) fprintf(stderr, "load: refused: %.*s\n", (int)(size < 400 ? size : 400), text);
        return;
    }
    if (message->acked) {
        count.doubled++;
        return;
    }
    message->acked = true;
    count.acks++;
    note(&ack_times, now() - message->due);
    look_whether_whole(message);
}

static void begin_step(struct member *m);

static void heard_text(struct member *m, const uint8_t *text, size_t size) {
    for (int i = 0; i < asked.answers; i++)
        if (size == strlen(asked.heard[i]) && !memcmp(text, asked.heard[i], size)) {
            say(m, 1, asked.answer[i], strlen(asked.answer[i]));
            return;
        }
    bool any = false;
    const uint8_t *at = text, *end = text + size;
    while ((at = memmem(at, (size_t)(end - at), MARK, TAG)) != NULL) {
        uint32_t number = number_at(at, (size_t)(end - at));
        if (m->state == READY) deliver(m, number);
        else if (asked.recall > 0) recall(m, number);
        any = true;
        at += TAG;
    }
    if (!any && m->state == READY && (at = memmem(text, size, ID, TAG)) != NULL)
        acknowledge(number_at(at, (size_t)(end - at)), (const char *)text, size);
    if (m->state == STEPPING && memmem(text, size, asked.await[m->step], strlen(asked.await[m->step]))) {
        m->step++;
        begin_step(m);
    }
}

static void heard_frame(struct member *m, int first, const uint8_t *text, size_t size) {
    int opcode = first & 15;
    if (first & 0x70) fail("connection %d: a reserved bit", index_of(m));
    if (opcode == 8) fail("connection %d was closed: %.*s", index_of(m), size > 2 ? (int)size - 2 : 0, size > 2 ? (const char *)text + 2 : "");
    if (opcode == 9) {
        say(m, 10, (const char *)text, size);
    } else if (opcode < 3) {
        if (first & 0x80 && opcode != 0) {
            heard_text(m, text, size);
            return;
        }
        append(&m->parts, text, size);
        if (first & 0x80) {
            heard_text(m, m->parts.at, m->parts.size);
            drop(&m->parts);
        }
    }
}

/* Return how many bytes were whole frames. */
static size_t frames(struct member *m, const uint8_t *data, size_t size) {
    size_t at = 0;
    while (size - at >= 2) {
        const uint8_t *frame = data + at;
        uint64_t length = frame[1] & 127;
        size_t head = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (frame[1] & 128) fail("a server masks nothing");
        if (size - at < head) break;
        if (head == 4) length = (uint64_t)frame[2] << 8 | frame[3];
        if (head == 10) for (int i = length = 0; i < 8; i++) length = length << 8 | frame[2 + i];
        if (length > MAX_FRAME) fail("a frame of %llu bytes", (unsigned long long)length);
        if (size - at < head + length) break;
        heard_frame(m, frame[0], frame + head, (size_t)length);
        at += head + (size_t)length;
    }
    return at;
}

static size_t upgraded(struct member *m, const uint8_t *data, size_t size) {
    const uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (size < 12 || memcmp(data, "HTTP/1.1 101", 12)) fail("connection %d: %.*s", index_of(m), (int)(size < 300 ? size : 300), (const char *)data);
    begin_step(m);
    return (size_t)(end - data) + 4;
}

static size_t take(struct member *m, const uint8_t *data, size_t size) {
    size_t used = 0;
    if (m->state == UPGRADING) {
        used = upgraded(m, data, size);
        if (used == 0) return 0;
    }
    return used + frames(m, data + used, size - used);
}

static void read_from(struct member *m) {
    for (;;) {
        ssize_t got = recv(m->fd, reading, sizeof reading, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) fail("connection %d ended: %s", index_of(m), got < 0 ? strerror(errno) : "by the server");
        count.bytes += (uint64_t)got;
        if (m->in.size == 0) {
            size_t used = take(m, reading, (size_t)got);
            if (used < (size_t)got) append(&m->in, reading + used, (size_t)got - used);
        } else {
            append(&m->in, reading, (size_t)got);
            size_t used = take(m, m->in.at, m->in.size);
            memmove(m->in.at, m->in.at + used, m->in.size - used);
            m->in.size -= used;
            if (m->in.size == 0) drop(&m->in);
        }
        if (got < READ_BYTES) return;
    }
}

/* ---- setting up ---- */

static void connect_one(struct member *m) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)asked.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(m->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
    m->began = now();
    watch(m, true);
    m->state = CONNECTING;
    started++;
}

static void upgrade(struct member *m) {
    char head[512];
    int error = 0, size = (int)sizeof error;
    getsockopt(m->fd, SOL_SOCKET, SO_ERROR, &error, (socklen_t *)&size);
    if (error != 0) fail("connection %d: %s", index_of(m), strerror(error));
    size = snprintf(head, sizeof head,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", asked.path, asked.port);
    append(&m->out, head, (size_t)size);
    m->state = UPGRADING;
    watch(m, false);
    flush(m);
}

static void become_ready(struct member *m) {
    m->state = READY;
    ready++;
    note(&setup_times, now() - m->began);
    if (started < asked.members) connect_one(&members[started]);
}

static void begin_step(struct member *m) {
    static char text[MAX_TEXT];
    if (m->step == asked.steps) {
        become_ready(m);
        return;
    }
    m->state = STEPPING;
    if (asked.say[m->step][0] != 0) say(m, 1, text, fill(text, asked.say[m->step], m, 0));
}

static void serve(const struct epoll_event *event) {
    struct member *m = &members[event->data.u32];
    if (m->state == CONNECTING && event->events & (EPOLLOUT | EPOLLERR)) {
        upgrade(m);
        return;
    }
    if (event->events & EPOLLOUT) flush(m);
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(m);
}

static void turn(int wait_ms) {
    struct epoll_event events[MAX_EVENTS];
    int got = epoll_wait(epoll, events, MAX_EVENTS, wait_ms);
    for (int i = 0; i < got; i++) serve(&events[i]);
    flush_all();
}

static void turn_for(double seconds) {
    uint64_t moment, end = now() + (uint64_t)(seconds * 1e9);
    while ((moment = now()) < end) turn((int)((end - moment) / 1000000) + 1);
}

/* ---- the run ---- */

static struct {
    double setup_seconds, setup_cpu, talk_seconds, cpu, cpu_from, own, own_from;
    long kib_before, kib_ready, kib_after;
    uint64_t heard_from, acks_from;
    uint32_t sent_from;
} result;

static void set_up(void) {
    double cpu = servers_cpu();
    result.kib_before = servers_kib();
    /* Since somebody came in last: each who does is told to all who are there, so that many take long. */
    uint64_t began = now(), last = began, patience = (uint64_t)((asked.drain + 60) * 1e9);
    for (int i = 0; i < asked.connecting && i < asked.members; i++) connect_one(&members[i]);
    while (ready < asked.members) {
        int before = ready;
        turn(100);
        if (ready > before) last = now();
        if (now() > last + patience) fail("only %d of %d came in", ready, asked.members);
    }
    result.setup_seconds = (double)(now() - began) / 1e9;
    result.setup_cpu = servers_cpu() - cpu;
    turn_for(asked.idle > 0 ? asked.idle : asked.linger);
    result.kib_ready = servers_kib();
}

static bool is_sender(int member) {
    if (asked.per_room > 0) return place_of(member) < asked.per_room;
    return member < asked.senders;
}

static void begin_measuring(void) {
    done_warming = true;
    memset(&delivery_times, 0, sizeof delivery_times);
    memset(&ack_times, 0, sizeof ack_times);
    result.cpu_from = servers_cpu();
    result.own_from = own_cpu();
    result.heard_from = count.heard;
    result.acks_from = count.acks;
    result.sent_from = sent;
    measured_from = last_whole = now();
    until = measured_from + (uint64_t)(asked.seconds * 1e9);
    for (int i = 0; i < asked.members; i++) go_on(&members[i]);
}

/* Messages leave when they are due, whether earlier ones have arrived or not. */
static void write_what_is_due(void) {
    static uint64_t next;
    static int who = -1;
    if (next == 0) next = measured_from;
    while (next <= now() && may_write()) {
        do who = (who + 1) % asked.members; while (!members[who].sender);
        write_one(&members[who], next);
        next += (uint64_t)(1e9 / asked.rate);
    }
    flush_all();
    uint64_t moment = now(), rest = next > moment ? next - moment : 0;
    turn(rest > 2000000 ? (int)(rest / 1000000) - 1 : 0);
}

static void talk(void) {
    for (int i = 0; i < asked.members; i++) members[i].sender = is_sender(i);
    sending = true;
    if (asked.warmup == 0) begin_measuring();
    else for (int i = 0; i < asked.members; i++) go_on(&members[i]);
    if (asked.rate > 0 && asked.warmup > 0) fail("an open loop needs no warming");
    flush_all();
    last_whole = now();
    while (!(done_warming && !may_write()) && now() < last_whole + (uint64_t)(asked.drain * 1e9)) {
        if (asked.rate > 0) write_what_is_due();
        else turn(10);
    }
    sending = false;
    uint64_t end = now() + (uint64_t)(asked.drain * 1e9);
    while (whole_count < sent && now() < end) turn(10);
    result.talk_seconds = (double)(last_whole - measured_from) / 1e9;
    result.cpu = servers_cpu() - result.cpu_from;
    result.own = own_cpu() - result.own_from;
    turn_for(asked.linger);  /* what comes twice comes after */
}

static void print_times(const char *name, const struct histogram *h) {
    printf("  \"%s\": {\"count\": %llu, \"mean\": %.1f, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f},\n",
        name, (unsigned long long)h->count, h->count ? (double)h->sum / (double)h->count / 1e3 : 0.0, quantile_us(h, .5),
        quantile_us(h, .9), quantile_us(h, .99), quantile_us(h, .999), (double)h->max / 1e3);
}

static uint64_t missing(void) {
    uint64_t recalls = (uint64_t)asked.members * (uint64_t)asked.recall;
    return count.expected - count.heard + count.acks_expected - count.acks + recalls - count.recalled;
}

static bool report(void) {
    uint64_t heard = count.heard - result.heard_from;
    uint32_t written = sent - result.sent_from;
    bool good = missing() == 0 && count.doubled == 0 && count.strange == 0 && count.disordered == 0 && count.refused == 0;
    double talked = result.talk_seconds > 0 ? result.talk_seconds : 1;
    printf("{\n  \"members\": %d, \"rooms\": %d, \"senders\": %d, \"window\": %d, \"rate\": %g,\n", asked.members, asked.rooms,
        asked.per_room > 0 ? asked.per_room * asked.rooms : asked.senders, asked.window, asked.rate);
    printf("  \"setup_seconds\": %.6f, \"setups_per_second\": %.1f, \"setup_cpu_us\": %.2f,\n", result.setup_seconds,
        asked.members / result.setup_seconds, result.setup_cpu / asked.members * 1e6);
    print_times("setup_us", &setup_times);
    printf("  \"kib_before\": %ld, \"kib_ready\": %ld, \"kib_after\": %ld, \"bytes_per_connection\": %.0f,\n", result.kib_before,
        result.kib_ready, result.kib_after, (double)(result.kib_ready - result.kib_before) * 1024 / asked.members);
    printf("  \"seconds\": %.6f, \"messages\": %u, \"deliveries\": %llu, \"messages_per_second\": %.1f, \"deliveries_per_second\": %.1f,\n",
        result.talk_seconds, written, (unsigned long long)heard, written / talked, (double)heard / talked);
    printf("  \"server_cpu_seconds\": %.6f, \"cpu_us_per_delivery\": %.4f, \"cpu_us_per_message\": %.3f, \"generator_cpu_share\": %.3f,\n",
        result.cpu, heard ? result.cpu / (double)heard * 1e6 : 0.0, written ? result.cpu / written * 1e6 : 0.0, result.own / talked);
    print_times("delivery_us", &delivery_times);
    print_times("ack_us", &ack_times);
    printf("  \"bytes\": %llu, \"expected\": %llu, \"heard\": %llu, \"acks\": %llu, \"recalled\": %llu,\n", (unsigned long long)count.bytes,
        (unsigned long long)count.expected, (unsigned long long)count.heard, (unsigned long long)count.acks, (unsigned long long)count.recalled);
    printf("  \"missing\": %llu, \"doubled\": %llu, \"strange\": %llu, \"disordered\": %llu, \"refused\": %llu, \"good\": %s\n}\n",
        (unsigned long long)missing(), (unsigned long long)count.doubled, (unsigned long long)count.strange,
        (unsigned long long)count.disordered, (unsigned long long)count.refused, good ? "true" : "false");
    return good;
}

/* ---- words ---- */

static const char *HELP =
    "load --port N [--members N] [--rooms N] [--senders N | --per-room N] [--window N | --rate X]\n"
    "     [--warmup N] [--messages N] [--seconds X] [--size N] [--message TEMPLATE] [--ack PART]\n"
    "     [--deliver room|others|none] [--say TEMPLATE --await PART]... [--recall N]\n"
    "     [--answer TEXT TEXT]... [--lines FILE] [--path PATH] [--pid N]... [--core N]\n"
    "     [--connecting N] [--idle X] [--drain X] [--linger X]\n";

static void read_words(int argc, char **argv) {
    struct { const char *name; int *to; } numbers[] = {
        {"--port", &asked.port}, {"--members", &asked.members}, {"--rooms", &asked.rooms}, {"--senders", &asked.senders},
        {"--per-room", &asked.per_room}, {"--window", &asked.window}, {"--warmup", &asked.warmup}, {"--messages", &asked.messages},
        {"--size", &asked.size}, {"--core", &asked.core}, {"--connecting", &asked.connecting}, {"--recall", &asked.recall},
    };
    struct { const char *name; double *to; } reals[] = {
        {"--rate", &asked.rate}, {"--seconds", &asked.seconds}, {"--drain", &asked.drain}, {"--linger", &asked.linger}, {"--idle", &asked.idle},
    };
    struct { const char *name; const char **to; } texts[] = {
        {"--path", &asked.path}, {"--message", &asked.message}, {"--ack", &asked.ack}, {"--lines", &asked.lines}, {"--deliver", &asked.deliver},
    };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool known = false;
        if (!strcmp(word, "--help")) { fputs(HELP, stdout); exit(0); }
        if (i + 1 >= argc) fail("%s needs a value\n%s", word, HELP);
        const char *value = argv[++i];
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) if (!strcmp(word, numbers[k].name)) { *numbers[k].to = atoi(value); known = true; }
        for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) if (!strcmp(word, reals[k].name)) { *reals[k].to = atof(value); known = true; }
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) if (!strcmp(word, texts[k].name)) { *texts[k].to = value; known = true; }
        if (!strcmp(word, "--pid") && asked.pids < MAX_PIDS) { asked.pid[asked.pids++] = atoi(value); known = true; }
        if (!strcmp(word, "--say") && asked.steps < MAX_STEPS) { asked.say[asked.steps] = value; asked.await[asked.steps++] = ""; known = true; }
        if (!strcmp(word, "--await") && asked.steps > 0) { asked.await[asked.steps - 1] = value; known = true; }
        if (!strcmp(word, "--answer") && asked.answers < MAX_STEPS && i + 1 < argc) {
            asked.heard[asked.answers] = value;
            asked.answer[asked.answers++] = argv[++i];
            known = true;
        }
        if (!known) fail("what is %s?\n%s", word, HELP);
    }
}

static void check_words(void) {
    if (asked.port <= 0 || asked.members < 1 || asked.rooms < 1 || asked.rooms > asked.members || asked.window < 1)
        fail("these numbers fit no load\n%s", HELP);
    if (asked.message == NULL && (asked.messages > 0 || asked.seconds > 0)) fail("no --message is given");
    if (asked.message != NULL && asked.messages == 0 && asked.seconds == 0) fail("how many --messages, or --seconds?");
    if (strcmp(asked.deliver, "none") && asked.message && !strstr(asked.message, "{mark}")) fail("a --message needs its {mark}");
    if (asked.recall > 0 && asked.message != NULL) fail("marks of the log before and new ones look alike");
    total = asked.messages > 0 ? (uint32_t)(asked.messages + asked.warmup) : MAX_MESSAGES;
}

static void prepare(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (asked.core >= 0) {
        cpu_set_t cores;
        CPU_ZERO(&cores);
        CPU_SET((size_t)asked.core, &cores);
        if (sched_setaffinity(0, sizeof cores, &cores) != 0) fail("core %d: %s", asked.core, strerror(errno));
    }
    members = must(calloc((size_t)asked.members, sizeof *members));
    dirty = must(calloc((size_t)asked.members, sizeof *dirty));
    /* Untouched pages of it cost nothing. */
    messages = must(calloc(total, sizeof *messages));
    for (int i = 0; i < asked.members; i++) members[i].room = i % asked.rooms;
    writers = asked.per_room > 0 ? asked.per_room : asked.senders / asked.rooms + 1;
    /* Order is judged where a room has few writers: all of them in rooms of ten, one in a thousand. */
    if (writers > 64) writers = 0;
    if (writers > 0) last_heard = must(calloc((size_t)asked.members * (size_t)writers, sizeof *last_heard));
    recalled = must(calloc(1, (size_t)asked.members * (size_t)asked.recall / 8 + 1));
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    run = (uint32_t)t.tv_sec ^ (uint32_t)t.tv_nsec ^ (uint32_t)getpid() << 12;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) fail("epoll: %s", strerror(errno));
}

int main(int argc, char **argv) {
    read_words(argc, argv);
    check_words();
    prepare();
    set_up();
    if (asked.message != NULL) talk();
    result.kib_after = servers_kib();
    return report() ? 0 : 1;
}
