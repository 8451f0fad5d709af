// OpenSSL behind one door: HubConnection is the only importer.
#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// What follows is macros and calls with varying arguments, which Swift does not see. The names are OpenSSL's.

static inline int copenssl_error_library(unsigned long code) { return ERR_GET_LIB(code); }
static inline int copenssl_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline void copenssl_bio_retry_read(BIO *_Nonnull bio) { BIO_set_retry_read(bio); }
static inline void copenssl_bio_clear_retry(BIO *_Nonnull bio) { BIO_clear_retry_flags(bio); }
static inline long copenssl_bio_content(BIO *_Nonnull bio, char *_Nullable *_Nonnull start) {
    return BIO_get_mem_data(bio, start);
}

// What a context is told before anything else; 1 if all of it was taken.
int copenssl_context_defaults(SSL_CTX *_Nonnull context, int minimum_version, long max_chain_bytes);
void copenssl_context_remember_nothing(SSL_CTX *_Nonnull context);
void copenssl_context_no_tickets(SSL_CTX *_Nonnull context);
int copenssl_context_add_chain(SSL_CTX *_Nonnull context, X509 *_Nonnull certificate);
// The names of authorities that a server asks for; 1 if the name was added.
int copenssl_context_add_authority(SSL_CTX *_Nonnull context, X509 *_Nonnull certificate);
void copenssl_context_on_server_name(
    SSL_CTX *_Nonnull context, int (*_Nonnull callback)(SSL *_Nullable, int *_Nullable, void *_Nullable),
    void *_Nullable argument);
int copenssl_session_server_name(SSL *_Nonnull session, const char *_Nonnull name);

// Reads PEM. A key that has a password is not read: OpenSSL would ask for it at the terminal.
EVP_PKEY *_Nullable copenssl_read_private_key(BIO *_Nonnull reader);
EVP_PKEY *_Nullable copenssl_read_public_key(BIO *_Nonnull reader);
X509 *_Nullable copenssl_read_certificate(BIO *_Nonnull reader);
X509_CRL *_Nullable copenssl_read_revocations(BIO *_Nonnull reader);
// Whether the last failure means that there was nothing more to read.
int copenssl_read_to_end(void);

EVP_PKEY *_Nullable copenssl_generate_p256(void);
EVP_PKEY *_Nullable copenssl_generate_ed25519(void);
EVP_PKEY *_Nullable copenssl_generate_rsa(size_t bits);

int copenssl_name_count(const GENERAL_NAMES *_Nonnull names);
GENERAL_NAME *_Nullable copenssl_name_at(const GENERAL_NAMES *_Nonnull names, int index);
void copenssl_names_free(GENERAL_NAMES *_Nullable names);
// The subject's alternative names of a certificate, to be freed; null if it has none that can be read.
GENERAL_NAMES *_Nullable copenssl_alternative_names(const X509 *_Nonnull certificate);

// A ticket's keys, put into the contexts that OpenSSL seals or opens the ticket with; 1 if they were taken.
int copenssl_ticket_keys(
    EVP_CIPHER_CTX *_Nonnull cipher, EVP_MAC_CTX *_Nonnull mac, const unsigned char *_Nonnull cipher_key,
    const unsigned char *_Nonnull mac_key, const unsigned char *_Nonnull iv, int sealing);

// How something is signed; the values are ours.
enum copenssl_signature {
    copenssl_ed25519 = 0,
    copenssl_ecdsa_sha256 = 1,
    copenssl_ecdsa_sha384 = 2,
    copenssl_rsa_pkcs1_sha256 = 3,
    copenssl_rsa_pss_sha256 = 4,
};
// 1 if a key is of the kind that a signature needs, and strong enough.
int copenssl_fits(EVP_PKEY *_Nonnull key, int how);
// Signs; ECDSA signatures are two numbers of equal length one behind the other. Returns the signature's bytes, or
// 0 if the key is none for that, or it does not fit into `room`.
size_t copenssl_sign(
    EVP_PKEY *_Nonnull key, int how, const unsigned char *_Nullable data, size_t count,
    unsigned char *_Nonnull signature, size_t room);
// 1 if the signature is right, 0 if it is not, whatever the reason.
int copenssl_verify(
    EVP_PKEY *_Nonnull key, int how, const unsigned char *_Nullable data, size_t count,
    const unsigned char *_Nullable signature, size_t signature_count);
EVP_PKEY *_Nullable copenssl_rsa_public(
    const unsigned char *_Nullable modulus, size_t modulus_count, const unsigned char *_Nullable exponent,
    size_t exponent_count);
// A point of P-256 or P-384, by the number of bytes of each coordinate.
EVP_PKEY *_Nullable copenssl_ec_public(
    const unsigned char *_Nullable x, const unsigned char *_Nullable y, size_t count);

// Writes a name in one line, other characters than ASCII as they are; 1 for success.
int copenssl_print_name(BIO *_Nonnull writer, const X509_NAME *_Nullable name);

enum copenssl_usage { copenssl_usage_authority = 1, copenssl_usage_server = 2, copenssl_usage_client = 4 };
GENERAL_NAMES *_Nullable copenssl_names_new(void);
// Adds a name of a GEN_ type; 1 if it was added.
int copenssl_names_add(
    GENERAL_NAMES *_Nonnull names, int type, const unsigned char *_Nullable bytes, size_t count);
// Makes and signs a certificate; without an issuer it signs itself. Times are seconds since 1970.
X509 *_Nullable copenssl_certificate_make(
    EVP_PKEY *_Nonnull key, const char *_Nonnull common_name, const GENERAL_NAMES *_Nullable names,
    const unsigned char *_Nullable serial, int serial_count, int64_t not_before, int64_t not_after, int usage,
    X509 *_Nullable issuer, EVP_PKEY *_Nonnull issuer_key);
// An unsigned list of revoked certificates, entries in it, and its signature; 1 for success.
X509_CRL *_Nullable copenssl_revocations_new(
    X509 *_Nonnull issuer, int64_t this_update, int64_t next_update, int64_t number);
int copenssl_revocations_add(
    X509_CRL *_Nonnull list, const unsigned char *_Nullable serial, int serial_count, int64_t time);
int copenssl_revocations_sign(X509_CRL *_Nonnull list, EVP_PKEY *_Nonnull key);
int copenssl_revocations_count(X509_CRL *_Nonnull list);
const X509_REVOKED *_Nullable copenssl_revocations_at(X509_CRL *_Nonnull list, int index);
