package io.usageapi.usage;

import static io.usageapi.fixture.RatedRecord.aRecord;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class UsageLinksTest {
  private final String organization = Api.newOrganization();
  private final String token = Tokens.reader(organization);

  @Test
  void links_can_be_followed_at_the_longest_filter() {
    String account = organization + "-" + "😀".repeat(50);
    Api.provision(organization, account);
    Api.send(aRecord().account(account), aRecord().account(account).of("other"))
        .then()
        .statusCode(200);
    String start = "product_id ne '";
    String filter = start + "😀".repeat(UsageFilter.MAX_LENGTH - start.length() - 1) + "'";
    JsonPath first =
        Api.page(token, Map.of("filter", filter, "order_by", "account_id:desc", "per_page", 1));

    List<Map<String, Object>> forward = Api.walk(token, first, "next");
    List<Map<String, Object>> backward =
        Api.walk(token, Api.follow(token, first.getString("last.href")), "prev");

    assertThat(first.getString("next.href")).hasSizeGreaterThan(15_000);
    assertThat(forward).hasSize(2);
    assertThat(backward).isEqualTo(forward);
  }

  @Test
  void who_is_not_a_trusted_proxy_has_no_say_in_the_links() {
    Api.as(token)
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "host=evil.example;proto=https")
        .get(Api.USAGE)
        .then()
        .statusCode(200)
        .body("self.href", not(containsString("evil")));
  }

  @Test
  void a_plus_is_a_space_and_links_write_neither() {
    JsonPath page = Api.follow(token, Api.USAGE + "?filter=wallet_name+eq+'a%2Bb+c'");

    assertThat(page.getString("self.href")).contains("a%2Bb%20c").doesNotContain("+");
  }

  @Test
  void the_content_type_is_that_of_the_answer_alone() {
    for (String accept :
        List.of(
            "text/html, application/json;q=0.5",
            "application/hal+json;q=0.3, application/json;q=0.2")) {
      String type = accept.contains("hal") ? "application/hal+json" : "application/json";
      Api.as(token)
          .header("Accept", accept)
          .get(Api.USAGE)
          .then()
          .statusCode(200)
          .header("Content-Type", equalTo(type + ";charset=UTF-8"));
    }
  }
}
