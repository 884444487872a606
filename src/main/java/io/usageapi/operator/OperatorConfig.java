package io.usageapi.operator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the operator's commands run. */
@ConfigMapping(prefix = "usage-api.operator")
public interface OperatorConfig {
  /** How long one statement of a command may run in the database. */
  @WithDefault("5m")
  Duration statementTimeout();
}
