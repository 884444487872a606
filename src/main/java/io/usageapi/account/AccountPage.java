package io.usageapi.account;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;
import java.util.function.LongFunction;

/** A page of accounts, by its number. */
public record AccountPage(
    int count,
    int page,
    int perPage,
    long total,
    long totalPages,
    @JsonProperty("_embedded") Embedded embedded,
    @JsonProperty("_links") Links links) {

  /** What a page holds. */
  public record Embedded(List<AccountView> accounts) {}

  /**
   * Makes a page.
   *
   * @param link makes the link to the page of a number
   */
  static AccountPage of(
      AccountQuery query, long total, List<AccountView> accounts, LongFunction<Link> link) {
    long totalPages = (total + query.perPage() - 1) / query.perPage();
    long last = Math.max(1, totalPages);
    return new AccountPage(
        accounts.size(),
        query.page(),
        query.perPage(),
        total,
        totalPages,
        new Embedded(accounts),
        new Links(
            link.apply(1),
            link.apply(last),
            query.page() < totalPages ? link.apply(query.page() + 1L) : null,
            query.page() > 1 ? link.apply(Math.min(query.page() - 1L, last)) : null,
            link.apply(query.page())));
  }
}
