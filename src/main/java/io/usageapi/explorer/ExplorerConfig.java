package io.usageapi.explorer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the explorer. */
@ConfigMapping(prefix = "usage-api.explorer")
public interface ExplorerConfig {
  /** Whether the explorer is served at {@code /explorer/}. */
  @WithDefault("true")
  boolean enabled();
}
