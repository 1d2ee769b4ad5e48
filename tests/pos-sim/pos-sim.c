/*
 * pos-sim.c - the stand-in for a till: its command line
 *
 * `init` makes a till's database, `serve` answers for it behind nginx, and
 * every other verb changes or shows it at once, while it serves. Exit codes
 * are those of sysexits.h: 64 usage, 65 no such product, branch or order, 66
 * no such database, 73 it is there already.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/money.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/fault.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/serve.h"

enum { SECRET_FILE_MOST = 4096 };

enum kind { TEXT, NUMBER, SECONDS, FLAG };

static const struct option_row {
	const char *name;
	enum kind kind;
	size_t at;
	int64_t least, most;
	const char *value, *help;
} option_table[] = {
#define AT(field) offsetof(struct options, field)
	{ "db", TEXT, AT(db), 0, 0, "FILE", "the till's database (or POS_SIM_DB)" },
	{ "listen", TEXT, AT(listen), 0, 0, "unix:PATH|HOST:PORT", "FastCGI (default: fd 0)" },
	{ "speed", SECONDS, AT(speed), 0, 86400000, "SECONDS",
	    "orders move on by themselves; 0: by hand only (default 5)" },
	{ "workers", NUMBER, AT(workers), WORKERS_LEAST, WORKERS_MOST, "N",
	    "requests at the same time (default 16)" },
	{ "token-file", TEXT, AT(token_file), 0, 0, "FILE", "the only token (default: any)" },
	{ "webhook-url", TEXT, AT(webhook_url), 0, 0, "URL", "tell the shop what happens" },
	{ "webhook-secret-file", TEXT, AT(webhook_secret_file), 0, 0, "FILE",
	    "signs the webhooks" },
	{ "dialect", TEXT, AT(dialect), 0, 0, "DIR", "play a vendor: tests/dialects/NAME" },
	{ "data", TEXT, AT(data), 0, 0, "DIR", "branches.tsv and dishes.tsv (or POS_SIM_DATA)" },
	{ "products", NUMBER, AT(products), 1, 2000000, "N", "a made-up catalogue of N dishes" },
	{ "branches", NUMBER, AT(branches), 1, 100, "N",
	    "sold in N branches (default 1; only with --products)" },
	{ "force", FLAG, AT(force), 0, 0, NULL, "replace a till that is there (stop it first)" },
	{ "json", FLAG, AT(json), 0, 0, NULL, "one JSON object a line" },
	{ "limit", NUMBER, AT(limit), 1, 1000000, "N", "so many rows: of products the first, else the newest" },
	{ "on", TEXT, AT(on), 0, 0, "[METHOD ]PATH-PREFIX", "only there; a last $ ends the path" },
	{ "times", NUMBER, AT(times), 1, 1000000, "N", "so often (default: until `fault none`)" },
	{ "skip", NUMBER, AT(skip), 1, 1000000, "N", "let N requests through first" },
	{ "seconds", SECONDS, AT(seconds), 0, 86400000, "S", "how long; may be 0.2" },
};

static const struct verb {
	const char *name, *args;
	int least, most;
	const char *options;	/* besides --db */
	int (*run)(const struct options *);
	const char *help;
} verbs[] = {
	{ "init", "", 0, 0, "data products branches force", verb_init,
	    "make a till: a restaurant chain in Kyiv, or any number of dishes" },
	{ "serve", "", 0, 0, "listen speed workers dialect token-file webhook-url webhook-secret-file",
	    verb_serve, "be the till (FastCGI; ends with SIGTERM)" },
	{ "orders", "", 0, 0, "json limit", verb_orders, "what was ordered" },
	{ "doubles", "", 0, 0, "", verb_doubles,
	    "orders taken more than once; exit 1 if there are any" },
	{ "payments", "", 0, 0, "", verb_payments, "what was paid, by calls of its own" },
	{ "products", "", 0, 0, "json limit", verb_products, "what is sold, price and stock" },
	{ "requests", "", 0, 0, "json limit on", verb_requests, "what was asked, newest last" },
	{ "webhooks", "", 0, 0, "json limit", verb_webhooks, "what the shop was told" },
	{ "asked", "", 0, 0, "on", verb_asked, "of a dialect: every request, as JSON" },
	{ "complaints", "", 0, 0, "", verb_complaints,
	    "what in them is not as the vendor documents it; exit 1 if there is any" },
	{ "mark", "ORDER NAME VALUE", 3, 3, "", verb_mark, "of a dialect: what its orders say" },
	{ "oauth", "SECONDS [rotate]", 1, 2, "", verb_oauth,
	    "grant tokens for so long, and take no others; prints the first refresh token" },
	{ "revoke", "[access]", 0, 1, "", verb_revoke,
	    "every token that was granted; access: but no refresh token" },
	{ "granted", "", 0, 0, "", verb_granted, "how many tokens were granted" },
	{ "set-stock", "PRODUCT BRANCH|all N|none", 3, 3, "", verb_set_stock,
	    "none: nobody counts it" },
	{ "set-price", "PRODUCT [BRANCH] PRICE", 2, 3, "", verb_set_price,
	    "in one branch or in all" },
	{ "set-status", "ORDER STATUS", 2, 2, "", verb_set_status,
	    "move an order by hand (S1001, or the shop's id)" },
	{ "set-driver", "ORDER NAME|none [PHONE]", 2, 3, "", verb_set_driver,
	    "who brings a delivery" },
	{ "set-speed", "SECONDS", 1, 1, "", verb_set_speed, "as serve --speed, while it serves" },
	{ "remove", "PRODUCT", 1, 1, "", verb_remove, "take a dish out of the catalogue" },
	{ "restore", "PRODUCT", 1, 1, "", verb_restore, "put it back" },
	{ "touch-all", "", 0, 0, "", verb_touch_all, "make every price 1.00 higher" },
	{ "fault", "NAME|none", 1, 1, "times on seconds skip", verb_fault,
	    "make trouble; `fault --help` names it" },
	{ "faults", "", 0, 0, "json", verb_faults, "which trouble stands, and how often it hit" },
};

