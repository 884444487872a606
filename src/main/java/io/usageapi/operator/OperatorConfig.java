package io.usageapi.operator;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the operator's commands. */
@ConfigMapping(prefix = "usage-api.operator")
public interface OperatorConfig {
  /** How long one statement of a command may run. */
  @WithDefault("5m")
  Duration statementTimeout();
}
