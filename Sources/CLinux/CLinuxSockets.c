#define _GNU_SOURCE
#include "CLinuxSockets.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(sizeof(struct clinux_event) == sizeof(struct epoll_event), "size of an event");
_Static_assert(offsetof(struct clinux_event, token) == offsetof(struct epoll_event, data), "its token");
_Static_assert(CLINUX_IN == EPOLLIN && CLINUX_OUT == EPOLLOUT, "readiness");
_Static_assert(CLINUX_ERR == EPOLLERR && CLINUX_HUP == EPOLLHUP, "failure");
_Static_assert(sizeof ((struct clinux_address *)0)->path == sizeof ((struct sockaddr_un *)0)->sun_path, "path");

int clinux_epoll_create(void) {
    int set = epoll_create1(EPOLL_CLOEXEC);
    return set >= 0 ? set : -errno;
}

static int control(int set, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(set, operation, fd, &event) == 0 ? 0 : -errno;
}

int clinux_epoll_add(int set, int fd, uint32_t events, uint64_t token) {
    return control(set, EPOLL_CTL_ADD, fd, events, token);
}

int clinux_epoll_modify(int set, int fd, uint32_t events, uint64_t token) {
    return control(set, EPOLL_CTL_MOD, fd, events, token);
}

int clinux_epoll_remove(int set, int fd) { return control(set, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_epoll_wait(int set, struct clinux_event *events, int count, int milliseconds) {
    int ready = epoll_wait(set, (struct epoll_event *)events, count, milliseconds);
    return ready >= 0 ? ready : -errno;
}

// The kernel's form of an address; 0 if there is none.
static socklen_t to_kernel(const struct clinux_address *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->family == CLINUX_IPV4) {
        struct sockaddr_in *address = (struct sockaddr_in *)to;
        address->sin_family = AF_INET;
        address->sin_port = htons(from->port);
        memcpy(&address->sin_addr, from->ip, 4);
        return sizeof *address;
    }
    if (from->family == CLINUX_IPV6) {
        struct sockaddr_in6 *address = (struct sockaddr_in6 *)to;
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(from->port);
        address->sin6_scope_id = from->scope;
        memcpy(&address->sin6_addr, from->ip, 16);
        return sizeof *address;
    }
    if (from->family == CLINUX_UNIX && from->path_length < sizeof from->path) {
        struct sockaddr_un *address = (struct sockaddr_un *)to;
        address->sun_family = AF_UNIX;
        memcpy(address->sun_path, from->path, from->path_length);
        return offsetof(struct sockaddr_un, sun_path) + from->path_length + 1;
    }
    return 0;
}

static void from_kernel(const struct sockaddr_storage *from, socklen_t length, struct clinux_address *to) {
    memset(to, 0, sizeof *to);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *address = (const struct sockaddr_in *)from;
        to->family = CLINUX_IPV4;
        to->port = ntohs(address->sin_port);
        memcpy(to->ip, &address->sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)from;
        to->port = ntohs(address->sin6_port);
        // A peer that came by IPv4 to a socket of both families is the same peer: limits must see one address.
        if (IN6_IS_ADDR_V4MAPPED(&address->sin6_addr)) {
            to->family = CLINUX_IPV4;
            memcpy(to->ip, (const uint8_t *)&address->sin6_addr + 12, 4);
        } else {
            to->family = CLINUX_IPV6;
            to->scope = address->sin6_scope_id;
            memcpy(to->ip, &address->sin6_addr, 16);
        }
    } else if (from->ss_family == AF_UNIX) {
        const struct sockaddr_un *address = (const struct sockaddr_un *)from;
        to->family = CLINUX_UNIX;
        size_t room = length > offsetof(struct sockaddr_un, sun_path)
            ? length - offsetof(struct sockaddr_un, sun_path)
            : 0;
        to->path_length = (uint8_t)strnlen(address->sun_path, room);
        memcpy(to->path, address->sun_path, to->path_length);
    }
}

static int domain(const struct clinux_address *address) {
    switch (address->family) {
    case CLINUX_IPV4: return AF_INET;
    case CLINUX_IPV6: return AF_INET6;
    case CLINUX_UNIX: return AF_UNIX;
    default: return -1;
    }
}

static void enable(int fd, int level, int option) {
    int one = 1;
    setsockopt(fd, level, option, &one, sizeof one);
}

static int closed_with_error(int fd) {
    int code = errno;
    close(fd);
    return -code;
}

