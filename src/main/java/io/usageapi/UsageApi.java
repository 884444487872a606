package io.usageapi;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.usageapi.operator.Operator;
import io.usageapi.workaround.HeadLimits;

/** Starts the server, or with arguments runs an operator's command. */
@QuarkusMain
public final class UsageApi {
  /**
   * The framework answers an address that is no URI before any code of ours, without a body and
   * without a request id. It leaves that to {@link io.usageapi.http.RequestHead} where this is set,
   * which must be before the framework's classes are.
   */
  private static final String NO_CHECK_BY_THE_FRAMEWORK = "vertx.disableURIValidation";

  private UsageApi() {}

  /** Starts the server and ends with it; with arguments runs the command they say and ends. */
  public static void main(String... args) {
    leaveAddressesToUs();
    HeadLimits.use();
    if (args.length == 0) {
      Quarkus.run();
    } else {
      Operator.start(args);
    }
  }

  /** For whatever else starts the server. */
  public static void leaveAddressesToUs() {
    System.setProperty(NO_CHECK_BY_THE_FRAMEWORK, "true");
  }
}
