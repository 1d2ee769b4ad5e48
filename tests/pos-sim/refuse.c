/* refuse.c - see refuse.h */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/pos-sim/refuse.h"

void
refuse(int exit_code, const char *fmt, ...)
{
	va_list ap;

	fputs("pos-sim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(exit_code);
}
