/*
 * nginx.c - `pos-sim nginx`: the server block that speaks TLS for the till
 *
 * 599 is the till's way to say "cut the line": `return 444` closes it
 * without an answer. Nothing is buffered, so a truncated answer arrives
 * truncated. With --whole the text is a complete nginx.conf whose files all
 * stand in DIR, for tests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/pos-sim/cli.h"

static const char limits[] =
    "events { worker_connections 1024; }\n"
    "http {\n"
    "access_log off;\n";

static const char *const temporary[] = { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" };

static const char server[] =
    "\tssl_protocols TLSv1.2 TLSv1.3;\n"
    "\tclient_max_body_size 1m;\n"
    "\terror_page 599 = @cut;\n"
    "\tlocation @cut { return 444; }\n"
    "\tlocation / {\n"
    "\t\tfastcgi_intercept_errors on;\n"
    "\t\tfastcgi_buffering off;\n"
    "\t\tfastcgi_read_timeout 700s;\n"
    "\t\tfastcgi_next_upstream off;\n"
    "\t\tfastcgi_param HTTP_PROXY \"\";\n"
    "\t\tfastcgi_param REQUEST_METHOD $request_method;\n"
    "\t\tfastcgi_param REQUEST_URI $request_uri;\n"
    "\t\tfastcgi_param QUERY_STRING $query_string;\n"
    "\t\tfastcgi_param CONTENT_TYPE $content_type;\n"
    "\t\tfastcgi_param CONTENT_LENGTH $content_length;\n";

static void
print_head(const char *dir)
{
	printf("pid %s/nginx.pid;\nerror_log %s/nginx.log;\nworker_processes 1;\n", dir, dir);
	if (geteuid() == 0)
		printf("user root;\n");
	fputs(limits, stdout);
	for (size_t i = 0; i < sizeof temporary / sizeof *temporary; i++)
		printf("%s_temp_path %s/tmp-%s;\n", temporary[i], dir, temporary[i]);
}

/* "before VALUE;", where VALUE is what was given or dir/name. */
static void
print_path(const char *before, const char *given, const char *kind, const char *dir,
    const char *name)
{
	if (given != NULL)
		printf("%s %s;\n", before, given);
	else
		printf("%s %s%s/%s;\n", before, kind, dir, name);
}

int
verb_nginx(const struct options *opt)
{
	if (opt->dir == NULL || opt->port == 0) {
		fprintf(stderr, "pos-sim nginx: --dir DIR and --port N are needed\n");
		return EX_USAGE;
	}
	if (opt->whole)
		print_head(opt->dir);
	printf("server {\n\tlisten 127.0.0.1:%d ssl;\n\tserver_name localhost;\n",
	    (int)opt->port);
	print_path("\tssl_certificate", opt->cert, "", opt->dir, "pos-sim.crt");
	print_path("\tssl_certificate_key", opt->key, "", opt->dir, "pos-sim.key");
	fputs(server, stdout);
	print_path("\t\tfastcgi_pass", opt->socket, "unix:", opt->dir, "pos-sim.sock");
	printf("\t}\n}\n");
	if (opt->whole)
		printf("}\n");
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
