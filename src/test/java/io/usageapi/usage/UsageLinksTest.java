package io.usageapi.usage;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.usageapi.filter.FilterReader;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
class UsageLinksTest {
  private final Organization acme = anOrganization();

  @Test
  void links_can_be_followed_at_the_longest_filter() {
    String account = acme + "-" + "😀".repeat(50);
    acme.hasAccounts(account);
    acme.sends(aRecord().account(account), aRecord().account(account).of("other"));
    String start = "product_id ne '";
    String filter = start + "😀".repeat(FilterReader.MAX_LENGTH - start.length() - 1) + "'";
    Page first = acme.page("filter", filter, "order_by", "account_id:desc", "per_page", 1);

    List<Map<String, Object>> forward = first.walk("next");
    List<Map<String, Object>> backward = first.last().walk("prev");

    assertThat(first.link("next")).hasSizeGreaterThan(15_000);
    assertThat(forward).hasSize(2);
    assertThat(backward).isEqualTo(forward);
  }

  @Test
  void who_is_not_a_trusted_proxy_has_no_say_in_the_links() {
    acme.asReader()
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "host=evil.example;proto=https")
        .get(Api.USAGE)
        .then()
        .statusCode(200)
        .body("self.href", not(containsString("evil")));
  }

  @Test
  void a_plus_is_a_space_and_links_write_neither() {
    Page page = acme.follow(Api.USAGE + "?filter=wallet_name+eq+'a%2Bb+c'");

    assertThat(page.link("self")).contains("a%2Bb%20c").doesNotContain("+");
  }

  @Test
  void the_content_type_is_that_of_the_answer_alone() {
    for (String accept :
        List.of(
            "text/html, application/json;q=0.5",
            "application/hal+json;q=0.3, application/json;q=0.2")) {
      String type = accept.contains("hal") ? "application/hal+json" : "application/json";
      acme.asReader()
          .accept(accept)
          .get(Api.USAGE)
          .then()
          .statusCode(200)
          .header("Content-Type", equalTo(type + ";charset=UTF-8"));
    }
  }
}
