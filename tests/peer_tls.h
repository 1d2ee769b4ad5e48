/* peer_tls.h - a throw-away authority and a certificate by it, for peer.c */
#ifndef PEER_TLS_H
#define PEER_TLS_H

#include <openssl/ssl.h>

/* The authority's certificate goes to ca_file (NULL = nowhere). */
SSL_CTX *peer_tls(const char *ca_file, const char *name, int expired);

#endif
