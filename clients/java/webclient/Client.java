import io.usageapi.client.ApiClient;
import io.usageapi.client.api.IntakeApi;
import io.usageapi.client.api.UsageApi;
import io.usageapi.client.model.ErrorBody;
import io.usageapi.client.model.IntakeResult;
import io.usageapi.client.model.UsagePage;
import io.usageapi.client.model.UsageRecords;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** The library "webclient": Spring's, with Jackson. */
final class Client implements Walk.Calls {
  private final ApiClient client =
      new ApiClient(
          ApiClient.buildWebClientBuilder().codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(1 << 24)).build());

  Client(String address, String token) {
    client.setBasePath(address);
    client.setBearerToken(token);
  }

  @Override
  public UsagePage page(String filter, String cursor) throws Walk.Failure {
    try {
      return new UsageApi(client).getMonthlyUsage(250, null, filter, null, null, cursor, null, null).block();
    } catch (WebClientResponseException e) {
      throw new Walk.Failure(e.getStatusCode().value(), e.getResponseBodyAs(ErrorBody.class));
    }
  }

  @Override
  public IntakeResult send(UsageRecords records) throws Walk.Failure {
    try {
      return new IntakeApi(client).postUsageRecords(records, null).block();
    } catch (WebClientResponseException e) {
      throw new Walk.Failure(e.getStatusCode().value(), e.getResponseBodyAs(ErrorBody.class));
    }
  }
}
