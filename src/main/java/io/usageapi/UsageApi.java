package io.usageapi;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.usageapi.operator.Operator;
import io.usageapi.workaround.HeadLimits;

/** Starts the server, or with arguments runs an operator's command. */
@QuarkusMain
public final class UsageApi {
  /**
   * Without this the framework refuses an invalid URI before any code of ours runs, without a body
   * or a request id. {@link io.usageapi.http.RequestHead} refuses it instead. To be set before the
   * classes of the framework are loaded.
   */
  private static final String NO_CHECK_BY_THE_FRAMEWORK = "vertx.disableURIValidation";

  private UsageApi() {}

  /** Starts the server, or runs the command in the arguments; returns when it ends. */
  public static void main(String... args) {
    leaveAddressesToUs();
    HeadLimits.use();
    if (args.length == 0) {
      Quarkus.run();
    } else {
      Operator.start(args);
    }
  }

  /** Disables the URI check of the framework; every other way to start the server calls it too. */
  public static void leaveAddressesToUs() {
    System.setProperty(NO_CHECK_BY_THE_FRAMEWORK, "true");
  }
}
