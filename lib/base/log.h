/*
 * log.h - one line per event: key=value, on stderr
 *
 *	2026-05-22T10:00:00.123Z level=info program=pos-api pid=7 event=…
 *
 * A line is one write of at most 4096 bytes, so processes do not mix theirs.
 * The values of %s are quoted where they need it, so no text from outside
 * can look like another pair or another line.
 *
 * fatal() = the world is wrong (start-up and cron mains only), exits with a
 * code of sysexits.h. panic() = we are wrong, aborts. No phone, address,
 * password, token or body ever stands in a line; bytes < 0x20, bad UTF-8 and
 * quotes in values are escaped.
 */
#ifndef LOG_H
#define LOG_H

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG, LEVELS };

/* LOG_LEVEL=error|warn|info|debug in the environment wins over `least`. */
void log_init(const char *program, enum log_level least);
enum { LOG_VIA_SYSLOG = -1 };
void log_to(int fd);	/* default 2; LOG_VIA_SYSLOG: syslog(3), and last words on stderr too */
void log_request(const char *id);	/* request=… on every line until NULL */
const char *log_request_now(void);	/* that id; NULL = none, or "-" */
/* A text that must never appear (a token): replaced by *** in every line. */
void log_hide(const char *secret);

/* fmt: "order=%lld branch=%lld": pairs; the event is a word. No %n, no wide text. */
void log_event(enum log_level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define log_error(...) log_event(LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_event(LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_event(LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LEVEL_DEBUG, __VA_ARGS__)

_Noreturn void fatal(int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void panic(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

#endif
