// OpenSSL behind one door: HubConnection is the only importer.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>