/* The word stands in the list of words. */
static int
listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = list; (s = strstr(s, word)) != NULL; s += len)
		if ((s == list || s[-1] == ' ') && (s[len] == ' ' || s[len] == '\0'))
			return 1;
	return 0;
}

static void
print_options(const char *names, FILE *to)
{
	const struct option_row *o;
	char line[80];

	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		o = &option_table[i];
		if (strcmp(o->name, "db") != 0 && !listed(names, o->name))
			continue;
		snprintf(line, sizeof line, "--%s%s%s", o->name, o->value != NULL ? " " : "",
		    o->value != NULL ? o->value : "");
		fprintf(to, "  %-36s %s\n", line, o->help);
	}
}

static void
print_faults(FILE *to)
{
	fprintf(to, "\nFaults, and which requests they meet unless --on says otherwise:\n");
	for (const struct fault_kind *k = fault_kinds; k->name != NULL; k++)
		fprintf(to, "  %-18s %-26s %s\n", k->name, k->path, k->help);
}

static void
print_help(const struct verb *v, FILE *to)
{
	char line[80];

	if (v != NULL) {
		fprintf(to, "pos-sim %s%s%s [options]: %s\n\n", v->name, *v->args ? " " : "",
		    v->args, v->help);
		print_options(v->options, to);
		if (v->run == verb_fault)
			print_faults(to);
		return;
	}
	fprintf(to, "pos-sim VERB --db FILE …: a till for tests and demonstrations\n\n");
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		snprintf(line, sizeof line, "%s %s", verbs[i].name, verbs[i].args);
		fprintf(to, "  %-36s %s\n", line, verbs[i].help);
	}
	fprintf(to, "\nProducts and branches by id or exact name. `pos-sim VERB --help` tells more.\n");
}

static _Noreturn void
usage(const struct verb *v, const char *fmt, const char *a, const char *b)
{
	fprintf(stderr, "pos-sim%s%s: ", v != NULL ? " " : "", v != NULL ? v->name : "");
	fprintf(stderr, fmt, a, b);
	fprintf(stderr, " (pos-sim%s%s --help)\n", v != NULL ? " " : "", v != NULL ? v->name : "");
	exit(EX_USAGE);
}

