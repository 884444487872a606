package io.usageapi.imports;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.EveryOrganization;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Deletes the staged rows of files whose server stopped before they had arrived. */
@ApplicationScoped
class AbandonedUploads {
  private static final Logger LOG = Logger.getLogger(AbandonedUploads.class);

  private final EveryOrganization organizations;
  private final StagingRepository staging;

  AbandonedUploads(EveryOrganization organizations, StagingRepository staging) {
    this.organizations = organizations;
    this.staging = staging;
  }

  /** Runs regularly, on every replica. A failure is logged and retried next time. */
  @Scheduled(
      identity = "abandoned-uploads",
      every = "1h",
      delayed = "1m",
      concurrentExecution = ConcurrentExecution.SKIP)
  Uni<Void> runRegularly() {
    return run()
        .onFailure()
        .invoke(e -> LOG.warnf("Abandoned uploads are deleted later: %s", e))
        .onFailure()
        .recoverWithNull();
  }

  Uni<Void> run() {
    return organizations
        .all()
        .onItem()
        .transformToMultiAndConcatenate(
            organization ->
                staging
                    .abandoned(organization)
                    .onItem()
                    .transformToMulti(uploads -> Multi.createFrom().iterable(uploads))
                    .onItem()
                    .transformToUniAndConcatenate(upload -> staging.discard(organization, upload)))
        .collect()
        .last()
        .replaceWithVoid();
  }
}
