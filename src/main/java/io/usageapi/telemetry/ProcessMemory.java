package io.usageapi.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Adds the memory of the process to the metrics, and the container's limit. A native executable
 * says nothing about its heap, so this is the one measure that it shares with the JVM.
 */
@Startup
@Singleton
public class ProcessMemory {
  private static final String STATUS = "/proc/self/status";
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final long KILOBYTE = 1024;

  /** Of cgroups, version 2 and 1. */
  private static final List<String> LIMITS =
      List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");

  private static final String UNLIMITED = "max";

  ProcessMemory(MeterRegistry registry) {
    gauge(
        registry,
        "process.resident.memory",
        "Resident memory of the process",
        ProcessMemory::resident);
    gauge(
        registry, "usage_api.memory.limit", "Memory limit of the container", ProcessMemory::limit);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, Supplier<Number> bytes) {
    Gauge.builder(name, bytes).description(description).baseUnit("bytes").register(registry);
  }

  /** In bytes; not a number where the system is not Linux. */
  static double resident() {
    try (Stream<String> lines = Files.lines(Path.of(STATUS))) {
      return lines
          .map(RESIDENT::matcher)
          .filter(Matcher::matches)
          .mapToDouble(found -> (double) (Long.parseLong(found.group(1)) * KILOBYTE))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException | UncheckedIOException e) {
      return Double.NaN;
    }
  }

  /** In bytes; not a number without a limit. */
  static double limit() {
    for (String file : LIMITS) {
      if (Files.isReadable(Path.of(file))) {
        return number(file);
      }
    }
    return Double.NaN;
  }

  private static double number(String file) {
    try {
      String bytes = Files.readString(Path.of(file)).strip();
      return bytes.equals(UNLIMITED) ? Double.NaN : (double) Long.parseLong(bytes);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
