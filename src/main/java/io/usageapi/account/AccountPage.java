package io.usageapi.account;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.http.Link;
import io.usageapi.page.Links;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** A page of accounts. Accounts are paged by number. */
public record AccountPage(
    int count,
    int page,
    int perPage,
    long total,
    long totalPages,
    @JsonProperty("_embedded") Map<String, List<AccountView>> embedded,
    @JsonProperty("_links") Links links) {

  static AccountPage of(AccountQuery query, AccountRepository.Listing listing, Link here) {
    long total = listing.total();
    long totalPages = (total + query.perPage() - 1) / query.perPage();
    long last = Math.max(1, totalPages);
    LongFunction<Link> link = number -> here.with(query.parametersAt(number));
    return new AccountPage(
        listing.accounts().size(),
        query.page(),
        query.perPage(),
        total,
        totalPages,
        Map.of("accounts", listing.accounts()),
        new Links(
            link.apply(1),
            link.apply(last),
            query.page() < totalPages ? link.apply(query.page() + 1L) : null,
            query.page() > 1 ? link.apply(Math.min(query.page() - 1L, last)) : null,
            link.apply(query.page())));
  }
}
