package io.usageapi.database.migration;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.usageapi.database.connection.DatabaseTls;
import io.usageapi.database.connection.PemFile;
import io.usageapi.database.connection.PemFile.UnusableException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Passes the database settings on to the JDBC driver of the migrations, so that each is set once.
 * As connection properties they also apply in a process that only migrates.
 */
public final class JdbcSettings implements ConfigSourceInterceptor {
  private static final long serialVersionUID = 1L;
  private static final String PROPERTIES = "quarkus.datasource.jdbc.additional-jdbc-properties.";

  /** The driver properties and the settings they come from. */
  private static final Map<String, String> SOURCES =
      Map.of(
          property("sslmode"), DatabaseTls.TLS,
          property("sslrootcert"), DatabaseTls.CA_FILE,
          property("sslcert"), DatabaseTls.CERTIFICATE_FILE,
          property("sslkey"), DatabaseTls.KEY_FILE,
          property("pemKeyAlgorithm"), DatabaseTls.KEY_FILE,
          property("options"), MigrationConnection.TRANSACTION_POOLER);

  /** The setting for a driver property. */
  public static String property(String name) {
    return PROPERTIES + name;
  }

  @Override
  public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
    String source = SOURCES.get(name);
    ConfigValue set = source == null ? null : context.proceed(source);
    if (set == null || set.getValue() == null) {
      return context.proceed(name);
    }
    String value = translate(name, set.getValue());
    return value == null ? context.proceed(name) : set.withName(name).withValue(value);
  }

  @Override
  public Iterator<String> iterateNames(ConfigSourceInterceptorContext context) {
    Set<String> names = new LinkedHashSet<>();
    context.iterateNames().forEachRemaining(names::add);
    SOURCES.forEach(
        (name, source) -> {
          if (getValue(context, name) != null) {
            names.add(name);
          }
        });
    return names.iterator();
  }

  private static String translate(String name, String value) {
    if (name.equals(property("sslmode"))) {
      String mode = value.toLowerCase(Locale.ROOT).replace('_', '-');
      return mode.equals("off") ? "disable" : mode;
    }
    if (name.equals(property("options"))) {
      // The role then has the deadline of pages, which is too short for a migration.
      return Boolean.parseBoolean(value) ? "-c statement_timeout=0" : null;
    }
    if (name.equals(property("pemKeyAlgorithm"))) {
      return algorithm(value);
    }
    return value;
  }

  private static String algorithm(String keyFile) {
    try {
      return PemFile.read(Path.of(keyFile)).privateKey().getAlgorithm();
    } catch (UnusableException | IllegalArgumentException e) {
      // DatabaseTls reports the problem.
      return null;
    }
  }
}
