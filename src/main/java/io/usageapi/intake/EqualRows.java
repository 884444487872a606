package io.usageapi.intake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Counts how often equal rows came in one body. The counts are kept in a temporary file behind a
 * small cache, so that the memory they take does not grow with the body.
 */
final class EqualRows implements AutoCloseable {
  private static final int CACHE_MEGABYTES = 4;
  private static final int WRITE_BUFFER_KILOBYTES = 1024;

  private final Path file;
  private final MVStore store;
  private final MVMap<UUID, Integer> counts;

  EqualRows() {
    try {
      file = Files.createTempFile("usage-api-rows", ".tmp");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    store =
        new MVStore.Builder()
            .fileName(file.toString())
            .cacheSize(CACHE_MEGABYTES)
            .autoCommitBufferSize(WRITE_BUFFER_KILOBYTES)
            .autoCommitDisabled()
            .open();
    store.setVersionsToKeep(0);
    counts = store.openMap("rows");
  }

  /** How many rows with this digest came before; counts this one. */
  int next(UUID digest) {
    Integer before = counts.get(digest);
    int count = before == null ? 0 : before;
    counts.put(digest, count + 1);
    return count;
  }

  @Override
  public void close() {
    store.closeImmediately();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