static const struct option_row *
find_option(const struct verb *v, const char *name, size_t len)
{
	const struct option_row *o;

	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		o = &option_table[i];
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0 &&
		    (strcmp(o->name, "db") == 0 || listed(v->options, o->name)))
			return o;
	}
	usage(v, "no such option: --%s%s", name, "");
}

static void
store_option(const struct verb *v, const struct option_row *o, const char *value,
    struct options *opt)
{
	void *field = (char *)opt + o->at;
	char range[64];
	int64_t n;

	if (o->kind == TEXT) {
		*(const char **)field = value;
		return;
	}
	snprintf(range, sizeof range, "%lld to %lld",
	    (long long)(o->kind == SECONDS ? o->least / 1000 : o->least),
	    (long long)(o->kind == SECONDS ? o->most / 1000 : o->most));
	if (decimal_parse(value, o->kind == SECONDS ? 3 : 0, &n) != 0 || n < o->least || n > o->most)
		usage(v, "--%s must be %s", o->name, range);
	*(int64_t *)field = n;
}

/* How many words the option took. */
static int
read_option(const struct verb *v, char **argv, struct options *opt)
{
	const char *name = argv[0] + 2, *value = strchr(name, '=');
	const struct option_row *o;
	size_t len = strcspn(name, "=");

	if (strcmp(name, "help") == 0) {
		print_help(v, stdout);
		exit(EX_OK);
	}
	o = find_option(v, name, len);
	if (o->kind == FLAG) {
		if (value != NULL)
			usage(v, "--%s takes no value%s", o->name, "");
		*(int64_t *)((char *)opt + o->at) = 1;
		return 1;
	}
	if (value == NULL && argv[1] == NULL)
		usage(v, "--%s needs %s", o->name, o->value);
	store_option(v, o, value != NULL ? value + 1 : argv[1], opt);
	return value != NULL ? 1 : 2;
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	usage(NULL, "no such verb: %s%s", name, "");
}

/* The first line of a small file; the process keeps it. */
static const char *
read_secret(const char *path)
{
	static char kept[2][SECRET_FILE_MOST];
	static int used;
	char *s = kept[used++];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, s, SECRET_FILE_MOST - 1);

	if (n < 0)
		refuse(EX_NOINPUT, "%s cannot be read", path);
	close(fd);
	s[n] = '\0';
	s[strcspn(s, "\r\n")] = '\0';
	if (*s == '\0')
		refuse(EX_CONFIG, "%s is empty", path);
	log_hide(s);
	return s;
}

int
verb_serve(const struct options *opt)
{
	struct till till = { .db = opt->db, .speed_ms = opt->speed,
		.dialect = opt->dialect, .webhook_url = opt->webhook_url };

	if ((opt->webhook_url != NULL) != (opt->webhook_secret_file != NULL))
		usage(find_verb("serve"), "%s and %s need each other", "--webhook-url",
		    "--webhook-secret-file");
	if (opt->token_file != NULL)
		till.token = read_secret(opt->token_file);
	if (opt->webhook_secret_file != NULL)
		till.webhook_secret = read_secret(opt->webhook_secret_file);
	return serve(&till, opt->listen, opt->workers != 0 ? (int)opt->workers : 16);
}

int
main(int argc, char **argv)
{
	struct options opt = { .db = getenv("POS_SIM_DB"), .data = getenv("POS_SIM_DATA"),
		.speed = 5000, .seconds = -1 };
	const struct verb *v;

	log_init("pos-sim", LEVEL_INFO);
	if (argc < 2)
		usage(NULL, "a verb is needed%s%s", "", "");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(NULL, stdout);
		return EX_OK;
	}
	v = find_verb(argv[1]);
	for (int i = 2; i < argc;) {
		if (strncmp(argv[i], "--", 2) == 0)
			i += read_option(v, argv + i, &opt);
		else if (opt.args == v->most)
			usage(v, "one word too many: %s%s", argv[i], "");
		else
			opt.arg[opt.args++] = argv[i++];
	}
	if (opt.args < v->least)
		usage(v, "it needs %s%s", v->args, "");
	if (opt.db == NULL)
		usage(v, "which till? give %s or set %s", "--db FILE", "POS_SIM_DB");
	return v->run(&opt);
}
