package io.usageapi.usage;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.Link;
import io.usageapi.http.PublicAddress;
import io.usageapi.json.JsonFields;
import io.usageapi.page.Linked;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.function.Function;

/** The links of aggregates in HAL. */
@ApplicationScoped
public class AggregateLinks {
  private final PublicAddress address;

  AggregateLinks(PublicAddress address) {
    this.address = address;
  }

  /**
   * What gives an aggregate of an answer its links: itself and its records, which for a day are
   * those of its month, and then its month, too.
   */
  Function<UsageAggregate, JsonFields> of(ApiRequest request) {
    String usage = address.server(request) + "/express/usage/";
    return aggregate -> linked(aggregate, usage);
  }

  private static Linked linked(UsageAggregate aggregate, String usage) {
    Link month = new Link(usage + "month/" + AggregateId.text(aggregate.monthlyId()));
    Link records = new Link(month.href() + "/records");
    return new Linked(
        aggregate,
        aggregate.day() == null
            ? Map.of("self", month, "records", records)
            : Map.of(
                "self",
                new Link(usage + "day/" + aggregate.id()),
                "records",
                records,
                "month",
                month));
  }
}
