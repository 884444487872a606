package io.usageapi.intake;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The threads that read bodies, and may wait for their senders. Each body has two, so that no body
 * waits for another: one reads, the other makes statements of what was read. Nothing else uses
 * these threads.
 */
final class BodyThreads implements Executor {
  private static final Logger LOG = Logger.getLogger(BodyThreads.class);
  private static final int THREADS_PER_BODY = 2;

  /** The bodies themselves limit how long a thread may wait. */
  private static final long MAX_DAYS = 365;

  private final WorkerExecutor threads;

  BodyThreads(Vertx vertx, String name, int bodies) {
    this.threads =
        vertx.createSharedWorkerExecutor(name, THREADS_PER_BODY * bodies, MAX_DAYS, TimeUnit.DAYS);
  }

  /** Runs a task in the context of the request. */
  @Override
  public void execute(Runnable task) {
    threads
        .executeBlocking(
            () -> {
              task.run();
              return null;
            },
            false)
        .onFailure(e -> LOG.error("Reading a body failed", e));
  }

  void close() {
    threads
        .close()
        .onFailure(e -> LOG.warn("The threads that read bodies could not be stopped", e));
  }
}
