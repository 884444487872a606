package io.usageapi.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.usageapi.account.AccountRepository;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.http.ConditionalRead;
import io.usageapi.http.PublicAddress;
import io.usageapi.usage.MonthlyUsageRepository;
import io.usageapi.usage.UsageSelection;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** Usage as a whole, by month and by day alike. */
@ApplicationScoped
public class UsageExports {
  private final AccountRepository accounts;
  private final DataVersionRepository versions;
  private final MonthlyUsageRepository usage;
  private final PublicAddress address;
  private final Exports exports;
  private final NdjsonFormat<UsageAggregate> ndjson;

  UsageExports(
      AccountRepository accounts,
      DataVersionRepository versions,
      MonthlyUsageRepository usage,
      PublicAddress address,
      Exports exports,
      ObjectMapper json) {
    this.accounts = accounts;
    this.versions = versions;
    this.usage = usage;
    this.address = address;
    this.exports = exports;
    this.ndjson = new NdjsonFormat<>(json, UsageAggregate.class);
  }

  /** All of a selection as CSV, part by part; fails as the contract says of an export. */
  Multi<byte[]> csv(
      UsageSelection selection, UriInfo request, Request conditions, HttpServerRequest http) {
    return export(UsageCsv.format(selection), selection, request, conditions, http);
  }

  /** All of a selection, a JSON object a line, part by part; fails likewise. */
  Multi<byte[]> ndjson(
      UsageSelection selection, UriInfo request, Request conditions, HttpServerRequest http) {
    return export(ndjson, selection, request, conditions, http);
  }

  private Multi<byte[]> export(
      ExportFormat<UsageAggregate> format,
      UsageSelection selection,
      UriInfo request,
      Request conditions,
      HttpServerRequest http) {
    String self = address.of(request, http).link(selection.given()).href();
    ConditionalRead read =
        ConditionalRead.of(
            selection.organization(), self, List.of(format.type()), conditions, http);
    return accounts
        .requireAll(selection.organization(), selection.filter().namedAccounts())
        .chain(() -> versions.requireModified(selection.organization(), read))
        .onItem()
        .transformToMulti(
            none ->
                exports.answer(
                    selection.organization(),
                    format,
                    closed -> usage.export(selection, closed),
                    read,
                    http));
  }
}
