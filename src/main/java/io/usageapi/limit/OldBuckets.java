package io.usageapi.limit;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.ExportConfig;
import io.usageapi.database.Steps;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Deletes shared buckets that are full again, batch by batch. */
@ApplicationScoped
class OldBuckets {
  private static final Logger LOG = Logger.getLogger(OldBuckets.class);
  private static final int BATCH = 1_000;

  private final boolean shared;
  private final Instance<BucketStore> store;

  OldBuckets(LimitConfig requests, ExportConfig exports, Instance<BucketStore> store) {
    this.shared = requests.shared() || exports.shared();
    this.store = store;
  }

  /**
   * Runs at the start, so that no request waits until the library and a connection are there, and
   * then regularly, on every replica. A failure is logged and retried next time.
   */
  @Scheduled(identity = "old-buckets", every = "1h", concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return shared ? run() : Uni.createFrom().voidItem();
  }

  private Uni<Void> run() {
    return Steps.iterate(
            BATCH,
            most -> Uni.createFrom().completionStage(() -> store.get().removeExpired(most)),
            deleted -> Optional.of(deleted).filter(count -> count == BATCH))
        .collect()
        .last()
        .onFailure()
        .invoke(e -> LOG.warnf("Old buckets are deleted later: %s", e))
        .onFailure()
        .recoverWithNull()
        .replaceWithVoid();
  }
}
