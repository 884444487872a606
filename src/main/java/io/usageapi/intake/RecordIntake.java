package io.usageapi.intake;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.database.Outage;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.http.body.ArrivingBody;
import io.usageapi.http.body.BodyConfig;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Writer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Takes records in batches: each batch is written after the previous one is committed. A
 * transaction has records of one organization. So that those of many organizations do not become
 * many small transactions, one after the other, such a body is read in larger batches, and several
 * organizations are written at once.
 */
@ApplicationScoped
public class RecordIntake {
  /** How much larger the batches of a body of many organizations are. */
  private static final int LARGER = 4;

  private final AccountRepository accounts;
  private final RecordRepository records;
  private final RecordMeters meters;
  private final EntryBatches batches;
  private final IntakeConfig config;
  private final Bulkhead bodies;

  RecordIntake(
      AccountRepository accounts,
      RecordRepository records,
      RecordMeters meters,
      Vertx vertx,
      BodyConfig reading,
      IntakeConfig config,
      MeterRegistry registry) {
    this.accounts = accounts;
    this.records = records;
    this.meters = meters;
    this.batches = new EntryBatches(vertx, "bodies", config.maxConcurrent(), reading);
    this.config = config;
    this.bodies =
        new Bulkhead("bodies of records", config.maxConcurrent(), config.maxPerOrganization());
    this.bodies.measure(registry, "records");
  }

  /**
   * Takes in all records of a body. Everything committed before a failure is kept.
   *
   * @param request the request, with its body untouched
   * @param open creates the source of the body, on a thread that may block
   * @return the result; fails with 503 {@code unavailable} if too many bodies are being read, with
   *     429 {@code rate_limited} if too many are of the writer's organization, and as the body or
   *     the database does
   */
  public Uni<IntakeResult> takeAll(
      Writer writer, HttpServerRequest request, Function<InputStream, EntrySource> open) {
    return Uni.createFrom()
        .deferred(
            () -> {
              ArrivingBody.requireClient(request);
              Bulkhead.Permit place = bodies.take(writer.boundTo());
              AtomicInteger organizations = new AtomicInteger();
              return batches.read(
                  request,
                  open,
                  () -> config.batchSize() * (isMany(organizations.get()) ? share(LARGER) : 1),
                  batch -> take(writer, batch, organizations::set),
                  () -> new IntakeCounter(config.maxErrors()),
                  IntakeCounter::add,
                  place::giveBack);
            })
        .map(IntakeCounter::result)
        // A client that hangs up ends the reading, but does not cancel a batch that is being
        // written.
        .memoize()
        .indefinitely();
  }

  private boolean isMany(int organizations) {
    return organizations > config.organizationsAtOnce();
  }

  /**
   * How much of something a body may have, so that all together have no more than bodies may be.
   */
  private int share(int most) {
    return Math.max(1, Math.min(most, config.maxConcurrent() / Math.max(1, bodies.taken())));
  }

  private Uni<IntakeCounter> take(Writer writer, List<Entry> batch, IntConsumer organizations) {
    IntakeCounter counter = new IntakeCounter(config.maxErrors());
    List<Entry.Read> read = new ArrayList<>();
    for (Entry entry : batch) {
      if (entry instanceof Entry.Rejected rejected) {
        reject(counter, rejected.place(), rejected.id(), rejected.code(), rejected.fields());
      } else if (entry instanceof Entry.Read one && EntryOwners.mayWrite(writer, one)) {
        read.add(one);
      } else {
        reject(counter, (Entry.Read) entry, ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
      }
    }
    if (read.isEmpty()) {
      return Uni.createFrom().item(counter);
    }
    return accounts
        .organizationsOf(read.stream().map(entry -> entry.record().accountId()).distinct().toList())
        .map(owners -> EntryOwners.of(writer, read, owners))
        .invoke(owners -> organizations.accept(owners.owned().size()))
        .chain(owners -> writeAll(owners, counter))
        .onFailure(Outage::is)
        .transform(e -> interrupted(batch.get(0).place(), e));
  }

  private Uni<IntakeCounter> writeAll(EntryOwners owners, IntakeCounter counter) {
    owners
        .refused()
        .forEach(entry -> reject(counter, entry, ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION));
    if (owners.owned().isEmpty()) {
      return Uni.createFrom().item(counter);
    }
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Uni<IntakeCounter>> writes =
        owners.owned().entrySet().stream()
            .map(part -> write(part.getKey(), part.getValue(), failure))
            .toList();
    return Uni.join()
        .all(writes)
        .usingConcurrencyOf(share(config.organizationsAtOnce()))
        .andCollectFailures()
        .invoke(written -> written.forEach(counter::add))
        .chain(
            () ->
                failure.get() == null
                    ? Uni.createFrom().item(counter)
                    : Uni.createFrom().failure(failure.get()));
  }

  /**
   * Writes all entries of an organization, in transactions one after the other.
   *
   * @param failure the first failure, after which nothing more is begun; what is being written is
   *     not cancelled
   */
  private Uni<IntakeCounter> write(
      OrganizationId organization, List<Entry.Read> entries, AtomicReference<Throwable> failure) {
    IntakeCounter counter = new IntakeCounter(config.maxErrors());
    return Multi.createFrom()
        .iterable(entries)
        .group()
        .intoLists()
        .of(config.batchSize())
        .onItem()
        // Digests are made there, not on an event loop, where other requests would wait for them.
        .transformToUniAndConcatenate(
            part ->
                Uni.createFrom()
                    .deferred(
                        () ->
                            failure.get() == null
                                ? writeOne(organization, part, counter)
                                : Uni.createFrom().voidItem())
                    .runSubscriptionOn(batches.threads()))
        .collect()
        .last()
        .onFailure()
        .invoke(e -> failure.compareAndSet(null, e))
        .onFailure()
        .recoverWithNull()
        .replaceWith(counter);
  }

  private Uni<Void> writeOne(
      OrganizationId organization, List<Entry.Read> entries, IntakeCounter counter) {
    return meters
        .timed(records.write(organization, entries.stream().map(Entry.Read::record).toList()))
        .invoke(
            outcomes -> {
              for (int i = 0; i < outcomes.size(); i++) {
                Entry.Read entry = entries.get(i);
                switch (outcomes.get(i)) {
                  case ACCEPTED -> {
                    counter.accept();
                    meters.accept(entry.record().occurredAt());
                  }
                  case DUPLICATE -> {
                    counter.duplicate();
                    meters.duplicate();
                  }
                  case CONFLICT -> reject(counter, entry, ErrorCode.CONFLICT);
                  case TOO_OLD -> reject(counter, entry, ErrorCode.RECORD_TOO_OLD);
                  case MONTH_CLOSED -> reject(counter, entry, ErrorCode.MONTH_CLOSED);
                }
              }
            })
        .replaceWithVoid();
  }

  private void reject(IntakeCounter counter, Entry.Read entry, ErrorCode code) {
    reject(counter, entry.place(), entry.record().id(), code, List.of());
  }

  private void reject(
      IntakeCounter counter,
      Entry.Place place,
      String id,
      ErrorCode code,
      List<FieldError> fields) {
    counter.reject(place, id, code, fields);
    meters.reject(code);
  }

  @PreDestroy
  void close() {
    batches.close();
  }

  private static ApiException interrupted(Entry.Place place, Throwable cause) {
    String where =
        place.line() == 0 ? "record " + place.index() : "the record on line " + place.line();
    return ApiException.of(
        ErrorCode.UNAVAILABLE,
        "Everything before " + where + " was taken in; sending it all again is safe.",
        cause);
  }
}
