/* start.c - see start.h */
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/start.h"

enum { START_ERROR_S = 1 };

_Noreturn void
start_error(const char *fault)
{
	log_error("start", "fault=%s", fault);
	sleep(START_ERROR_S);
	exit(EX_CONFIG);
}

int
start_is_listening(int fd)
{
	int yes = 0;
	socklen_t n = sizeof yes;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}
