"""The words that haproxy 2.6.12 knows, as Debian 12 builds it: asked of the daemon itself, word by word."""

from __future__ import annotations

_GLOBAL = """
busy-polling ca-base chroot close-spread-time cluster-secret cpu-map crt-base daemon default-path description
expose-experimental-directives external-check fd-hard-limit gid grace group h1-accept-payload-with-any-method
h1-case-adjust h1-case-adjust-file h2-workaround-bogus-websocket-clients hard-stop-after httpclient.resolvers.id
httpclient.resolvers.prefer httpclient.ssl.ca-file httpclient.ssl.verify insecure-fork-wanted insecure-setuid-wanted
issuers-chain-path localpeer log log-send-hostname log-tag lua-load lua-load-per-thread lua-prepend-path master-worker
max-spread-checks maxcompcpuusage maxcomprate maxconn maxconnrate maxpipes maxsessrate maxsslconn maxsslrate
maxzlibmem mworker-max-reloads nbthread no-memory-trimming node noepoll noevports nogetaddrinfo nokqueue nopoll
noreuseport nosplice numa-cpu-mapping pidfile pp2-never-send-local presetenv profiling.tasks quiet resetenv
server-state-base server-state-file set-dumpable set-var set-var-fmt setenv spread-checks ssl-default-bind-ciphers
ssl-default-bind-ciphersuites ssl-default-bind-curves ssl-default-bind-options ssl-default-server-ciphers
ssl-default-server-ciphersuites ssl-default-server-options ssl-dh-param-file ssl-load-extra-del-ext
ssl-load-extra-files ssl-mode-async ssl-propquery ssl-provider ssl-provider-path ssl-server-verify
ssl-skip-self-issued-ca stats strict-limits thread-group thread-groups tune.buffers.limit tune.buffers.reserve
tune.bufsize tune.comp.maxlevel tune.fail-alloc tune.fd.edge-triggered tune.h2.header-table-size
tune.h2.initial-window-size tune.h2.max-concurrent-streams tune.h2.max-frame-size tune.http.cookielen
tune.http.logurilen tune.http.maxhdr tune.idle-pool.shared tune.idletimer tune.listener.multi-queue
tune.lua.forced-yield tune.lua.maxmem tune.lua.service-timeout tune.lua.session-timeout tune.lua.task-timeout
tune.maxaccept tune.maxpollevents tune.maxrewrite tune.pattern.cache-size tune.pipesize tune.pool-high-fd-ratio
tune.pool-low-fd-ratio tune.rcvbuf.client tune.rcvbuf.server tune.recv_enough tune.runqueue-depth
tune.sched.low-latency tune.sndbuf.client tune.sndbuf.server tune.ssl.cachesize tune.ssl.capture-buffer-size
tune.ssl.capture-cipherlist-size tune.ssl.default-dh-param tune.ssl.force-private-cache tune.ssl.hard-maxrecord
tune.ssl.keylog tune.ssl.lifetime tune.ssl.maxrecord tune.ssl.ssl-ctx-cache-size tune.vars.check-max-size
tune.vars.global-max-size tune.vars.proc-max-size tune.vars.reqres-max-size tune.vars.sess-max-size
tune.vars.txn-max-size uid ulimit-n unix-bind unsetenv user zero-warning
"""
_PROXY = """
acl backlog balance bind bind-process capture clitcpka-cnt clitcpka-idle clitcpka-intvl compression cookie declare
default-server default_backend description disabled dispatch dynamic-cookie-key email-alert enabled error-log-format
errorfile errorfiles errorloc errorloc302 errorloc303 external-check filter force-persist fullconn hash-balance-factor
hash-type http-after-response http-check http-error http-request http-response http-reuse http-send-name-header id
ignore-persist load-server-state-from-file log log-format log-format-sd log-tag max-keep-alive-queue
max-session-srv-conns maxconn mode monitor monitor-net monitor-uri option persist rate-limit redirect retries retry-on
server server-state-file-name server-template source srvtcpka-cnt srvtcpka-idle srvtcpka-intvl stats stick stick-table
tcp-check tcp-request tcp-response timeout transparent unique-id-format unique-id-header use-fcgi-app use-server
use_backend usesrc
"""
_OTHERS = {
    "ring": "description format maxlen server size timeout",
    "log-forward": "backlog bind dgram-bind log maxconn",
    "userlist": "group user",
    "peers": "bind default-bind default-server disabled enabled log peer server table",
    "resolvers": "accepted_payload_size hold nameserver parse-resolv-conf resolution_pool_size resolve_retries timeout",
    "mailers": "mailer timeout",
    "cache": "max-age max-object-size max-secondary-entries process-vary total-max-size",
    "program": "command group option user",
    "http-errors": "errorfile",
    "fcgi-app": "acl docroot index log-stderr option pass-header path-info set-param",
}
IN_SECTION = {kind: frozenset(words.split()) for kind, words in _OTHERS.items()}
IN_SECTION |= {"global": frozenset(_GLOBAL.split())}
IN_SECTION |= dict.fromkeys(("defaults", "frontend", "backend", "listen"), frozenset(_PROXY.split()))
# Rules need a defaults section with a name.
RULES = frozenset(("acl", "http-after-response", "http-request", "http-response"))
_NOT_IN_DEFAULTS = """
bind description dispatch filter force-persist id ignore-persist monitor redirect server server-template stick
stick-table use-server use_backend
"""
NOT_IN_DEFAULTS = frozenset(_NOT_IN_DEFAULTS.split())
# Dropped with a warning where nothing listens, or where no server is.
_OF_FRONTENDS = "backlog bind capture default_backend max-session-srv-conns maxconn monitor monitor-uri use_backend"
_OF_BACKENDS = """
balance cookie dispatch dynamic-cookie-key force-persist fullconn hash-type http-check http-reuse http-send-name-header
ignore-persist load-server-state-from-file retries server-state-file-name source stick tcp-check use-server
"""
IGNORED_IN = {"frontend": frozenset(_OF_BACKENDS.split()), "backend": frozenset(_OF_FRONTENDS.split())}
# What older versions had, and what is to be written in its place.
GONE = {
    "nbproc": "threads run by themselves; remove it",
    "tune.chksize": "tune.bufsize",
    "appsession": "stick-table",
    "block": "http-request deny",
    "clitimeout": "timeout client",
    "contimeout": "timeout connect",
    "srvtimeout": "timeout server",
    "grace": "hard-stop-after in global; remove it",
    "redisp": "option redispatch",
    "redispatch": "option redispatch",
    "option forceclose": "option httpclose",
    "option http-tunnel": "remove it",
    "option http_proxy": "http-request set-dst",
    "mode health": "http-request return status 200",
}
GLOBAL_YET = ("grace",)  # of these, what `global` has had since
_GONE_REQUEST = """
reqadd reqallow reqdel reqdeny reqiallow reqidel reqideny reqipass reqirep reqitarpit reqpass reqrep reqtarpit cliexp
"""
_GONE_RESPONSE = "rspadd rspdel rspdeny rspidel rspideny rspirep rsprep srvexp"
GONE |= dict.fromkeys(_GONE_REQUEST.split(), "http-request")
GONE |= dict.fromkeys(_GONE_RESPONSE.split(), "http-response")
_NEGATABLE = "option log busy-polling set-dumpable strict-limits insecure-fork-wanted numa-cpu-mapping"
NEGATABLE = frozenset(_NEGATABLE.split())
_OPTIONS = """
abortonclose accept-invalid-http-request accept-invalid-http-response allbackups checkcache clitcpka contstats
disable-h2-upgrade dontlog-normal dontlognull external-check forwardfor h1-case-adjust-bogus-client
h1-case-adjust-bogus-server http-buffer-request http-ignore-probes http-keep-alive http-no-delay
http-pretend-keepalive http-restrict-req-hdr-names http-server-close http-use-proxy-header httpchk httpclose httplog
httpslog idle-close-on-response independent-streams ldap-check log-health-checks log-separate-errors logasap
mysql-check nolinger originalto persist pgsql-check prefer-last-server redis-check redispatch smtpchk socket-stats
splice-auto splice-request splice-response spop-check srvtcpka ssl-hello-chk tcp-check tcp-smart-accept
tcp-smart-connect tcpka tcplog transparent
"""
OPTIONS = frozenset(_OPTIONS.split())
# Of these, what `no` does not go with.
_FOR_GOOD = """
external-check forwardfor http-restrict-req-hdr-names httpchk httplog httpslog ldap-check mysql-check originalto
pgsql-check redis-check smtpchk spop-check ssl-hello-chk tcp-check tcpka tcplog
"""
FOR_GOOD = frozenset(_FOR_GOOD.split())
_TIMEOUTS = "client server connect check queue http-keep-alive http-request tunnel tarpit client-fin server-fin"
TIMEOUTS = frozenset(_TIMEOUTS.split())
_BALANCE = "roundrobin static-rr leastconn source uri url_param hdr rdp-cookie first random hash"
BALANCE = frozenset(_BALANCE.split())
MODES = ("tcp", "http")
_BIND_ALONE = """
accept-proxy allow-0rtt defer-accept force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13
generate-certificates no-ca-names no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13
prefer-client-ciphers ssl strict-sni tfo transparent v4v6 v6only
"""
BIND_ALONE = frozenset(_BIND_ALONE.split())
_BIND_WITH_VALUE = """
accept-netscaler-cip alpn backlog ca-file ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file ciphers ciphersuites
crl-file crt crt-ignore-err crt-list curves ecdhe expose-fd gid group id interface level maxconn mode mss name
namespace nice npn process proto severity-output shards ssl-max-ver ssl-min-ver tcp-ut thread tls-ticket-keys uid user
verify
"""
BIND_WITH_VALUE = frozenset(_BIND_WITH_VALUE.split())
_SERVER_ALONE = """
agent-check allow-0rtt backup check check-send-proxy check-ssl check-via-socks4 disabled enabled force-sslv3
force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 no-agent-check no-backup no-check no-check-send-proxy no-check-ssl
no-send-proxy no-send-proxy-v2 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-ssl no-ssl-reuse no-sslv3 no-tfo
no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 non-stick send-proxy send-proxy-v2 send-proxy-v2-ssl
send-proxy-v2-ssl-cn ssl ssl-reuse stick tfo tls-tickets
"""
SERVER_ALONE = frozenset(_SERVER_ALONE.split())
# Behind `source ADDRESS`, and nowhere else.
BEHIND_SOURCE = frozenset(("interface", "usesrc"))
