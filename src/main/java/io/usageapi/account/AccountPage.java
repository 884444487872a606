package io.usageapi.account;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.http.Link;
import io.usageapi.json.JsonFields;
import io.usageapi.page.Links;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;

/** A page of accounts. Accounts are paged by number. */
public record AccountPage(
    int count,
    int page,
    int perPage,
    long total,
    long totalPages,
    @JsonProperty("_embedded") Map<String, List<? extends JsonFields>> embedded,
    @JsonProperty("_links") Links links) {

  /**
   * Makes a page.
   *
   * @param here the link to the list
   * @param linked gives an account its links in HAL
   */
  static AccountPage of(
      AccountQuery query,
      AccountRepository.Listing listing,
      Link here,
      Function<AccountView, JsonFields> linked) {
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
        Map.of("accounts", listing.accounts().stream().map(linked).toList()),
        new Links(
            link.apply(1),
            link.apply(last),
            query.page() < totalPages ? link.apply(query.page() + 1L) : null,
            query.page() > 1 ? link.apply(Math.min(query.page() - 1L, last)) : null,
            link.apply(query.page())));
  }
}
