/*
 * peer_tls.c - a throw-away authority and a certificate by it
 *
 * Made anew for each test; the keys never leave memory.
 */
#include <stdio.h>
#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/peer_tls.h"

enum { DAY = 24 * 3600 };

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *x;
	X509V3_CTX v3;

	X509V3_set_ctx_nodb(&v3);
	X509V3_set_ctx(&v3, issuer, cert, NULL, NULL, 0);
	x = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
	ck_assert_ptr_nonnull(x);
	X509_add_ext(cert, x, -1);
	X509_EXTENSION_free(x);
}

static X509 *
make(EVP_PKEY *key, const char *cn, X509 *issuer, EVP_PKEY *signer, const char *names, int expired)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer == NULL ? 1 : 2);
	X509_gmtime_adj(X509_getm_notBefore(cert), expired ? -3L * DAY : -DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert), expired ? -DAY : DAY);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1,
	    -1, 0);
	if (issuer == NULL)
		issuer = cert;
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	if (issuer == cert)
		extend(cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
	else
		extend(cert, issuer, NID_subject_alt_name, names);
	ck_assert_int_gt(X509_sign(cert, signer, EVP_sha256()), 0);
	return cert;
}

SSL_CTX *
peer_tls(const char *ca_file, const char *name, int expired)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = make(ca_key, "Throw-away authority", NULL, ca_key, NULL, 0);
	X509 *cert = make(key, "till", ca, ca_key, name, expired);
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	FILE *f = ca_file == NULL ? NULL : fopen(ca_file, "we");

	ck_assert_ptr_nonnull(tls);
	ck_assert_int_eq(SSL_CTX_use_certificate(tls, cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(tls, key), 1);
	if (ca_file != NULL) {
		ck_assert_ptr_nonnull(f);
		ck_assert_int_eq(PEM_write_X509(f, ca), 1);
		fclose(f);
	}
	X509_free(ca);
	X509_free(cert);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return tls;
}
