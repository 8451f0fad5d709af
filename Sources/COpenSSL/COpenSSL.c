#include "COpenSSL.h"
#include <openssl/core_names.h>

int copenssl_context_defaults(SSL_CTX *context, int minimum_version, long max_chain_bytes) {
    SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_options(
        context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_max_cert_list(context, max_chain_bytes);
    return SSL_CTX_set_min_proto_version(context, minimum_version) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
           SSL_CTX_set_max_early_data(context, 0) == 1;
}

void copenssl_context_remember_nothing(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

void copenssl_context_no_tickets(SSL_CTX *context) { SSL_CTX_set_options(context, SSL_OP_NO_TICKET); }

int copenssl_context_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

int copenssl_context_add_authority(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add_client_CA(context, certificate);
}

void copenssl_context_on_server_name(
    SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

int copenssl_session_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

static int no_password(char *buffer, int size, int writing, void *argument) {
    (void)buffer, (void)size, (void)writing, (void)argument;
    return -1;
}

EVP_PKEY *copenssl_read_private_key(BIO *reader) {
    return PEM_read_bio_PrivateKey(reader, NULL, no_password, NULL);
}
EVP_PKEY *copenssl_read_public_key(BIO *reader) { return PEM_read_bio_PUBKEY(reader, NULL, no_password, NULL); }
X509 *copenssl_read_certificate(BIO *reader) { return PEM_read_bio_X509(reader, NULL, no_password, NULL); }
X509_CRL *copenssl_read_revocations(BIO *reader) {
    return PEM_read_bio_X509_CRL(reader, NULL, no_password, NULL);
}
int copenssl_read_to_end(void) {
    unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

EVP_PKEY *copenssl_generate_p256(void) { return EVP_EC_gen("P-256"); }
EVP_PKEY *copenssl_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }
EVP_PKEY *copenssl_generate_rsa(size_t bits) { return EVP_RSA_gen(bits); }

int copenssl_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
GENERAL_NAME *copenssl_name_at(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}
void copenssl_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }
GENERAL_NAMES *copenssl_alternative_names(const X509 *certificate) {
    return X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

int copenssl_ticket_keys(
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *cipher_key, const unsigned char *mac_key,
    const unsigned char *iv, int sealing) {
    OSSL_PARAM parameters[3];
    parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)mac_key, 32);
    parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
    parameters[2] = OSSL_PARAM_construct_end();
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, cipher_key, iv, sealing) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
}
