// NATS JetStream at a fixed pace: how long from when a message should have been published to its delivery.
// cc -O2 nats_paced.c -o nats_paced -lnats -lpthread
// ./nats_paced n=50000 rate=10000 sz=256   (server on 127.0.0.1:4222 with jetstream on)
#include <nats/nats.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int count = 50000, rate = 10000, size = 256;
static uint64_t start, *latencies;
static atomic_int got;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void check(natsStatus status, const char *what) {
    if (status == NATS_OK) return;
    fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
    exit(1);
}

static void arrived(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure) {
    (void)connection, (void)subscription, (void)closure;
    uint32_t number;
    memcpy(&number, natsMsg_GetData(message), sizeof number);
    uint64_t due = start + (uint64_t)number * 1000000000u / (uint64_t)rate;
    int place = atomic_load(&got);
    if (place < count) latencies[place] = now() - due;
    natsMsg_Ack(message, NULL);
    natsMsg_Destroy(message);
    atomic_fetch_add(&got, 1);
}

static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static double at(double share) {
    int place = (int)(share * count);
    return (double)latencies[place < count ? place : count - 1] / 1e6;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        sscanf(argv[i], "n=%d", &count);
        sscanf(argv[i], "rate=%d", &rate);
        sscanf(argv[i], "sz=%d", &size);
    }
    if (count < 1 || rate < 1 || size < (int)sizeof(uint32_t)) return 2;
    latencies = calloc((size_t)count, sizeof *latencies);
    char *body = malloc((size_t)size);
    memset(body, 'x', (size_t)size);
    natsConnection *sender, *receiver;
    jsCtx *publish, *consume;
    jsErrCode code;
    check(natsConnection_ConnectTo(&sender, "nats://127.0.0.1:4222"), "connect");
    jsOptions manner;
    jsOptions_Init(&manner);
    manner.PublishAsync.StallWait = 60000;
    check(natsConnection_JetStream(&publish, sender, &manner), "jetstream");
    js_DeleteStream(publish, "HUB", NULL, &code);
    jsStreamConfig stream;
    jsStreamConfig_Init(&stream);
    const char *subjects[] = {"hub.>"};
    stream.Name = "HUB", stream.Subjects = subjects, stream.SubjectsLen = 1, stream.Storage = js_FileStorage;
    check(js_AddStream(NULL, publish, &stream, NULL, &code), "stream");
    check(natsConnection_ConnectTo(&receiver, "nats://127.0.0.1:4222"), "connect");
    check(natsConnection_JetStream(&consume, receiver, NULL), "jetstream");
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Config.Durable = "d";
    options.ManualAck = true;
    options.Config.AckPolicy = js_AckExplicit;
    options.Config.MaxAckPending = 8192;
    natsSubscription *subscription;
    check(js_Subscribe(&subscription, consume, "hub.>", arrived, NULL, NULL, &options, &code), "subscribe");
    start = now();
    for (int sent = 0; sent < count;) {
        int due = (int)((now() - start) * (uint64_t)rate / 1000000000u) + 1;
        for (; sent < due && sent < count; sent++) {
            uint32_t number = (uint32_t)sent;
            memcpy(body, &number, sizeof number);
            check(js_PublishAsync(publish, "hub.s0", body, size, NULL), "publish");
        }
        usleep(100);
    }
    uint64_t deadline = now() + 60000000000u;
    while (atomic_load(&got) < count && now() < deadline) usleep(1000);
    if (atomic_load(&got) < count) return 1;
    qsort(latencies, (size_t)count, sizeof *latencies, compare);
    printf("paced n=%d rate=%d sz=%d p50 %.3f ms p90 %.3f ms p99 %.3f ms p99.9 %.3f ms max %.3f ms\n", count, rate,
           size, at(0.5), at(0.9), at(0.99), at(0.999), (double)latencies[count - 1] / 1e6);
    fflush(stdout);
    _exit(0);
}
