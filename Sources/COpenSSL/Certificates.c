#include "COpenSSL.h"
#include <string.h>

int copenssl_print_name(BIO *writer, const X509_NAME *name) {
    return name && X509_NAME_print_ex(writer, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0;
}

GENERAL_NAMES *copenssl_names_new(void) { return GENERAL_NAMES_new(); }

int copenssl_names_add(GENERAL_NAMES *names, int type, const unsigned char *bytes, size_t count) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (name && text && ASN1_STRING_set(text, bytes, (int)count) == 1) {
        GENERAL_NAME_set0_value(name, type, text);
        text = NULL;
        if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
    }
    ASN1_STRING_free(text);
    GENERAL_NAME_free(name);
    return 0;
}

static int set_serial(ASN1_INTEGER *target, const unsigned char *serial, int count) {
    BIGNUM *number = BN_bin2bn(serial, count, NULL);
    int good = number && BN_to_ASN1_INTEGER(number, target) != NULL;
    BN_free(number);
    return good;
}

// The texts are ours: nothing that a user chose gets into OpenSSL's configuration language.
static int extend(X509 *certificate, X509 *issuer, int kind, const char *text) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, text);
    int good = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static int extend_for_usage(X509 *certificate, X509 *issuer, int usage) {
    if (!extend(certificate, issuer, NID_subject_key_identifier, "hash")) return 0;
    if (!extend(certificate, issuer, NID_authority_key_identifier, "keyid:always")) return 0;
    if (usage & copenssl_usage_authority) {
        return extend(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
               extend(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    const char *purpose = usage == copenssl_usage_server   ? "serverAuth"
                          : usage == copenssl_usage_client ? "clientAuth"
                                                           : "serverAuth,clientAuth";
    return extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           extend(certificate, issuer, NID_ext_key_usage, purpose);
}

// Ed25519 has its digest built in.
static const EVP_MD *digest_for(EVP_PKEY *key) { return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256(); }

X509 *copenssl_certificate_make(
    EVP_PKEY *key, const char *common_name, const GENERAL_NAMES *names, const unsigned char *serial,
    int serial_count, int64_t not_before, int64_t not_after, int usage, X509 *issuer, EVP_PKEY *issuer_key) {
    X509 *made = X509_new();
    if (!made) return NULL;
    if (!issuer) issuer = made;
    int good = X509_set_version(made, X509_VERSION_3) == 1 &&
               set_serial(X509_get_serialNumber(made), serial, serial_count) &&
               ASN1_TIME_set(X509_getm_notBefore(made), not_before) &&
               ASN1_TIME_set(X509_getm_notAfter(made), not_after) && X509_set_pubkey(made, key) == 1 &&
               X509_NAME_add_entry_by_NID(
                   X509_get_subject_name(made), NID_commonName, MBSTRING_UTF8,
                   (const unsigned char *)common_name, -1, -1, 0) == 1 &&
               X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
               extend_for_usage(made, issuer, usage) &&
               (!names || X509_add1_ext_i2d(made, NID_subject_alt_name, (void *)names, 0, X509V3_ADD_DEFAULT) == 1) &&
               X509_sign(made, issuer_key, digest_for(issuer_key)) > 0;
    if (good) return made;
    X509_free(made);
    return NULL;
}

X509_CRL *copenssl_revocations_new(X509 *issuer, int64_t this_update, int64_t next_update, int64_t number) {
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, this_update), *to = ASN1_TIME_set(NULL, next_update);
    ASN1_INTEGER *count = ASN1_INTEGER_new();
    X509V3_CTX context;
    int good = list && from && to && count && X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
               X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1 &&
               X509_CRL_set1_lastUpdate(list, from) == 1 && X509_CRL_set1_nextUpdate(list, to) == 1 &&
               ASN1_INTEGER_set_int64(count, number) == 1 &&
               X509_CRL_add1_ext_i2d(list, NID_crl_number, count, 0, X509V3_ADD_DEFAULT) == 1;
    if (good) {
        X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
        X509_EXTENSION *identifier =
            X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
        good = identifier && X509_CRL_add_ext(list, identifier, -1) == 1;
        X509_EXTENSION_free(identifier);
    }
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_INTEGER_free(count);
    if (good) return list;
    X509_CRL_free(list);
    return NULL;
}

int copenssl_revocations_add(X509_CRL *list, const unsigned char *serial, int serial_count, int64_t time) {
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, time);
    int good = entry && number && when && set_serial(number, serial, serial_count) &&
               X509_REVOKED_set_serialNumber(entry, number) == 1 &&
               X509_REVOKED_set_revocationDate(entry, when) == 1 && X509_CRL_add0_revoked(list, entry) == 1;
    if (!good) X509_REVOKED_free(entry);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(when);
    return good;
}

int copenssl_revocations_sign(X509_CRL *list, EVP_PKEY *key) {
    return X509_CRL_sort(list) == 1 && X509_CRL_sign(list, key, digest_for(key)) > 0;
}

int copenssl_revocations_count(X509_CRL *list) {
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(list);
    return entries ? sk_X509_REVOKED_num(entries) : 0;
}

const X509_REVOKED *copenssl_revocations_at(X509_CRL *list, int index) {
    return sk_X509_REVOKED_value(X509_CRL_get_REVOKED(list), index);
}
