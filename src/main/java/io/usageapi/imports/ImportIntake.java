package io.usageapi.imports;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.account.NewAccount;
import io.usageapi.database.Outage;
import io.usageapi.database.Steps;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.body.ArrivingBody;
import io.usageapi.http.body.BodyConfig;
import io.usageapi.imports.ReplacementRepository.Replaced;
import io.usageapi.intake.EntryBatches;
import io.usageapi.intake.EntryOwners;
import io.usageapi.intake.IntakeConfig;
import io.usageapi.intake.IntakeCounter;
import io.usageapi.intake.IntakeResult;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes billing files. A file is staged batch by batch; once it has arrived whole, it replaces the
 * one before it, in one transaction for each organization. So a file that breaks off, or a server
 * that stops, changes nothing.
 */
@ApplicationScoped
public class ImportIntake {
  private static final Logger LOG = Logger.getLogger(ImportIntake.class);

  private static final Duration DISCARD_PATIENCE = Duration.ofSeconds(2);

  /** The most organizations of a file; an operator's may have many. */
  private static final int MAX_ORGANIZATIONS = 100_000;

  private final AccountRepository accounts;
  private final ImportRepository imports;
  private final StagingRepository staging;
  private final ReplacementRepository replacements;
  private final ImportMeters meters;
  private final ImportsConfig config;
  private final int maxErrors;
  private final int batchSize;
  private final EntryBatches batches;
  private final Bulkhead files;

  ImportIntake(
      AccountRepository accounts,
      ImportRepository imports,
      StagingRepository staging,
      ReplacementRepository replacements,
      ImportMeters meters,
      ImportsConfig config,
      IntakeConfig intake,
      BodyConfig reading,
      Vertx vertx,
      MeterRegistry registry) {
    this.accounts = accounts;
    this.imports = imports;
    this.staging = staging;
    this.replacements = replacements;
    this.meters = meters;
    this.config = config;
    this.maxErrors = intake.maxErrors();
    this.batchSize = intake.batchSize();
    this.batches = new EntryBatches(vertx, "imports", config.maxConcurrent(), reading);
    this.files = new Bulkhead("imports", config.maxConcurrent(), config.maxPerOrganization());
    this.files.measure(registry, "imports");
  }

  /**
   * Replaces an import by a file.
   *
   * @param request the request, with its body untouched
   * @param open creates the source of the body, on a thread that may block
   * @return the result; fails with 503 {@code unavailable} if too many imports are running, with
   *     429 {@code rate_limited} if too many are of the writer's organization, with 413 if the file
   *     has too many rows, and as the body and {@link ReplacementRepository#replace} do
   */
  Uni<ImportResult> replace(
      Writer writer,
      ImportId id,
      HttpServerRequest request,
      Function<InputStream, EntrySource> open) {
    return alone(
        writer,
        () -> {
          ArrivingBody.requireClient(request);
          Upload upload = new Upload(writer, id);
          return batches
              .read(
                  request,
                  open,
                  () -> batchSize,
                  upload::stage,
                  () -> new IntakeCounter(maxErrors),
                  IntakeCounter::add,
                  () -> {})
              .call(upload::requireSome)
              .chain(rejected -> upload.replace(rejected).call(upload::end))
              .onFailure()
              .call(upload::discard)
              .invoke(result -> reportUnheard(id, request, result));
        });
  }

  /** The audit line of a client that hung up before the end does not have the outcome. */
  private static void reportUnheard(ImportId id, HttpServerRequest request, ImportResult result) {
    if (request.response().closed()) {
      LOG.infof(
          "The sender of import %s hung up before it was replaced: added=%d removed=%d unchanged=%d"
              + " rejected=%d",
          id.id(), result.added(), result.removed(), result.unchanged(), result.rejected());
    }
  }

  /**
   * Takes all of an import back.
   *
   * @return the result; fails with 404 if there is no such import, and as {@link #replace} does
   */
  Uni<ImportResult> remove(Writer writer, ImportId id) {
    return alone(
        writer,
        () -> {
          Upload nothing = new Upload(writer, id);
          return one(id)
              .chain(() -> nothing.replace(new IntakeCounter(maxErrors)))
              .call(nothing::delete);
        });
  }

