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
 * Looks the database's host up away from the event loops. These look names up themselves, and stand
 * still meanwhile: a name server that does not answer would stop every request, liveness too. Here
 * one thread waits for it, and what it found the Java runtime keeps: the event loop finds it there.
 */
final class Names {
  private final WorkerExecutor thread;
  private final Map<String, Future<Void>> asked = new ConcurrentHashMap<>();

  Names(Vertx vertx) {
    thread = vertx.createSharedWorkerExecutor("database-names", 1);
  }

  /**
   * Completes when a host was looked up; a name that is not known fails when it is connected to.
   */
  Future<Void> lookUp(String host) {
    if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
      return Future.succeededFuture();
    }
    Promise<Void> answer = Promise.promise();
    Future<Void> before = asked.putIfAbsent(host, answer.future());
    if (before != null) {
      // All who connect meanwhile wait for the same answer.
      return before;
    }
    return thread
        .executeBlocking(() -> InetAddress.getByName(host), false)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onComplete(
            known -> {
              asked.remove(host);
              answer.complete();
            });
  }
}
