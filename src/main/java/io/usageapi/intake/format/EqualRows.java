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
 * Counts how often equal rows came in one body. The counts are kept in a temporary file behind a
 * small cache, so that the memory they take does not grow with the body. The file has no name once
 * it is open: when the process ends, however it ends, nothing is left of it.
 */
final class EqualRows implements AutoCloseable {
  private static final int CACHE_MEGABYTES = 4;
  private static final int WRITE_BUFFER_KILOBYTES = 1024;

  /** After how many rows the size of the file is looked at. */
  private static final int ROWS_BETWEEN_LOOKS = 1024;

  private final long maxBytes;
  private final MVStore store;
  private final MVMap<UUID, Integer> counts;
  private int rows;

  /**
   * Creates the file.
   *
   * @param maxBytes the most it may take of the disk
   */
  EqualRows(long maxBytes) {
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
   * How many rows with this digest came before; counts this one.
   *
   * @throws ApiException 413 when the rows take more of the disk than they may
   */
  int next(UUID digest) {
    rows++;
    if (rows % ROWS_BETWEEN_LOOKS == 0 && store.getFileStore().size() > maxBytes) {
      throw ApiException.of(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "The file has more rows than can be told apart here: it takes more than "
              + maxBytes
              + " bytes to keep them in mind. Records before row "
              + rows
              + " may have been taken in; send the file in parts.");
    }
    Integer before = counts.get(digest);
    int count = before == null ? 0 : before;
    counts.put(digest, count + 1);
    return count;
  }

  @Override
  public void close() {
    store.closeImmediately();
  }
}
