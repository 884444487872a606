package io.usageapi.database.connection;

import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Resolves the database host away from the event loops, which resolve names themselves and block
 * meanwhile: a name server that does not answer would stop every request, even liveness. Here one
 * worker thread waits, and the event loop finds the result in the JDK's cache.
 */
final class HostResolver {
  private final WorkerExecutor thread;
  private final Map<String, Future<Void>> pending = new ConcurrentHashMap<>();

  HostResolver(Vertx vertx) {
    thread = vertx.createSharedWorkerExecutor("database-names", 1);
  }

  /**
   * Completes when a host was resolved, or could not be: an unknown host fails when it is connected
   * to.
   */
  Future<Void> resolve(String host) {
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      return Future.succeededFuture();
    }
    Promise<Void> answer = Promise.promise();
    Future<Void> before = pending.putIfAbsent(host, answer.future());
    if (before != null) {
      // Concurrent requests share the lookup.
      return before;
    }
    return thread
        .executeBlocking(() -> InetAddress.getByName(host), false)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onComplete(
            known -> {
              pending.remove(host);
              answer.complete();
            });
  }
}
