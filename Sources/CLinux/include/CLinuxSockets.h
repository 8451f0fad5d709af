// Sockets and epoll. Addresses go in and out in a form of our own, so that nobody above casts `sockaddr`.
#pragma once
#include <stdint.h>

// What epoll tells of one descriptor. The layout is the kernel's; the implementation checks it.
struct clinux_event {
    uint32_t events;
    uint64_t token;
}
#if defined(__x86_64__)
__attribute__((packed))
#endif
;

enum {
    CLINUX_IN = 0x001,
    CLINUX_OUT = 0x004,
    CLINUX_ERR = 0x008,
    CLINUX_HUP = 0x010,
};

// A set of watched descriptors; a descriptor or -errno.
int clinux_epoll_create(void);
// Watches a descriptor, changes what it is watched for, or stops; 0 or -errno.
int clinux_epoll_add(int set, int fd, uint32_t events, uint64_t token);
int clinux_epoll_modify(int set, int fd, uint32_t events, uint64_t token);
int clinux_epoll_remove(int set, int fd);
// Waits; the number of events, or -errno.
int clinux_epoll_wait(int set, struct clinux_event *_Nonnull events, int count, int milliseconds);

enum { CLINUX_UNIX = 1, CLINUX_IPV4 = 4, CLINUX_IPV6 = 6 };

// An address. Family 0 is one that we do not know. A Unix socket without a name has a path of length 0.
struct clinux_address {
    uint8_t family;
    uint8_t path_length;
    uint16_t port;
    uint32_t scope;
    uint8_t ip[16];
    char path[108];
};

// A non-blocking stream socket that listens; a descriptor or -errno.
int clinux_listen(const struct clinux_address *_Nonnull address, int backlog, int reuse_port);
// The next connection, non-blocking, its bytes sent without delay; a descriptor or -errno.
int clinux_accept(int fd, struct clinux_address *_Nonnull peer);
// A non-blocking socket that begins to connect; a descriptor or -errno.
int clinux_connect(const struct clinux_address *_Nonnull address);
// What became of the connecting: 0 or an errno value.
int clinux_socket_error(int fd);
// The socket's own address; 0 or -errno.
int clinux_local_address(int fd, struct clinux_address *_Nonnull address);
// Sends what `count` entries of type `struct iovec` name, with one call; the number of bytes, or -errno.
int64_t clinux_send_gathered(int fd, const void *_Nonnull pieces, int count);
// Bytes that were given to a stream socket and that the other side has not taken; 0 if the system does not say.
int clinux_untaken(int fd);
// Sets the sizes of the kernel's buffers; 0 leaves one as it is.
void clinux_buffer_sizes(int fd, int send, int receive);
// From now on, closing the socket resets the connection.
void clinux_reset_on_close(int fd);

// A non-blocking socket for datagrams; a descriptor or -errno.
int clinux_datagram_socket(const struct clinux_address *_Nonnull address);
// One datagram: its length, which is larger than `size` if it was cut, or -errno.
int64_t clinux_receive_datagram(
    int fd, void *_Nonnull bytes, uint64_t size, struct clinux_address *_Nonnull from);
// 0 or -errno.
int clinux_send_datagram(
    int fd, const void *_Nullable bytes, uint64_t size, const struct clinux_address *_Nonnull to);

// Numeric text to an IP address; 1 if it was one.
int clinux_parse_ip(const char *_Nonnull text, struct clinux_address *_Nonnull address);
// The text of an IP address without its port, terminated; `text` has room for 64 bytes.
void clinux_print_ip(const struct clinux_address *_Nonnull address, char *_Nonnull text);
// Addresses of a host's name, asking the system's resolver and waiting for it; how many of `count` were
// filled, or a negative number for a failure that is not worth telling apart.
int clinux_resolve(
    const char *_Nonnull host, uint16_t port, struct clinux_address *_Nonnull addresses, int count);
// Sends one datagram to the Unix socket that `path` names, `@` in front standing for one without a file; 0 or -errno.
int clinux_send_to_path(const char *_Nonnull path, const void *_Nonnull bytes, uint64_t count);
