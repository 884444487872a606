package io.usageapi.config;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.Config;

/**
 * Refuses to start without required settings, and names them. Without an issuer or an audience the
 * server would accept any, so both are required. An unreachable service does not stop the start.
 */
@ApplicationScoped
public class StartupChecks {
  static final int PRIORITY = 1;

  private final Config config;

  StartupChecks(Config config) {
    this.config = config;
  }

  void check(@Observes @Priority(PRIORITY) StartupEvent start) {
    List<String> problems = new ArrayList<>();
    require("quarkus.datasource.reactive.url", "the address of the database", problems);
    require("mp.jwt.verify.issuer", "the issuer of the tokens", problems);
    require("mp.jwt.verify.audiences", "the audience of the tokens", problems);
    if (isAbsent("mp.jwt.verify.publickey") && isAbsent("mp.jwt.verify.publickey.location")) {
      problems.add(
          "mp.jwt.verify.publickey.location or mp.jwt.verify.publickey is not set: the keys that"
              + " tokens are verified with");
    }
    if ("0".equals(config.getConfigValue("mp.jwt.verify.clock.skew").getValue())) {
      problems.add(
          "mp.jwt.verify.clock.skew must be at least 1 second: 0 would be read as a minute");
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(String.join("; ", problems), Set.of());
    }
  }

  private void require(String setting, String meaning, List<String> problems) {
    if (isAbsent(setting)) {
      problems.add(setting + " is not set: " + meaning);
    }
  }

  private boolean isAbsent(String setting) {
    String value = config.getConfigValue(setting).getValue();
    return value == null || value.isBlank();
  }
}