int clinux_listen(const struct clinux_address *address, int backlog, int reuse_port) {
    struct sockaddr_storage kernel;
    socklen_t length = to_kernel(address, &kernel);
    if (length == 0) return -EINVAL;
    int fd = socket(domain(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (address->family != CLINUX_UNIX) enable(fd, SOL_SOCKET, SO_REUSEADDR);
    if (reuse_port) enable(fd, SOL_SOCKET, SO_REUSEPORT);
    // One address, one family: whoever wants both listens twice, whatever the system's default.
    if (address->family == CLINUX_IPV6) enable(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, (struct sockaddr *)&kernel, length) != 0 || listen(fd, backlog) != 0) {
        return closed_with_error(fd);
    }
    return fd;
}

int clinux_accept(int fd, struct clinux_address *peer) {
    struct sockaddr_storage kernel;
    socklen_t length = sizeof kernel;
    int accepted = accept4(fd, (struct sockaddr *)&kernel, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return -errno;
    from_kernel(&kernel, length, peer);
    if (peer->family != CLINUX_UNIX) enable(accepted, IPPROTO_TCP, TCP_NODELAY);
    return accepted;
}

int clinux_connect(const struct clinux_address *address) {
    struct sockaddr_storage kernel;
    socklen_t length = to_kernel(address, &kernel);
    if (length == 0) return -EINVAL;
    int fd = socket(domain(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (address->family != CLINUX_UNIX) enable(fd, IPPROTO_TCP, TCP_NODELAY);
    if (connect(fd, (struct sockaddr *)&kernel, length) != 0 && errno != EINPROGRESS && errno != EINTR) {
        return closed_with_error(fd);
    }
    return fd;
}

int clinux_socket_error(int fd) {
    int code = 0;
    socklen_t length = sizeof code;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno;
}

int clinux_local_address(int fd, struct clinux_address *address) {
    struct sockaddr_storage kernel;
    socklen_t length = sizeof kernel;
    if (getsockname(fd, (struct sockaddr *)&kernel, &length) != 0) return -errno;
    from_kernel(&kernel, length, address);
    return 0;
}

int64_t clinux_send_gathered(int fd, const void *pieces, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent >= 0 ? sent : -errno;
}

int clinux_untaken(int fd) {
    int count = 0;
    return ioctl(fd, SIOCOUTQ, &count) == 0 ? count : 0;
}

void clinux_buffer_sizes(int fd, int send, int receive) {
    if (send > 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    if (receive > 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
}

void clinux_reset_on_close(int fd) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

int clinux_datagram_socket(const struct clinux_address *address) {
    struct sockaddr_storage kernel;
    socklen_t length = to_kernel(address, &kernel);
    if (length == 0 || address->family == CLINUX_UNIX) return -EINVAL;
    int fd = socket(domain(address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (address->family == CLINUX_IPV6) enable(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, (struct sockaddr *)&kernel, length) != 0) return closed_with_error(fd);
    return fd;
}

int64_t clinux_receive_datagram(int fd, void *bytes, uint64_t size, struct clinux_address *from) {
    struct sockaddr_storage kernel;
    socklen_t length = sizeof kernel;
    // With MSG_TRUNC the answer is the datagram's own length, so that a cut one shows.
    ssize_t got = recvfrom(fd, bytes, size, MSG_TRUNC, (struct sockaddr *)&kernel, &length);
    if (got < 0) return -errno;
    from_kernel(&kernel, length, from);
    return got;
}

int clinux_send_datagram(int fd, const void *bytes, uint64_t size, const struct clinux_address *to) {
    struct sockaddr_storage kernel;
    socklen_t length = to_kernel(to, &kernel);
    if (length == 0) return -EINVAL;
    return sendto(fd, bytes, size, MSG_NOSIGNAL, (struct sockaddr *)&kernel, length) >= 0 ? 0 : -errno;
}

int clinux_parse_ip(const char *text, struct clinux_address *address) {
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, address->ip) == 1) {
        address->family = CLINUX_IPV4;
        return 1;
    }
    char cut[INET6_ADDRSTRLEN];
    const char *percent = strchr(text, '%');
    size_t length = percent ? (size_t)(percent - text) : strlen(text);
    if (length >= sizeof cut) return 0;
    memcpy(cut, text, length);
    cut[length] = 0;
    if (inet_pton(AF_INET6, cut, address->ip) != 1) return 0;
    if (percent) {
        address->scope = if_nametoindex(percent + 1);
        if (address->scope == 0) return 0;
    }
    address->family = CLINUX_IPV6;
    return 1;
}

void clinux_print_ip(const struct clinux_address *address, char *text) {
    int family = address->family == CLINUX_IPV4 ? AF_INET : AF_INET6;
    if (!inet_ntop(family, address->ip, text, 46)) text[0] = 0;
    if (address->scope == 0) return;
    char name[IF_NAMESIZE];
    size_t length = strlen(text);
    if (if_indextoname(address->scope, name)) snprintf(text + length, 64 - length, "%%%s", name);
}

int clinux_resolve(const char *host, uint16_t port, struct clinux_address *addresses, int count) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0) return -1;
    int filled = 0;
    for (struct addrinfo *next = found; next && filled < count; next = next->ai_next) {
        struct sockaddr_storage kernel;
        if (next->ai_addrlen > sizeof kernel) continue;
        memcpy(&kernel, next->ai_addr, next->ai_addrlen);
        from_kernel(&kernel, next->ai_addrlen, &addresses[filled]);
        addresses[filled].port = port;
        if (addresses[filled].family != 0) filled++;
    }
    freeaddrinfo(found);
    return filled;
}

int clinux_send_to_path(const char *path, const void *bytes, uint64_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + length;
    ssize_t sent = sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    int code = sent < 0 ? -errno : 0;
    close(fd);
    return code;
}
