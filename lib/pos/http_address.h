/* http_address.h - for http.c: http_check_url, and whether it is loopback */
#ifndef POS_HTTP_ADDRESS_H
#define POS_HTTP_ADDRESS_H

/* As http_check_url of http.h; *loopback: the host is this machine. */
int http_judge_url(const char *url, int allow_http, int *loopback, char *fault)
    __attribute__((warn_unused_result));

#endif
