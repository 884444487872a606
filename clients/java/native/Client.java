import io.usageapi.client.ApiClient;
import io.usageapi.client.ApiException;
import io.usageapi.client.api.IntakeApi;
import io.usageapi.client.api.UsageApi;
import io.usageapi.client.model.ErrorBody;
import io.usageapi.client.model.IntakeResult;
import io.usageapi.client.model.UsagePage;
import io.usageapi.client.model.UsageRecords;

/** The library "native": the JDK's HTTP client and Jackson. */
final class Client implements Walk.Calls {
  private final ApiClient client = new ApiClient();

  Client(String address, String token) {
    client.updateBaseUri(address);
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
  }

  @Override
  public UsagePage page(String filter, String cursor) throws Walk.Failure {
    try {
      return new UsageApi(client).getMonthlyUsage(250, null, filter, null, null, cursor, null, null);
    } catch (ApiException e) {
      throw failure(e);
    }
  }

  @Override
  public IntakeResult send(UsageRecords records) throws Walk.Failure {
    try {
      return new IntakeApi(client).postUsageRecords(records, null);
    } catch (ApiException e) {
      throw failure(e);
    }
  }

  private Walk.Failure failure(ApiException e) {
    try {
      return new Walk.Failure(e.getCode(), client.getObjectMapper().readValue(e.getResponseBody(), ErrorBody.class));
    } catch (java.io.IOException unreadable) {
      throw new IllegalStateException(e.getResponseBody(), unreadable);
    }
  }
}
