package io.usageapi.http;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Starts the server. */
@QuarkusMain
public final class UsageApi {
  /**
   * The framework answers an address that is no URI before any code of ours, without a body and
   * without a request id. It leaves that to {@link RequestLimits} where this is set, which must be
   * before the framework's classes are.
   */
  private static final String NO_CHECK_BY_THE_FRAMEWORK = "vertx.disableURIValidation";

  private UsageApi() {}

  /** Starts the server; ends with it. */
  public static void main(String... args) {
    leaveAddressesToUs();
    Quarkus.run(args);
  }

  /** For whatever else starts the server. */
  public static void leaveAddressesToUs() {
    System.setProperty(NO_CHECK_BY_THE_FRAMEWORK, "true");
  }
}
