import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.usageapi.client.api.IntakeApi;
import io.usageapi.client.api.UsageApi;
import io.usageapi.client.model.ErrorBody;
import io.usageapi.client.model.IntakeResult;
import io.usageapi.client.model.UsagePage;
import io.usageapi.client.model.UsageRecords;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.net.URI;

/** Quarkus's own generator: interfaces of the REST client. */
final class Client implements Walk.Calls {
  /** The walk as a Quarkus application. */
  @QuarkusMain
  public static final class Application implements QuarkusApplication {
    public static void main(String... arguments) {
      Quarkus.run(Application.class, arguments);
    }

    @Override
    public int run(String... arguments) throws Exception {
      Walk.main(arguments);
      return 0;
    }
  }

  private final URI address;
  private final ClientRequestFilter token;

  Client(String address, String token) {
    this.address = URI.create(address);
    this.token = request -> request.getHeaders().putSingle("Authorization", "Bearer " + token);
  }

  private <T> T api(Class<T> type) {
    return QuarkusRestClientBuilder.newBuilder().baseUri(address).register(token).build(type);
  }

  @Override
  public UsagePage page(String filter, String cursor) throws Walk.Failure {
    try {
      return api(UsageApi.class).getMonthlyUsage(250, null, filter, null, null, cursor, null, null);
    } catch (WebApplicationException e) {
      throw failure(e);
    }
  }

  @Override
  public IntakeResult send(UsageRecords records) throws Walk.Failure {
    try {
      return api(IntakeApi.class).postUsageRecords(records, null);
    } catch (WebApplicationException e) {
      throw failure(e);
    }
  }

  private static Walk.Failure failure(WebApplicationException e) {
    return new Walk.Failure(e.getResponse().getStatus(), e.getResponse().readEntity(ErrorBody.class));
  }
}
