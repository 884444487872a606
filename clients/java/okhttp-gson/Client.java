import io.usageapi.client.ApiClient;
import io.usageapi.client.ApiException;
import io.usageapi.client.JSON;
import io.usageapi.client.api.IntakeApi;
import io.usageapi.client.api.UsageApi;
import io.usageapi.client.model.ErrorBody;
import io.usageapi.client.model.IntakeResult;
import io.usageapi.client.model.UsagePage;
import io.usageapi.client.model.UsageRecords;

/** The library "okhttp-gson". */
final class Client implements Walk.Calls {
  private final ApiClient client = new ApiClient();

  Client(String address, String token) {
    client.setBasePath(address);
    client.setBearerToken(token);
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

  private static Walk.Failure failure(ApiException e) {
    if (e.getResponseBody() == null) {
      throw new IllegalStateException(e);
    }
    return new Walk.Failure(e.getCode(), JSON.<ErrorBody>deserialize(e.getResponseBody(), ErrorBody.class));
  }
}
