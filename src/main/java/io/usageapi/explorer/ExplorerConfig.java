package io.usageapi.explorer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The page on which people look at usage. */
@ConfigMapping(prefix = "usage-api.explorer")
public interface ExplorerConfig {
  /** Whether it is served, at {@code /explorer/}. */
  @WithDefault("true")
  boolean enabled();
}