  /**
   * What an import contributes.
   *
   * @return it; fails with 404 if there is no such import
   */
  Uni<StoredImport> one(ImportId id) {
    return imports
        .one(id)
        .map(
            found ->
                found
                    .filter(stored -> stored.replacedAt() != null || stored.rows() > 0)
                    .orElseThrow(() -> ApiException.of(ErrorCode.NOT_FOUND)));
  }

  /** Takes a place. A client that hangs up does not cancel a replacement. */
  private Uni<ImportResult> alone(Writer writer, Work work) {
    return Uni.createFrom()
        .deferred(
            () -> {
              Bulkhead.Permit permit = files.take(writer.boundTo());
              return Uni.createFrom()
                  .deferred(work::begin)
                  .invoke(meters::count)
                  .onTermination()
                  .invoke(permit::giveBack);
            })
        .memoize()
        .indefinitely();
  }

  /** Something that takes a place. */
  private interface Work {
    Uni<ImportResult> begin();
  }

  @PreDestroy
  void close() {
    batches.close();
  }

  /** A file that replaces an import. */
  private final class Upload {
    private final Writer writer;
    private final ImportId id;
    private final UUID key = UUID.randomUUID();

    /** How many rows are staged; what the database says may be lost with the rows. */
    private final SortedMap<OrganizationId, Long> staged =
        new TreeMap<>(Comparator.comparing(OrganizationId::value));

    private long rows;

    Upload(Writer writer, ImportId id) {
      this.writer = writer;
      this.id = id;
    }

