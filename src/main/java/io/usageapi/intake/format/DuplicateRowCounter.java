package io.usageapi.intake.format;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Counts equal rows of one body. The counts are in a temporary file behind a small cache, so the
 * memory they take is bounded. The file is deleted once it is open, so nothing is left of it
 * however the process ends.
 */
final class DuplicateRowCounter implements AutoCloseable {
  private static final int CACHE_MEGABYTES = 4;
  private static final int WRITE_BUFFER_KILOBYTES = 1024;

  /** How many rows to read between checks of the file size. */
  private static final int ROWS_BETWEEN_CHECKS = 1024;

  private final long maxBytes;
  private final MVStore store;
  private final MVMap<UUID, Integer> counts;
  private int rows;

  /**
   * Creates the file.
   *
   * @param maxBytes the most disk space it may take
   */
  DuplicateRowCounter(long maxBytes) {
    this.maxBytes = maxBytes;
    Path file = null;
    try {
      file = Files.createTempFile("usage-api-rows", ".tmp");
      store =
          new MVStore.Builder()
              .fileName(file.toString())
              .cacheSize(CACHE_MEGABYTES)
              .autoCommitBufferSize(WRITE_BUFFER_KILOBYTES)
              .autoCommitDisabled()
              .open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      unlink(file);
    }
    store.setVersionsToKeep(0);
    counts = store.openMap("rows");
  }

  private static void unlink(Path file) {
    if (file != null) {
      try {
        Files.delete(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Counts a row, and returns how many equal rows came before it.
   *
   * @throws ApiException 413 if the file takes too much disk space
   */
  int next(UUID digest) {
    rows++;
    if (rows % ROWS_BETWEEN_CHECKS == 0 && store.getFileStore().size() > maxBytes) {
      throw ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "The file has more rows than can be told apart here: it takes more than "
              + maxBytes
              + " bytes to keep them in mind. Records before row "
              + rows
              + " may have been taken in; send the file in parts.");
    }
    int count = counts.getOrDefault(digest, 0);
    counts.put(digest, count + 1);
    return count;
  }

  @Override
  public void close() {
    store.closeImmediately();
  }
}
