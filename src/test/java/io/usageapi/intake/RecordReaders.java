package io.usageapi.intake;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.usageapi.months.MonthsConfig;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/** Readers of records without a server, with the settings' defaults. */
public final class RecordReaders {
  private RecordReaders() {}

  /** A reader at a time. */
  public static RecordReader at(Instant now) {
    SmallRyeConfig settings =
        new SmallRyeConfigBuilder()
            .addDiscoveredConverters()
            .withMapping(IntakeConfig.class)
            .withMapping(MonthsConfig.class)
            .withMappingIgnore("usage-api.**")
            .build();
    return new RecordReader(
        settings.getConfigMapping(IntakeConfig.class),
        settings.getConfigMapping(MonthsConfig.class),
        Clock.fixed(now, ZoneOffset.UTC));
  }
}
