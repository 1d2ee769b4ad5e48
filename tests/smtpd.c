/*
 * smtpd.c - a mail server for tests: what it does stands in a file
 *
 *	tests/smtpd DIR [--cert FILE --key FILE [--smtps]] [--auth BASE64]
 *
 * Listens on a free port of 127.0.0.1, which it writes to DIR/port. A mail it
 * takes becomes DIR/mail.N: FROM, TO, TLS and AUTH lines, an empty one, the
 * message. DIR/mode is read at each connection: ok (also without the file),
 * greylist, reject, full, down, nostarttls, hang.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/ssl.h>

enum { LINE = 2048, TEXT = 256 * 1024 };

static const char *dir, *auth;
static SSL_CTX *context;
static int smtps, mails;

struct talk {
	int fd;
	SSL *ssl;
	char in[LINE];
	size_t have, at;
	char mode[32], from[LINE], to[LINE], login[LINE];
};

static int
next_byte(struct talk *t)
{
	ssize_t n;

	if (t->at == t->have) {
		n = t->ssl != NULL ? SSL_read(t->ssl, t->in, sizeof t->in)
		    : read(t->fd, t->in, sizeof t->in);
		if (n <= 0)
			return -1;
		t->have = (size_t)n;
		t->at = 0;
	}
	return (unsigned char)t->in[t->at++];
}

/* Without its end; 0 when the client has gone. */
static int
hear(struct talk *t, char line[LINE])
{
	size_t n = 0;
	int c;

	while ((c = next_byte(t)) != -1 && c != '\n')
		if (n + 1 < LINE)
			line[n++] = (char)c;
	while (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	return c != -1;
}

static void
say(struct talk *t, const char *s)
{
	char line[LINE];
	int n = snprintf(line, sizeof line, "%s\r\n", s);

	if (t->ssl != NULL)
		SSL_write(t->ssl, line, n);
	else if (write(t->fd, line, (size_t)n) != n)
		perror("smtpd: write");
}

static int
is(const struct talk *t, const char *mode)
{
	return strcmp(t->mode, mode) == 0;
}

static void
read_mode(struct talk *t)
{
	char path[LINE];
	FILE *f;

	snprintf(path, sizeof path, "%s/mode", dir);
	snprintf(t->mode, sizeof t->mode, "ok");
	if ((f = fopen(path, "r")) == NULL)
		return;
	if (fscanf(f, "%31s", t->mode) != 1)
		t->mode[0] = '\0';
	fclose(f);
}

static int
go_secret(struct talk *t)
{
	t->ssl = SSL_new(context);
	SSL_set_fd(t->ssl, t->fd);
	t->have = t->at = 0;
	return SSL_accept(t->ssl) == 1;
}

static void
keep(const struct talk *t, const char *text)
{
	char path[LINE], done[LINE];
	FILE *f;

	snprintf(path, sizeof path, "%s/mail.part", dir);
	snprintf(done, sizeof done, "%s/mail.%d", dir, ++mails);
	if ((f = fopen(path, "w")) == NULL)
		return;
	fprintf(f, "FROM %s\nTO %s\nTLS %s\nAUTH %s\n\n%s", t->from, t->to,
	    t->ssl != NULL ? "yes" : "no", t->login, text);
	fclose(f);
	rename(path, done);
}

static void
take_data(struct talk *t)
{
	static char text[TEXT];
	char line[LINE];
	size_t n = 0;

	say(t, "354 go on");
	while (hear(t, line) && strcmp(line, ".") != 0)
		n += (size_t)snprintf(text + n, TEXT - n, "%s\n", line[0] == '.' ? line + 1 : line);
	if (is(t, "full")) {
		say(t, "452 no room");
		return;
	}
	keep(t, text);
	say(t, "250 taken");
}

static void
take_auth(struct talk *t, const char *line)
{
	char answer[LINE];

	if (strlen(line) > strlen("AUTH PLAIN ")) {
		line += strlen("AUTH PLAIN ");
	} else {
		say(t, "334 ");
		line = hear(t, answer) ? answer : "";
	}
	if (auth != NULL && strcmp(line, auth) == 0) {
		snprintf(t->login, sizeof t->login, "yes");
		say(t, "235 welcome");
	} else {
		say(t, "535 wrong");
	}
}

static void
greet(struct talk *t)
{
	say(t, "250-smtpd");
	if (context != NULL && t->ssl == NULL && !is(t, "nostarttls"))
		say(t, "250-STARTTLS");
	if (auth != NULL)
		say(t, "250-AUTH PLAIN");
	say(t, "250 8BITMIME");
}

/* 0 = the talk is over. */
static int
answer(struct talk *t, const char *line)
{
	if (strncasecmp(line, "EHLO", 4) == 0) {
		greet(t);
	} else if (strncasecmp(line, "STARTTLS", 8) == 0 && context != NULL) {
		say(t, "220 go on");
		return go_secret(t);
	} else if (strncasecmp(line, "AUTH", 4) == 0) {
		take_auth(t, line);
	} else if (strncasecmp(line, "MAIL FROM:", 10) == 0) {
		snprintf(t->from, sizeof t->from, "%.1000s", line + 10);
		say(t, auth != NULL && t->login[0] != 'y' ? "530 log in first" : "250 ok");
	} else if (strncasecmp(line, "RCPT TO:", 8) == 0) {
		snprintf(t->to, sizeof t->to, "%.1000s", line + 8);
		say(t, is(t, "greylist") ? "451 come again" : is(t, "reject") ? "550 nobody here"
		    : "250 ok");
	} else if (strcasecmp(line, "DATA") == 0) {
		take_data(t);
	} else if (strcasecmp(line, "QUIT") == 0) {
		say(t, "221 bye");
		return 0;
	} else {
		say(t, "502 what?");
	}
	return 1;
}

static void
talk(int fd)
{
	struct talk t = { .fd = fd, .login = "no" };
	char line[LINE];

	read_mode(&t);
	if (is(&t, "hang")) {
		while (read(fd, line, sizeof line) > 0)
			continue;
		return;
	}
	if (smtps && !go_secret(&t))
		return;
	if (is(&t, "down")) {
		say(&t, "421 not now");
	} else {
		say(&t, "220 smtpd");
		while (hear(&t, line) && answer(&t, line))
			continue;
	}
	SSL_free(t.ssl);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char path[LINE], part[LINE];
	FILE *f;

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof at) == -1 ||
	    listen(fd, 16) == -1 || getsockname(fd, (struct sockaddr *)&at, &len) == -1)
		return -1;
	snprintf(part, sizeof part, "%s/port.part", dir);
	snprintf(path, sizeof path, "%s/port", dir);
	if ((f = fopen(part, "w")) == NULL)
		return -1;
	fprintf(f, "%d\n", ntohs(at.sin_port));
	fclose(f);
	return rename(part, path) == 0 ? fd : -1;
}

static void
read_options(int argc, char **argv)
{
	const char *cert = NULL, *key = NULL;

	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--smtps") == 0)
			smtps = 1;
		else if (strcmp(argv[i], "--cert") == 0 && i + 1 < argc)
			cert = argv[++i];
		else if (strcmp(argv[i], "--key") == 0 && i + 1 < argc)
			key = argv[++i];
		else if (strcmp(argv[i], "--auth") == 0 && i + 1 < argc)
			auth = argv[++i];
	}
	if (cert == NULL)
		return;
	context = SSL_CTX_new(TLS_server_method());
	if (context == NULL || SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
		fputs("smtpd: the certificate cannot be used\n", stderr);
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	int listening, fd;

	if (argc < 2) {
		fputs("usage: smtpd DIR [--cert FILE --key FILE [--smtps]] [--auth BASE64]\n", stderr);
		return 64;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	dir = argv[1];
	read_options(argc, argv);
	if ((listening = listen_somewhere()) == -1) {
		perror("smtpd");
		return 1;
	}
	while ((fd = accept(listening, NULL, NULL)) != -1) {
		talk(fd);
		close(fd);
	}
	return 0;
}
