#include "COpenSSL.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

// Bytes of one of an ECDSA signature's two numbers; 0 if the key is not for that kind of signature.
static int number_bytes(EVP_PKEY *key, int how) {
    char group[32];
    size_t length = 0;
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1) return 0;
    if (how == copenssl_ecdsa_sha256) return strcmp(group, "prime256v1") == 0 ? 32 : 0;
    if (how == copenssl_ecdsa_sha384) return strcmp(group, "secp384r1") == 0 ? 48 : 0;
    return 0;
}

// Whether a key is of the kind that a signature needs: the key decides, never the one who sent the signature.
int copenssl_fits(EVP_PKEY *key, int how) {
    switch (how) {
    case copenssl_ed25519: return EVP_PKEY_is_a(key, "ED25519");
    case copenssl_ecdsa_sha256:
    case copenssl_ecdsa_sha384: return number_bytes(key, how) > 0;
    case copenssl_rsa_pkcs1_sha256:
    case copenssl_rsa_pss_sha256: return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048;
    default: return 0;
    }
}

// Starts signing or verifying; null for failure.
static EVP_MD_CTX *begin(EVP_PKEY *key, int how, int signing) {
    if (!copenssl_fits(key, how)) return NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context) return NULL;
    const EVP_MD *digest = how == copenssl_ed25519        ? NULL
                           : how == copenssl_ecdsa_sha384 ? EVP_sha384()
                                                          : EVP_sha256();
    EVP_PKEY_CTX *options = NULL;
    int good = signing ? EVP_DigestSignInit(context, &options, digest, NULL, key)
                       : EVP_DigestVerifyInit(context, &options, digest, NULL, key);
    if (good == 1 && how == copenssl_rsa_pss_sha256) {
        good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    if (good == 1) return context;
    EVP_MD_CTX_free(context);
    return NULL;
}

// From the form that OpenSSL makes to two numbers of equal length.
static size_t to_numbers(unsigned char *signature, size_t count, size_t room, int width) {
    const unsigned char *position = signature;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &position, (long)count);
    if (!pair) return 0;
    int good = room >= 2 * (size_t)width &&
               BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, width) == width &&
               BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + width, width) == width;
    ECDSA_SIG_free(pair);
    return good ? 2 * (size_t)width : 0;
}

// And back; the result is to be freed.
static unsigned char *from_numbers(const unsigned char *signature, int width, size_t *count) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, width, NULL), *s = BN_bin2bn(signature + width, width, NULL);
    unsigned char *encoded = NULL;
    if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        int length = i2d_ECDSA_SIG(pair, &encoded);
        *count = length > 0 ? (size_t)length : 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return encoded;
}

size_t copenssl_sign(
    EVP_PKEY *key, int how, const unsigned char *data, size_t count, unsigned char *signature, size_t room) {
    EVP_MD_CTX *context = begin(key, how, 1);
    if (!context) return 0;
    size_t length = room;
    if (EVP_DigestSign(context, signature, &length, data, count) != 1) length = 0;
    EVP_MD_CTX_free(context);
    int width = number_bytes(key, how);
    return width > 0 && length > 0 ? to_numbers(signature, length, room, width) : length;
}

int copenssl_verify(
    EVP_PKEY *key, int how, const unsigned char *data, size_t count, const unsigned char *signature,
    size_t signature_count) {
    int width = number_bytes(key, how);
    unsigned char *encoded = NULL;
    if (width > 0) {
        if (signature_count != 2 * (size_t)width) return 0;
        encoded = from_numbers(signature, width, &signature_count);
        if (!encoded) return 0;
        signature = encoded;
    }
    EVP_MD_CTX *context = begin(key, how, 0);
    int good = context && EVP_DigestVerify(context, signature, signature_count, data, count) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(encoded);
    return good;
}

static EVP_PKEY *from_parameters(const char *kind, OSSL_PARAM_BLD *builder) {
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;
    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1) {
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

EVP_PKEY *copenssl_rsa_public(
    const unsigned char *modulus, size_t modulus_count, const unsigned char *exponent, size_t exponent_count) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL), *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    EVP_PKEY *key = NULL;
    if (builder && n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        key = from_parameters("RSA", builder);
    }
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

EVP_PKEY *copenssl_ec_public(const unsigned char *x, const unsigned char *y, size_t count) {
    const char *group = count == 32 ? "prime256v1" : count == 48 ? "secp384r1" : NULL;
    if (!group || !x || !y) return NULL;
    unsigned char point[97] = {4};
    memcpy(point + 1, x, count);
    memcpy(point + 1 + count, y, count);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * count) == 1) {
        key = from_parameters("EC", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return key;
}
