// NATS JetStream on the same work, through the official C client (libnats-dev).
// cc -O2 nats_jetstream.c -o nats_jetstream -lnats -lpthread
// ./nats_jetstream mode=pub|pubsub|sync n=400000 sz=256 p=1 subs=1 win=4096   (server on 127.0.0.1:4222 with jetstream on)
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>
static double now(){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+t.tv_nsec/1e9;}
static int N=500000,SZ=256,P=1,WIN=4096,SUBS=1;static const char*mode="pub";static atomic_long got;
static void*pubth(void*a){
 natsConnection*c=NULL;jsCtx*js=NULL;jsOptions o;natsConnection_ConnectTo(&c,"nats://127.0.0.1:4222");
 jsOptions_Init(&o);o.PublishAsync.MaxPending=WIN;o.PublishAsync.StallWait=60000;natsConnection_JetStream(&js,c,&o);
 char subj[64];snprintf(subj,64,"hub.s%ld",(long)a);char*buf=malloc(SZ);memset(buf,'x',SZ);
 if(!strcmp(mode,"sync"))for(int i=0;i<N/P;i++){jsPubAck*pa=NULL;natsStatus s=js_Publish(&pa,js,subj,buf,SZ,NULL,NULL);if(s){fprintf(stderr,"pub %s\n",natsStatus_GetText(s));exit(1);}jsPubAck_Destroy(pa);}
 else for(int i=0;i<N/P;i++){natsStatus s=js_PublishAsync(js,subj,buf,SZ,NULL);if(s){fprintf(stderr,"pub %s\n",natsStatus_GetText(s));exit(1);} }
 jsPubOptions po;jsPubOptions_Init(&po);po.MaxWait=60000;js_PublishAsyncComplete(js,&po);
 jsCtx_Destroy(js);natsConnection_Destroy(c);return 0;}
static void onmsg(natsConnection*nc,natsSubscription*s,natsMsg*m,void*cl){atomic_fetch_add(&got,1);natsMsg_Ack(m,NULL);natsMsg_Destroy(m);}
int main(int argc,char**argv){
 for(int i=1;i<argc;i++){if(!strncmp(argv[i],"n=",2))N=atoi(argv[i]+2);if(!strncmp(argv[i],"sz=",3))SZ=atoi(argv[i]+3);if(!strncmp(argv[i],"p=",2))P=atoi(argv[i]+2);if(!strncmp(argv[i],"win=",4))WIN=atoi(argv[i]+4);if(!strncmp(argv[i],"subs=",5))SUBS=atoi(argv[i]+5);if(!strncmp(argv[i],"mode=",5))mode=argv[i]+5;}
 natsConnection*c=NULL;jsCtx*js=NULL;jsErrCode je;natsConnection_ConnectTo(&c,"nats://127.0.0.1:4222");natsConnection_JetStream(&js,c,NULL);
 js_DeleteStream(js,"HUB",NULL,&je);jsStreamConfig cfg;jsStreamConfig_Init(&cfg);const char*sub[]={"hub.>"};cfg.Name="HUB";cfg.Subjects=sub;cfg.SubjectsLen=1;cfg.Storage=js_FileStorage;jsStreamInfo*si;
 natsStatus s=js_AddStream(&si,js,&cfg,NULL,&je);if(s){printf("add %s\n",natsStatus_GetText(s));return 1;}
 natsSubscription*subs[64];
 if(!strcmp(mode,"pubsub"))for(int i=0;i<SUBS;i++){jsSubOptions so;jsSubOptions_Init(&so);char d[16];snprintf(d,16,"d%d",i);so.Config.Durable=d;so.ManualAck=true;so.Config.AckPolicy=js_AckExplicit;so.Config.MaxAckPending=8192;natsConnection*c2;natsConnection_ConnectTo(&c2,"nats://127.0.0.1:4222");jsCtx*j2;natsConnection_JetStream(&j2,c2,NULL);s=js_Subscribe(&subs[i],j2,"hub.>",onmsg,NULL,NULL,&so,&je);if(s)printf("sub %s\n",natsStatus_GetText(s));}
 double t=now();pthread_t th[64];for(long i=0;i<P;i++)pthread_create(&th[i],0,pubth,(void*)i);for(int i=0;i<P;i++)pthread_join(th[i],0);double t1=now();
 printf("%s n=%d sz=%d p=%d pub-acked: %.0f msg/s",mode,N,SZ,P,(N/P*P)/(t1-t));
 if(!strcmp(mode,"pubsub")){while(got<(long)(N/P*P)*SUBS&&now()-t<120)usleep(1000);printf("  delivered+acked: %ld in %.2fs = %.0f msg/s",(long)got,now()-t,got/(now()-t));}
 printf("\n");return 0;}
