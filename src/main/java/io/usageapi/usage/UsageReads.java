package io.usageapi.usage;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.Versioned;
import io.usageapi.aggregate.change.ChangeToken;
import io.usageapi.export.ExportFormat;
import io.usageapi.export.ExportMeters;
import io.usageapi.export.Exports;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.Link;
import io.usageapi.http.PublicAddress;
import io.usageapi.json.JsonFields;
import io.usageapi.page.KeysetPage;
import io.usageapi.page.Page;
import io.usageapi.page.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Answers reads of usage and totals. Before it reads, it checks that the accounts of the filter are
 * the organization's own (403), and that the caller does not hold the answer already (304).
 */
@ApplicationScoped
public class UsageReads {
  private static final List<MediaType> PAGE_TYPES =
      List.of(MediaType.APPLICATION_JSON_TYPE, MediaType.valueOf("application/hal+json"));

  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final PublicAddress address;
  private final Exports exports;

  UsageReads(
      AccountRepository accounts,
      DataVersionRepository versions,
      PublicAddress address,
      Exports exports) {
    this.accounts = accounts;
    this.versions = versions;
    this.address = address;
    this.exports = exports;
  }

  /**
   * Answers with a page.
   *
   * @param rows reads the rows of the page
   * @return the answer, which is 304 if the caller holds it; fails with 403, and as {@code rows}
   *     does
   */
  public <T extends JsonFields> Uni<RestResponse<KeysetPage>> page(
      Selection selection,
      PageRequest<T> page,
      Supplier<Uni<Versioned<Page<T>>>> rows,
      ApiRequest request) {
    return linkedPage(selection, page, rows, asked -> row -> row, request);
  }

  /**
   * Answers with a page whose rows have links in HAL.
   *
   * @param links makes what gives a row its links
   * @return as {@link #page(Selection, PageRequest, Supplier, ApiRequest)}
   */
  public <T extends JsonFields> Uni<RestResponse<KeysetPage>> linkedPage(
      Selection selection,
      PageRequest<T> page,
      Supplier<Uni<Versioned<Page<T>>>> rows,
      Function<ApiRequest, Function<T, JsonFields>> links,
      ApiRequest request) {
    return page(selection, page, rows, links, Function.identity(), request);
  }

  /**
   * Answers with a page inside another body.
   *
   * @param body makes the body
   * @return as {@link #page(Selection, PageRequest, Supplier, ApiRequest)}
   */
  public <T extends JsonFields, B> Uni<RestResponse<B>> pageIn(
      Selection selection,
      PageRequest<T> page,
      Supplier<Uni<Versioned<Page<T>>>> rows,
      Function<KeysetPage, B> body,
      ApiRequest request) {
    return page(selection, page, rows, asked -> row -> row, body, request);
  }

  private <T extends JsonFields, B> Uni<RestResponse<B>> page(
      Selection selection,
      PageRequest<T> page,
      Supplier<Uni<Versioned<Page<T>>>> rows,
      Function<ApiRequest, Function<T, JsonFields>> links,
      Function<KeysetPage, B> body,
      ApiRequest request) {
    Link here = address.of(request);
    Link list = here.with(page.given());
    ConditionalRead read = read(selection, page.link(page.start(), list), request);
    Function<Page<T>, KeysetPage> made =
        read.isHal()
            ? inHal(page, list, links.apply(request))
            : found -> KeysetPage.of(page, found, list);
    return answer(
        selection,
        read,
        () ->
            rows.get()
                .map(
                    found ->
                        found.with(
                            body.apply(
                                withChanges(
                                    made.apply(found.value()).withShow(), found, page, here)))));
  }

  private static <T extends JsonFields> Function<Page<T>, KeysetPage> inHal(
      PageRequest<T> page, Link list, Function<T, JsonFields> linked) {
    return found -> KeysetPage.of(page, found, list, linked);
  }

  /** The page with a link to what changes after it, if a mirror may start with it. */
  private static KeysetPage withChanges(
      KeysetPage page, Versioned<?> found, PageRequest<?> request, Link here) {
    return found
        .changes()
        .map(position -> page.withChanges(changedSince(position, request, here)))
        .orElse(page);
  }

  /**
   * Answers with a page of what changed after a position.
   *
   * @param changes reads the page
   * @param links makes what gives an aggregate its links in HAL
   * @return as {@link #page(Selection, PageRequest, Supplier, ApiRequest)}
   */
  Uni<RestResponse<KeysetPage>> changes(
      UsageQuery query,
      Supplier<Uni<Versioned<ChangedUsage>>> changes,
      Function<ApiRequest, Function<UsageAggregate, JsonFields>> links,
      ApiRequest request) {
    PageRequest<UsageAggregate> page = query.page();
    Link here = address.of(request);
    Link self = changedSince(query.changedSince().orElseThrow(), page, here);
    ConditionalRead read = read(query.selection(), self, request);
    Function<UsageAggregate, JsonFields> linked =
        read.isHal() ? links.apply(request) : aggregate -> aggregate;
    return answer(
        query.selection(),
        read,
        () ->
            changes
                .get()
                .map(
                    found ->
                        found.with(
                            KeysetPage.ofChanges(
                                page,
                                found.value().aggregates().stream().map(linked).toList(),
                                found.value().removed(),
                                here.with(page.given()),
                                self,
                                changedSince(found.value().end(), page, here),
                                found.value().more()))));
  }

  /** The link to what changed after a position. Changes come in an order of their own. */
  private static Link changedSince(ChangeToken position, PageRequest<?> page, Link here) {
    Map<String, String> parameters = new LinkedHashMap<>(page.given());
    parameters.remove("order_by");
    parameters.put(UsageSelection.CHANGED_SINCE, position.text());
    return here.with(parameters);
  }

  private static ConditionalRead read(Selection selection, Link self, ApiRequest request) {
    return ConditionalRead.of(selection.organization(), self, PAGE_TYPES, request);
  }

  private <B> Uni<RestResponse<B>> answer(
      Selection selection, ConditionalRead read, Supplier<Uni<Versioned<B>>> body) {
    Supplier<Uni<RestResponse<B>>> answer =
        () -> body.get().map(found -> read.answer(found.version(), found.value()));
    return accounts
        .requireAll(selection.organization(), selection.filter().namedAccounts())
        .chain(() -> read.isConditional() ? unlessHeld(selection, read, answer) : answer.get());
  }

  private <A> Uni<RestResponse<A>> unlessHeld(
      Selection selection, ConditionalRead read, Supplier<Uni<RestResponse<A>>> answer) {
    return versions
        .current(selection.organization())
        .chain(
            version ->
                read.isHeld(version)
                    ? Uni.createFrom().item(read.notModified(version))
                    : answer.get());
  }

  /**
   * Answers with all rows.
   *
   * @param rows reads the rows, as {@link Exports#answer} takes it
   * @return the parts of the body; fails with 403 and 304, and as {@link Exports#answer} does
   */
  public <T> Multi<byte[]> export(
      Selection selection,
      ExportFormat<T> format,
      Function<Runnable, Multi<Versioned<List<T>>>> rows,
      ApiRequest request) {
    ExportMeters.markRequest();
    ConditionalRead read =
        ConditionalRead.of(
            selection.organization(),
            address.of(request).with(selection.given()),
            List.of(format.type()),
            request);
    return accounts
        .requireAll(selection.organization(), selection.filter().namedAccounts())
        .chain(() -> versions.requireModified(selection.organization(), read))
        .onItem()
        .transformToMulti(
            none -> exports.answer(selection.organization(), format, rows, read, request.http()));
  }
}
