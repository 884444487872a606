package io.usageapi.account;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.usageapi.page.Link;
import io.usageapi.page.Links;
import java.util.List;
import java.util.function.LongFunction;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A page of accounts, by its number. */
@Schema(description = "A page of accounts, by its number.")
public record AccountPage(
    @Schema(required = true, examples = "50", description = "How many accounts it holds.")
        int count,
    @Schema(required = true, examples = "1", description = "Its number, from 1.") int page,
    @Schema(required = true, examples = "50", description = "How many it holds at most.")
        int perPage,
    @Schema(required = true, examples = "65", description = "How many accounts there are.")
        long total,
    @Schema(required = true, examples = "2", description = "How many pages there are.")
        long totalPages,
    @JsonProperty("_embedded") @Schema(required = true, description = "What the page holds.")
        Embedded embedded,
    @JsonProperty("_links") @Schema(required = true, description = "The links of the page.")
        Links links) {

  /** What a page holds. */
  @Schema(name = "AccountPageEmbedded", description = "What a page of accounts holds.")
  public record Embedded(
      @Schema(required = true, description = "The accounts, in the asked order.")
          List<AccountView> accounts) {}

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