    Uni<IntakeCounter> stage(List<Entry> batch) {
      rows += batch.size();
      if (rows > config.maxRows()) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "A file may have at most " + config.maxRows() + " rows. Nothing was changed.");
      }
      IntakeCounter counter = new IntakeCounter(maxErrors);
      List<Entry.Read> read = new ArrayList<>();
      for (Entry entry : batch) {
        if (entry instanceof Entry.Rejected rejected) {
          counter.reject(rejected.place(), null, rejected.code(), rejected.fields());
        } else if (entry instanceof Entry.Read one && EntryOwners.mayWrite(writer, one)) {
          read.add(one);
        } else {
          refuse(counter, entry.place());
        }
      }
      return read.isEmpty()
          ? Uni.createFrom().item(counter)
          : createAccounts(read)
              .chain(
                  () ->
                      accounts.organizationsOf(
                          read.stream().map(one -> one.record().accountId()).distinct().toList()))
              .chain(organizations -> stage(EntryOwners.of(writer, read, organizations), counter))
              .onFailure(Outage::is)
              .transform(ImportIntake::nothingChanged);
    }

    private static void refuse(IntakeCounter counter, Entry.Place place) {
      counter.reject(place, null, ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION, List.of());
    }

    private Uni<IntakeCounter> stage(EntryOwners owners, IntakeCounter counter) {
      owners.refused().forEach(entry -> refuse(counter, entry.place()));
      return Multi.createFrom()
          .iterable(owners.owned().entrySet())
          .onItem()
          .transformToUniAndConcatenate(
              part -> {
                staged.merge(part.getKey(), (long) part.getValue().size(), Long::sum);
                requireFew();
                return staging.stage(part.getKey(), key, StagedRow.of(part.getValue()));
              })
          .collect()
          .last()
          .replaceWith(counter);
    }

    /**
     * Creates missing accounts. If the writer may not, their rows are rejected like those of any
     * missing account.
     */
    private Uni<Void> createAccounts(List<Entry.Read> read) {
      if (!writer.mayMakeAccounts()) {
        return Uni.createFrom().voidItem();
      }
      Map<String, NewAccount> missing = new HashMap<>();
      Map<OrganizationId, String> names = new HashMap<>();
      for (Entry.Read entry : read) {
        NewAccount account = entry.account().orElseThrow();
        missing.putIfAbsent(account.id(), account);
        entry.organizationName().ifPresent(name -> names.putIfAbsent(account.organization(), name));
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

    private void requireFew() {
      if (staged.size() > MAX_ORGANIZATIONS) {
        throw ApiException.of(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "A file may have at most "
                + MAX_ORGANIZATIONS
                + " billing accounts. Nothing was changed.");
      }
    }

    /** Replaces what each organization has of the import. */
    Uni<ImportResult> replace(IntakeCounter rejected) {
      Total total = new Total(rejected);
      return imports
          .begin(id, key)
          .chain(this::check)
          .chain(
              () ->
                  each(
                      organization ->
                          replacements
                              .replace(organization, id, key, staged(organization), maxErrors)
                              .invoke(total::add)))
          .map(done -> total.result());
    }

    /** A file of which no row can count takes nothing back: more likely it is broken. */
    Uni<?> requireSome(IntakeCounter counter) {
      IntakeResult result = counter.result();
      if (!staged.isEmpty() || result.rejected() == 0) {
        return Uni.createFrom().voidItem();
      }
      return imports
          .one(id)
          .invoke(
              found -> {
                if (found.filter(stored -> stored.rows() > 0).isPresent()) {
                  throw ApiException.of(
                      ErrorCode.INVALID_BODY,
                      "All rows of the file were rejected, so nothing was changed. The first is on"
                          + " line "
                          + result.errors().get(0).line()
                          + ": "
                          + result.errors().get(0).message(),
                      result.errors().get(0).fields());
                }
              });
    }

    /** One organization is checked when it is replaced; none of several is replaced before all. */
    private Uni<Void> check() {
      return writer.boundTo().isPresent()
          ? Uni.createFrom().voidItem()
          : each(organization -> replacements.check(organization, id, key, staged(organization)));
    }

    private long staged(OrganizationId organization) {
      return staged.getOrDefault(organization, 0L);
    }

    Uni<Integer> end() {
      return imports.end(id, key);
    }

    Uni<Integer> delete() {
      return imports.delete(id, key);
    }

    /**
     * Deletes what is staged. The sender need not wait for it if it takes long; it goes on then. If
     * it fails, {@link AbandonedUploads} does it later.
     */
    Uni<Void> discard() {
      return each(
              Multi.createFrom().iterable(List.copyOf(staged.keySet())),
              organization -> staging.discard(organization, key))
          .onFailure()
          .recoverWithNull()
          // What waits for it does not end it.
          .memoize()
          .indefinitely()
          .ifNoItem()
          .after(DISCARD_PATIENCE)
          .recoverWithItem((Void) null);
    }

    /** Works on the organizations of the file, and then on others that the import has rows of. */
    private Uni<Void> each(Function<OrganizationId, Uni<?>> work) {
      Multi<OrganizationId> before =
          Steps.iterate(
                  Optional.<OrganizationId>empty(),
                  after -> imports.organizations(id, after),
                  found ->
                      found.size() < ImportRepository.AT_A_TIME
                          ? Optional.empty()
                          : Optional.of(Optional.of(found.get(found.size() - 1))))
              .onItem()
              .transformToMultiAndConcatenate(found -> Multi.createFrom().iterable(found))
              .filter(organization -> !staged.containsKey(organization));
      return each(
          Multi.createBy()
              .concatenating()
              .streams(Multi.createFrom().iterable(List.copyOf(staged.keySet())), before),
          work);
    }

    private static Uni<Void> each(
        Multi<OrganizationId> organizations, Function<OrganizationId, Uni<?>> work) {
      return organizations
          .onItem()
          .transformToUniAndConcatenate(organization -> work.apply(organization))
          .collect()
          .last()
          .replaceWithVoid();
    }
  }

  /** The outcomes of the organizations, added up. */
  private static final class Total {
    private final IntakeCounter rejected;
    private long added;
    private long removed;
    private long unchanged;

    Total(IntakeCounter rejected) {
      this.rejected = rejected;
    }

    void add(Replaced replaced) {
      added += replaced.added();
      removed += replaced.removed();
      unchanged += replaced.unchanged();
      rejected.rejectTooOld(replaced.tooOld().rows(), replaced.tooOld().places());
    }

    ImportResult result() {
      IntakeResult all = rejected.result();
      return new ImportResult(added, removed, unchanged, all.rejected(), all.errors());
    }
  }

  private static ApiException nothingChanged(Throwable cause) {
    return ApiException.of(
        ErrorCode.UNAVAILABLE, "Nothing was changed; send the file again.", cause);
  }
}
