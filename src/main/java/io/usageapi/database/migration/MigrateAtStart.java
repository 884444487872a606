package io.usageapi.database.migration;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;

/**
 * Takes {@code quarkus.flyway.migrate-at-start} over from the framework, which migrates before the
 * server listens and does not start without the database. {@link Migrations} reads it as {@code
 * usage-api.database.migrate-at-start}. A process that only initializes and exits ({@code
 * quarkus.init-and-exit}) is left to the framework and {@link MigrationJob}: it should fail without
 * the database, and be run again.
 */
public final class MigrateAtStart implements ConfigSourceInterceptor {
  private static final long serialVersionUID = 1L;
  private static final String STANDARD = "quarkus.flyway.migrate-at-start";
  static final String INIT_AND_EXIT = "quarkus.init-and-exit";
  private static final String OURS = "usage-api.database.migrate-at-start";

  @Override
  public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
    if (name.equals(STANDARD)) {
      ConfigValue standard = context.proceed(STANDARD);
      return standard == null || isInitAndExit(context) ? standard : standard.withValue("false");
    }
    if (name.equals(OURS)) {
      ConfigValue standard = context.proceed(STANDARD);
      return standard == null ? null : standard.withName(OURS);
    }
    return context.proceed(name);
  }

  private static boolean isInitAndExit(ConfigSourceInterceptorContext context) {
    ConfigValue set = context.proceed(INIT_AND_EXIT);
    return set != null && Boolean.parseBoolean(set.getValue());
  }
}
