package io.usageapi.intake;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.account.NewAccount;
import io.usageapi.database.Outage;
import io.usageapi.database.Steps;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.http.body.ArrivingBody;
import io.usageapi.http.body.BodyConfig;
import io.usageapi.intake.format.Entry;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.intake.format.ReadAheadSource;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Writer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Takes records in batches: each batch is written after the previous one is committed. Meanwhile
 * one more batch is read.
 */
@ApplicationScoped
public class RecordIntake {
  private static final int BATCHES_AHEAD = 1;

  private final AccountRepository accounts;
  private final RecordRepository records;
  private final RecordMeters meters;
  private final BodyThreads threads;
  private final BodyConfig reading;
  private final IntakeConfig config;
  private final Bulkhead bodies;

  RecordIntake(
      AccountRepository accounts,
      RecordRepository records,
      RecordMeters meters,
      BodyThreads threads,
      BodyConfig reading,
      IntakeConfig config) {
    this.accounts = accounts;
    this.records = records;
    this.meters = meters;
    this.threads = threads;
    this.reading = reading;
    this.config = config;
    this.bodies =
        new Bulkhead("bodies of records", config.maxConcurrent(), config.maxPerOrganization());
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
              return takeAll(
                  writer, new ReadAheadSource(ArrivingBody.open(request, reading), open), place);
            });
  }

  private Uni<IntakeResult> takeAll(Writer writer, ReadAheadSource source, Bulkhead.Permit place) {
    return Steps.iterate(
            source,
            body ->
                Uni.createFrom()
                    .item(() -> body.next(config.batchSize()))
                    .runSubscriptionOn(threads)
                    .map(batch -> new Reading(batch, null))
                    .onFailure()
                    .recoverWithItem(failure -> new Reading(List.of(), failure)),
            reading -> reading.batch().isEmpty() ? Optional.empty() : Optional.of(source))
        .emitOn(threads, BATCHES_AHEAD)
        .onItem()
        .transformToUniAndConcatenate(
            reading ->
                reading.failure() == null
                    ? take(writer, reading.batch())
                    : Uni.createFrom().failure(reading.failure()))
        .collect()
        .in(() -> new IntakeCounter(config.maxErrors()), IntakeCounter::add)
        .map(IntakeCounter::result)
        .onTermination()
        .invoke(() -> end(source, place))
        // A client that hangs up ends the reading, but does not cancel a batch that is being
        // written.
        .memoize()
        .indefinitely();
  }

  /**
   * The result of a read. A failure waits until everything read before it is written.
   *
   * @param batch the entries; empty at the end and on failure
   * @param failure why the read failed, or null
   */
  private record Reading(List<Entry> batch, Throwable failure) {}

  /** Closes on a thread that may wait for a read in progress. */
  private void end(ReadAheadSource source, Bulkhead.Permit place) {
    source.end();
    threads.execute(
        () -> {
          try {
            source.close();
          } finally {
            place.giveBack();
          }
        });
  }

  private Uni<IntakeCounter> take(Writer writer, List<Entry> batch) {
    IntakeCounter counter = new IntakeCounter(config.maxErrors());
    List<Entry.Read> read = new ArrayList<>();
    for (Entry entry : batch) {
      if (entry instanceof Entry.Rejected rejected) {
        reject(counter, rejected.place(), rejected.id(), rejected.code(), rejected.fields());
      } else if (entry instanceof Entry.Read one && mayWrite(writer, one)) {
        read.add(one);
      } else {
        reject(counter, (Entry.Read) entry, ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
      }
    }
    if (read.isEmpty()) {
      return Uni.createFrom().item(counter);
    }
    return createAccounts(writer, read)
        .chain(
            () ->
                accounts.organizationsOf(
                    read.stream().map(entry -> entry.record().accountId()).distinct().toList()))
        .chain(owners -> writeAll(writer, read, owners, counter))
        .onFailure(Outage::is)
        .transform(e -> interrupted(batch.get(0).place(), e));
  }

  /** Checked before anything is looked up or created. */
  private static boolean mayWrite(Writer writer, Entry.Read entry) {
    return entry.organization().map(writer::mayWriteFor).orElse(true);
  }

  /**
   * Creates missing accounts. If the writer may not, their records are rejected later like those of
   * any missing account.
   */
  private Uni<Void> createAccounts(Writer writer, List<Entry.Read> read) {
    if (!writer.mayMakeAccounts()) {
      return Uni.createFrom().voidItem();
    }
    Map<String, NewAccount> missing = new HashMap<>();
    Map<OrganizationId, String> names = new HashMap<>();
    for (Entry.Read entry : read) {
      entry
          .account()
          .ifPresent(
              account -> {
                missing.putIfAbsent(account.id(), account);
                entry
                    .organizationName()
                    .ifPresent(name -> names.putIfAbsent(account.organization(), name));
              });
    }
    Map<OrganizationId, List<NewAccount>> byOrganization =
        missing.values().stream()
            .collect(
                Collectors.groupingBy(
                    NewAccount::organization,
                    () -> new TreeMap<>(Comparator.comparing(OrganizationId::value)),
                    Collectors.toList()));
    return Multi.createFrom()
        .iterable(byOrganization.entrySet())
        .onItem()
        .transformToUniAndConcatenate(
            of ->
                accounts.makeMissing(
                    of.getKey(), Optional.ofNullable(names.get(of.getKey())), of.getValue()))
        .collect()
        .last();
  }

  private Uni<IntakeCounter> writeAll(
      Writer writer,
      List<Entry.Read> read,
      Map<String, OrganizationId> owners,
      IntakeCounter counter) {
    Map<OrganizationId, List<Entry.Read>> byOrganization =
        new TreeMap<>(Comparator.comparing(OrganizationId::value));
    for (Entry.Read entry : read) {
      Optional<OrganizationId> owner = owner(writer, entry, owners);
      if (owner.isPresent()) {
        byOrganization.computeIfAbsent(owner.get(), o -> new ArrayList<>()).add(entry);
      } else {
        reject(counter, entry, ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
      }
    }
    return Multi.createFrom()
        .iterable(byOrganization.entrySet())
        .onItem()
        .transformToUniAndConcatenate(part -> write(part.getKey(), part.getValue(), counter))
        .collect()
        .last()
        .replaceWith(counter);
  }

  /** The organization of the account; empty for unknown and foreign accounts alike. */
  private static Optional<OrganizationId> owner(
      Writer writer, Entry.Read entry, Map<String, OrganizationId> owners) {
    return Optional.ofNullable(owners.get(entry.record().accountId()))
        .filter(writer::mayWriteFor)
        .filter(owner -> entry.organization().map(owner::equals).orElse(true));
  }

  private Uni<Void> write(
      OrganizationId organization, List<Entry.Read> entries, IntakeCounter counter) {
    return records
        .write(organization, entries.stream().map(Entry.Read::record).toList())
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

  private static ApiException interrupted(Entry.Place place, Throwable cause) {
    String where =
        place.line() == 0 ? "record " + place.index() : "the record on line " + place.line();
    return ApiException.of(
        ErrorCode.UNAVAILABLE,
        "Everything before " + where + " was taken in; sending it all again is safe.",
        cause);
  }
}
